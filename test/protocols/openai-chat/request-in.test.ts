import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { encodeRequest as encode, HELLO } from './requests.ts'

/** A Chat request as an upstream of this protocol would see it after a trip through the IR. */
function roundTrip(body: JsonObject): JsonObject {
  return encode(openaiChat.decodeRequest(body))
}

function faultOf(body: JsonObject): string {
  try {
    openaiChat.decodeRequest(body)
  } catch (error) {
    return error instanceof Fault ? `${error.kind} ${error.param}: ${error.message}` : String(error)
  }
  return 'no fault'
}

describe('a bad request is told what, where and how', () => {
  test.each([
    [{}, 'messages: is missing: give a list of messages.'],
    [
      { input: 'Hi' },
      'messages: is missing; this is a body for /v1/responses (it has input or instructions). Give messages here.',
    ],
    [{ messages: [] }, 'messages: is empty: give at least one message.'],
    [{ messages: 'Hi' }, 'messages: must be a list of messages, not a string.'],
    [{ messages: [null] }, 'messages.0: must be an object, not null.'],
    [
      { messages: [{ role: 'robot', content: 'x' }] },
      "messages.0.role: must be system, developer, user, assistant or tool, not 'robot'.",
    ],
    [
      { messages: [...HELLO, { role: 'user' }] },
      'messages.1.content: must be a string or a list of content parts, not missing.',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
      'messages.0.content.0.text: must be a string, not a number.',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages.0.content.0.image_url.url: must be a URL, not missing.',
    ],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: {} }] }] },
      "messages.0.tool_calls.0.function.name: must be the tool's name, not missing.",
    ],
    [{ messages: HELLO, tools: [{ type: 'function' }] }, 'tools.0.function: must be an object, not missing.'],
    [{ messages: HELLO, temperature: 'hot' }, 'temperature: must be a number, not a string.'],
    [{ messages: HELLO, stop: ['a', 1] }, 'stop.1: must be a string, not a number.'],
    [
      { messages: HELLO, response_format: { type: 'xml' } },
      `response_format.type: must be 'text', 'json_object' or 'json_schema', not "xml".`,
    ],
    [
      { messages: HELLO, tool_choice: 'maybe' },
      `tool_choice: must be 'auto', 'none', 'required' or an object that names a tool, not "maybe".`,
    ],
  ])('%j', (body, message) => {
    expect(faultOf({ model: 'm', ...body })).toBe(
      `invalid-request ${message.slice(0, message.indexOf(':'))}: ${message}`,
    )
  })

  test('a missing model', () => {
    expect(faultOf({ messages: HELLO })).toBe('invalid-request model: model: must be the name of a model, not missing.')
  })
})

