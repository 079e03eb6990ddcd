import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { Part, Seal } from '../../../src/ir/part.ts'
import type { Fields } from '../../../src/lib/json.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'
import { wrapSealsAsBytes } from '../../../src/protocols/shared/seal.ts'
import { decode, recode } from './requests.ts'

const signature = (value: string): Seal => ({ maker: 'gemini', kind: 'thought-signature', value })
const foreign: Seal = { maker: 'anthropic', kind: 'signature', value: 'S' }

/** A body in snake_case wherever a name is not the user's own, and the same in camelCase. */
const SNAKE = {
  system_instruction: { parts: { text: 'be kind' } },
  contents: [
    { role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] },
    { role: 'model', parts: [{ function_call: { name: 'f', args: { my_arg: 1 } }, thought_signature: 'S' }] },
    { role: 'user', parts: [{ function_response: { name: 'f', response: { my_field: { in_it: 1 } } } }] },
  ],
  tools: [
    { function_declarations: [{ name: 'f', parameters_json_schema: { type: 'object', properties: { my_arg: {} } } }] },
  ],
  tool_config: { function_calling_config: { mode: 'any', allowed_function_names: ['f'] } },
  generation_config: {
    max_output_tokens: 7,
    top_p: 0.5,
    thinking_config: { include_thoughts: true, thinking_budget: 9 },
  },
  safety_settings: null,
}
const CAMEL = {
  systemInstruction: { parts: [{ text: 'be kind' }] },
  contents: [
    { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] },
    { role: 'model', parts: [{ functionCall: { name: 'f', args: { my_arg: 1 } }, thoughtSignature: 'S' }] },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response: { my_field: { in_it: 1 } } } }] },
  ],
  tools: [
    { functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', properties: { my_arg: {} } } }] },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
  generationConfig: { maxOutputTokens: 7, topP: 0.5, thinkingConfig: { includeThoughts: true, thinkingBudget: 9 } },
}

test('both spellings of the names mean the same, and names of the user’s own stay', () => {
  const { extras: _snake, ...snake } = gemini.decodeRequest(SNAKE)
  const { extras: _camel, ...camel } = gemini.decodeRequest(CAMEL)
  expect(snake).toEqual(camel)
  expect(snake.tools[0]?.schema).toEqual({ type: 'object', properties: { my_arg: {} } })
  expect(recode(CAMEL)).toEqual({ ...CAMEL, systemInstruction: { role: 'user', ...CAMEL.systemInstruction } })
})

test.each<[string, unknown]>([
  ['a string', 'hi'],
  ['a list of strings', ['hi']],
  ['one content', { parts: [{ text: 'hi' }] }],
  ['a content whose parts are one part', [{ role: 'user', parts: { text: 'hi' } }]],
  ['a content without a role', [{ parts: [{ text: 'hi' }] }]],
  ['a part alone', [{ text: 'hi' }]],
  ['a part that is no thought', [{ role: 'user', parts: [{ text: 'hi', thought: false }] }]],
])('contents may be %s', (_name, contents) => {
  expect(gemini.decodeRequest({ contents }).turns).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }])
})

test('a question for its number of tokens wraps the request', () => {
  expect(gemini.decodeRequest({ generateContentRequest: { model: 'models/m', ...CAMEL } })).toEqual(
    gemini.decodeRequest(CAMEL),
  )
})

test.each<[string, Fields, string]>([
  ['no contents', {}, 'contents: is empty'],
  ['an empty list', { contents: [] }, 'contents: is empty'],
  ['another role', { contents: [{ role: 'assistant', parts: [] }] }, "contents.0.role: must be 'user' or 'model'"],
  ['a number for a text', { contents: [{ parts: [{ text: 1 }] }] }, 'contents.0.parts.0.text: must be a string'],
  ['a number for a part', { contents: [{ parts: [1] }] }, 'contents.0.parts.0: must be an object'],
  [
    'a nameless call',
    { contents: [{ parts: [{ functionCall: {} }] }] },
    'contents.0.parts.0.functionCall.name: must be',
  ],
  [
    'a nameless tool',
    { contents: 'a', tools: [{ functionDeclarations: [{}] }] },
    'tools.0.functionDeclarations.0.name',
  ],
  ['an unknown mode', { contents: 'a', toolConfig: { functionCallingConfig: { mode: 'X' } } }, 'mode: must be AUTO'],
  [
    'a word for a number',
    { contents: 'a', generationConfig: { topP: 'x' } },
    'generationConfig.topP: must be a number',
  ],
])('%s is refused, and the path named', (_name, body, message) => {
  expect(() => gemini.decodeRequest(body)).toThrow(Fault)
  expect(() => gemini.decodeRequest(body)).toThrow(message)
})

