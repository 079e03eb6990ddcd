import type { Protocol } from '../../src/ir/protocol.ts'
import type { Fields } from '../../src/lib/json.ts'
import { ask } from '../kit/requests.ts'

/** What is wrong, the fields that make it so, and what the client is told. */
type WrongBody = readonly [name: string, own: Fields, message: string]

const notArray = 'it must be an array that is not empty.'
const notObject = 'it must be an object.'

const MODELS: readonly WrongBody[] = [
  ['an empty model', { model: '' }, "The field 'model' is empty: name the model to ask."],
  ['a model that is none', { model: 5 }, "The field 'model' is 5: it must be a string."],
]

const SAMPLING: readonly WrongBody[] = [
  ['a hot temperature', { temperature: 'hot' }, 'The field \'temperature\' is "hot": it must be a number.'],
  ['tools in an object', { tools: {} }, "The field 'tools' is {}: it must be an array."],
  ['a tool in a string', { tools: [{}, 'x'] }, `The field 'tools.1' is "x": ${notObject}`],
  ['a wish for a stream in words', { stream: 'yes' }, 'The field \'stream\' is "yes": it must be true or false.'],
]

const MESSAGES: readonly WrongBody[] = [
  ['no messages', { messages: undefined }, "The field 'messages' is missing: add it."],
  ['messages in a string', { messages: 'hi' }, `The field 'messages' is "hi": ${notArray}`],
  ['empty messages', { messages: [] }, `The field 'messages' is []: ${notArray}`],
  ['a message in a string', { messages: ['hi'] }, `The field 'messages.0' is "hi": ${notObject}`],
  ['a message without a role', { messages: [{ content: 'x' }] }, "The field 'messages.0.role' is missing: add it."],
  ['no room to answer', { max_tokens: -1 }, "The field 'max_tokens' is -1: it must be a whole number from 1 up."],
]

const WRONG: Readonly<Record<Protocol, readonly WrongBody[]>> = {
  anthropic: [...MODELS, ...MESSAGES, ...SAMPLING],
  'openai-chat': [...MODELS, ...MESSAGES, ...SAMPLING],
  'openai-responses': [
    ...MODELS,
    ...SAMPLING,
    ['input in a number', { input: 5 }, "The field 'input' is 5: it must be a string or an array."],
    ['an item in a string', { input: ['hi'] }, `The field 'input.0' is "hi": ${notObject}`],
    [
      'no room to answer',
      { max_output_tokens: 0 },
      "The field 'max_output_tokens' is 0: it must be a whole number from 1 up.",
    ],
    ['instructions in a list', { instructions: [] }, "The field 'instructions' is []: it must be a string."],
    ['a text that is none', { text: 'long' }, `The field 'text' is "long": ${notObject}`],
  ],
  gemini: [
    ['an empty model', { model: '' }, "The field 'model' is empty: name the model to ask."],
    ['no contents', { contents: undefined }, "The field 'contents' is missing: add it."],
    ['empty contents', { contents: [] }, `The field 'contents' is []: ${notArray.slice(0, -1)} or an object.`],
    ['a content in a string', { contents: ['hi'] }, `The field 'contents.0' is "hi": ${notObject}`],
    ['a setting in a string', { generationConfig: 'x' }, `The field 'generationConfig' is "x": ${notObject}`],
    [
      'a setting in a string, in the other spelling',
      { generation_config: 'x' },
      `The field 'generation_config' is "x": ${notObject}`,
    ],
    ['a tool in a string', { tools: [{}, 'x'] }, `The field 'tools.1' is "x": ${notObject}`],
  ],
}

/** Requests of the protocol that are wrong in one place, and what the client is told. */
export function wrongBodies(protocol: Protocol): readonly (readonly [string, Fields, string])[] {
  return WRONG[protocol].map(([name, own, message]) => [name, own, message])
}

/** Requests that lack what names the rest. */
export function nearMisses(protocol: Protocol): readonly (readonly [string, unknown, string])[] {
  if (protocol === 'gemini') {
    const { contents } = ask(protocol)
    return [
      [
        'contents by another name',
        { content: contents },
        "The field 'contents' is missing: did you mean it by 'content'?",
      ],
    ]
  }
  return [
    ['no model', { messages: [] }, "The field 'model' is missing: add it."],
    ['a model by another name', { modle: 'm' }, "The field 'model' is missing: did you mean it by 'modle'?"],
  ]
}