describe('a client of this protocol', () => {
  const TOOL = {
    type: 'function',
    function: { name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: true },
    cache_control: { type: 'ephemeral' },
  }
  test.each([
    [
      'plain fields and unknown ones',
      {
        n: 2,
        logprobs: true,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        seed: 1,
        service_tier: 'flex',
        venice_parameters: { a: 1 },
      },
    ],
    ['its word for the limit', { max_completion_tokens: 5 }],
    ['its older word for the limit', { max_tokens: 5 }],
    ['one stop sequence as a string', { stop: 'END' }],
    ['its word for the user', { safety_identifier: 's', user: 'u' }],
    ["OpenRouter's reasoning", { reasoning: { max_tokens: 2000, exclude: true } }],
    ["Kimi's thinking", { thinking: { type: 'disabled' } }],
    ["Qwen's switch", { enable_thinking: true }],
    ['an effort that nobody else knows', { reasoning_effort: 'default' }],
    [
      'a format',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
      },
    ],
    [
      'tools',
      {
        tools: [TOOL, { type: 'web_search' }],
        tool_choice: { type: 'function', function: { name: 'f' } },
        parallel_tool_calls: false,
      },
    ],
    [
      'some allowed tools',
      {
        tools: [TOOL, { type: 'custom', custom: { name: 'g', format: { type: 'text' } } }],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'auto',
            tools: [
              { type: 'function', function: { name: 'f' } },
              { type: 'custom', custom: { name: 'g' } },
            ],
          },
        },
      },
    ],
  ])('gets %s to its vendor as it wrote them', (_, fields) => {
    const body = { model: 'm', messages: HELLO, ...fields }
    expect(roundTrip(body)).toEqual(body)
  })

  const IMAGE = { type: 'image_url', image_url: { url: 'https://x/y.png', detail: 'low' } }
  const CALL = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }
  const ANSWERED = [
    ...HELLO,
    { role: 'assistant', content: 'So', reasoning_content: 'Hmm', tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'a', content: 'ok' },
  ]
  test.each([
    [
      'system and developer words',
      [
        { role: 'system', content: 'a' },
        { role: 'developer', content: 'b', name: 'n' },
        ...HELLO,
        { role: 'system', content: 'c' },
      ],
    ],
    [
      'parts with cache marks',
      [
        {
          role: 'user',
          content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }, IMAGE],
        },
      ],
    ],
    ['a cache mark on the message', [{ role: 'user', content: 'a', cache_control: { type: 'ephemeral' } }]],
    ['a tool round with thinking', ANSWERED],
    [
      'thinking in details',
      [
        ...HELLO,
        { role: 'assistant', content: 'x', reasoning_details: [{ type: 'reasoning.encrypted', data: 'abc' }] },
        ...HELLO,
      ],
    ],
    [
      "Mistral's thinking",
      [
        ...HELLO,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 't' }] },
            { type: 'text', text: 'x' },
          ],
        },
        ...HELLO,
      ],
    ],
    ['a refusal', [...HELLO, { role: 'assistant', content: null, refusal: 'No.' }, ...HELLO]],
    [
      'parts of vendors',
      [
        {
          role: 'user',
          content: [
            { type: 'video_url', video_url: { url: 'https://x/y.mp4' } },
            { type: 'document_url', document_url: 'https://x/y.pdf' },
            { type: 'input_audio', input_audio: 'AAAA' },
            { type: 'something', x: 1 },
          ],
        },
      ],
    ],
    [
      'a file',
      [
        {
          role: 'user',
          content: [{ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } }],
        },
      ],
    ],
  ])('gets %s to its vendor as it wrote them', (_, messages) => {
    expect(roundTrip({ model: 'm', messages })).toEqual({ model: 'm', messages })
  })

  test('may use the older functions, which become tools', () => {
    const functions = [{ name: 'f', parameters: { type: 'object', properties: {} } }]
    const messages = [
      ...HELLO,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'ok' },
    ]
    expect(roundTrip({ model: 'm', messages, functions, function_call: { name: 'f' } })).toMatchObject({
      messages: [
        {},
        { tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'call_0', content: 'ok' },
      ],
      tools: [{ type: 'function', function: functions[0] }],
      tool_choice: { type: 'function', function: { name: 'f' } },
    })
  })

  test('is overruled where the gateway sets the thinking', () => {
    const request = openaiChat.decodeRequest({ model: 'm', messages: HELLO, reasoning: { effort: 'low' } })
    expect(encode({ ...request, reasoning: { mode: 'on', level: 'high' } })).toEqual({
      model: 'm',
      messages: HELLO,
      reasoning_effort: 'high',
    })
  })

  test.each([
    [{ tool_choice: 'any' }, { tool_choice: 'required' }],
    [{ tool_choice: { type: 'auto' } }, { tool_choice: 'auto' }],
    [{ tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }] }, {}],
    [
      { max_tokens: -1, stop: [''] },
      { max_tokens: -1, stop: [''] },
    ],
  ])('may say %j', (fields, expected) => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
    expect(roundTrip({ model: 'm', messages: HELLO, tools, ...fields })).toEqual({
      model: 'm',
      messages: HELLO,
      tools,
      ...expected,
    })
  })

  test('always has usage asked for with a stream', () => {
    const body = {
      model: 'm',
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: false, include_obfuscation: false },
    }
    expect(roundTrip(body)).toEqual({ ...body, stream_options: { include_usage: true, include_obfuscation: false } })
  })
})