describe('the model’s turn', () => {
  test.each<[string, readonly Fields[], readonly Part[]]>([
    [
      'joins the chunks of a thought up to the one that is sealed',
      [
        { text: 'a', thought: true },
        { text: 'b', thought: true, thoughtSignature: 'S' },
        { text: 'c', thought: true },
      ],
      [
        { type: 'reasoning', text: 'ab', seals: [signature('S')] },
        { type: 'reasoning', text: 'c' },
      ],
    ],
    [
      'joins the chunks of a text, the blank ones too, and gives it the signature that comes after',
      [{ text: 'a' }, { text: '\n\n' }, { text: 'b' }, { text: '', thoughtSignature: 'S' }, { text: 'c' }],
      [
        { type: 'text', text: 'a\n\nb', seals: [signature('S')] },
        { type: 'text', text: 'c' },
      ],
    ],
    [
      'unwraps the seals of others',
      [
        { text: 'a', thought: true },
        { text: '', thought: true, thoughtSignature: wrapSealsAsBytes({ seals: [foreign] }) },
      ],
      [{ type: 'reasoning', text: 'a', seals: [foreign] }],
    ],
    [
      'leaves a signature with its call',
      [{ functionCall: { id: 'i', name: 'f', args: { a: 1 } }, thoughtSignature: 'S' }],
      [{ type: 'tool-call', id: 'i', name: 'f', kind: 'function', input: '{"a":1}', seals: [signature('S')] }],
    ],
  ])('%s, in one content and in one each', (_name, parts, expected) => {
    const user = { role: 'user', parts: [{ text: 'hi' }] }
    const whole = gemini.decodeRequest({ contents: [user, { role: 'model', parts }] })
    const chunks = gemini.decodeRequest({
      contents: [user, ...parts.map((part) => ({ role: 'model', parts: [part] }))],
    })
    expect(whole.turns[1]).toEqual({ role: 'assistant', parts: expected })
    expect(chunks).toEqual(whole)
  })
})

test.each<[unknown, string]>([
  [{ output: 'a' }, 'a'],
  [{ result: 'a' }, 'a'],
  [{ error: 'a' }, 'a'],
  [{ content: 'a' }, 'a'],
  [{ result: { b: 1 } }, '{"b":1}'],
  [{ temperature: '71' }, '{"temperature":"71"}'],
  [{ output: 'a', exitCode: 1 }, '{"output":"a","exitCode":1}'],
])('the response %j says %p, and goes back as it was', (response, said) => {
  const functionResponse = { name: 'f', response, parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] }
  const contents = [
    { role: 'user', parts: [{ text: 'hi' }] },
    { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
    { role: 'user', parts: [{ functionResponse }, { inlineData: { mimeType: 'image/png', data: 'BB==' } }] },
  ]
  const [, , turn] = gemini.decodeRequest({ contents }).turns
  expect(turn?.parts).toMatchObject([
    { type: 'tool-result', callId: '', name: 'f', content: [{ type: 'text', text: said }, { type: 'media' }] },
    { type: 'media', source: { data: 'BB==' } },
  ])
  expect(recode({ contents })['contents']).toEqual(contents)
})

test.each<[string, Fields]>([
  [
    'a schema in Gemini’s own words',
    {
      tools: [
        {
          functionDeclarations: [
            { name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } } },
          ],
        },
      ],
    },
  ],
  [
    'a tool’s answer schema',
    { tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING', responseJsonSchema: {} }] }] },
  ],
  ['Google’s own tools', { tools: [{ googleSearch: { timeRangeFilter: {} } }, { codeExecution: {} }] }],
  [
    'the mode VALIDATED',
    { toolConfig: { functionCallingConfig: { mode: 'VALIDATED' }, retrievalConfig: { languageCode: 'en' } } },
  ],
  [
    'an answer schema in Gemini’s own words',
    {
      generationConfig: {
        responseMimeType: 'application/json',
        responseSchema: { type: 'ARRAY', items: { type: 'STRING' } },
      },
    },
  ],
  [
    'a choice of words',
    { generationConfig: { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } } },
  ],
  [
    'a level that says nothing',
    { generationConfig: { thinkingConfig: { thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' } } },
  ],
  [
    'what only Gemini knows',
    {
      generationConfig: { responseModalities: ['TEXT'], candidateCount: 1, speechConfig: {} },
      safetySettings: [],
      labels: { a: 'b' },
    },
  ],
  [
    'a film from its second minute',
    {
      contents: [
        {
          role: 'user',
          parts: [
            {
              fileData: { mimeType: 'video/mp4', fileUri: 'https://youtu.be/x' },
              videoMetadata: { startOffset: '60s' },
            },
          ],
        },
      ],
    },
  ],
])('%s goes back as it was', (_name, body) => {
  expect(recode(body)).toEqual({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...body })
})

test.each<[Fields, unknown]>([
  [{ thinkingBudget: 0 }, { mode: 'off' }],
  [
    { thinkingBudget: -1, includeThoughts: true },
    { mode: 'auto', show: 'auto' },
  ],
  [
    { thinkingBudget: 2000, includeThoughts: false },
    { mode: 'on', budgetTokens: 2000, show: 'hidden' },
  ],
  [{ thinkingLevel: 'HIGH' }, { mode: 'on', level: 'high' }],
  [{ includeThoughts: true }, { mode: 'auto', show: 'auto' }],
  [{ includeThoughts: false }, undefined],
])('the thinking that %j asks for', (thinkingConfig, expected) => {
  const { reasoning }: { reasoning?: unknown } = decode({ generationConfig: { thinkingConfig } })
  expect(reasoning).toEqual(expected)
})

test('a cache of Google’s is refused for another vendor’s model, and kept for Google’s', () => {
  const request = decode({ cachedContent: 'cachedContents/1' }, 'm')
  expect(() => anthropic.encodeRequest(request, () => {})).toThrow('cachedContent: the cache is kept by Google')
  expect(recode({ cachedContent: 'cachedContents/1' })).toMatchObject({ cachedContent: 'cachedContents/1' })
})
