import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { Loss } from '../../../src/ir/codec.ts'
import type { Part, Seal } from '../../../src/ir/part.ts'
import type { ModelRequest, ReasoningRequest } from '../../../src/ir/request.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { unwrapSeals, wrapSeals } from '../../../src/protocols/shared/seal.ts'

const HELLO = [{ role: 'user', content: 'Hello' }]

/** A request as another protocol's client would have made it. */
function foreign(request: Partial<ModelRequest>): ModelRequest {
  const turns = [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }] as const
  return { model: 'm', stream: false, system: [], turns, tools: [], hosted: [], sampling: {}, ...request }
}

function encode(request: ModelRequest, losses: Loss[] = []): JsonObject {
  const body: unknown = JSON.parse(JSON.stringify(openaiChat.encodeRequest(request, (loss) => losses.push(loss))))
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

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

describe('seals of other vendors', () => {
  const SIGNATURE: Seal = { maker: 'anthropic', kind: 'signature', value: 'c2ln' }
  const wrapped = (text?: string): object => ({
    type: 'reasoning.encrypted',
    format: 'cliproxy',
    index: 0,
    data: wrapSeals({ seals: [SIGNATURE], text }),
  })

  test('come back with the thinking that they belong to, once', () => {
    const message = { role: 'assistant', content: 'x', reasoning_content: 'Hmm', reasoning_details: [wrapped('Hmm')] }
    const { turns } = openaiChat.decodeRequest({ model: 'm', messages: [...HELLO, message, ...HELLO] })
    expect(turns[1]?.parts).toEqual([
      { type: 'reasoning', text: 'Hmm', seals: [SIGNATURE] },
      { type: 'text', text: 'x' },
    ])
  })

  test('of a text come back to the text', () => {
    const { turns } = openaiChat.decodeRequest({
      model: 'm',
      messages: [...HELLO, { role: 'assistant', content: 'x', reasoning_details: [wrapped()] }, ...HELLO],
    })
    expect(turns[1]?.parts).toEqual([{ type: 'text', text: 'x', seals: [SIGNATURE] }])
  })

  test('of a call come back to the call', () => {
    const call = {
      id: 'a',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: wrapSeals({ seals: [SIGNATURE] }) } },
    }
    const { turns } = openaiChat.decodeRequest({
      model: 'm',
      messages: [...HELLO, { role: 'assistant', tool_calls: [call] }],
    })
    expect(turns[1]?.parts[0]?.seals).toEqual([SIGNATURE])
  })

  test('never reach a vendor of this protocol, and neither does their thinking', () => {
    const losses: Loss[] = []
    const parts: readonly Part[] = [
      { type: 'reasoning', text: 'Secret', seals: [SIGNATURE] },
      { type: 'text', text: 'x' },
    ]
    const body = encode(foreign({ turns: [{ role: 'assistant', parts }] }), losses)
    expect(body['messages']).toEqual([{ role: 'assistant', content: 'x' }])
    expect(losses).toEqual([{ path: 'turns.0.parts.0', reason: 'foreign-reasoning' }])
    expect(unwrapSeals('EvAB')).toBeUndefined()
  })
})

describe('a client of another protocol', () => {
  test.each([
    ['gpt-4o', { max_tokens: 7 }],
    ['llama-3', { max_tokens: 7 }],
    ['o3-mini', { max_completion_tokens: 7 }],
    ['openai/gpt-5.1-codex', { max_completion_tokens: 7 }],
    ['gpt-oss-120b', { max_tokens: 7 }],
  ])('of the model %s has the limit named as the model takes it', (model, limit) => {
    expect(encode(foreign({ model, sampling: { maxTokens: 7 } }))).toMatchObject(limit)
  })

  test.each<[ReasoningRequest, string | undefined]>([
    [{ mode: 'off' }, 'none'],
    [{ mode: 'auto' }, undefined],
    [{ mode: 'auto', level: 'medium' }, 'medium'],
    [{ mode: 'on', budgetTokens: 1024 }, 'low'],
    [{ mode: 'on', budgetTokens: 30_000, level: 'max' }, 'max'],
  ])('asks for thinking %j as an effort', (reasoning, effort) => {
    expect(encode(foreign({ reasoning }))['reasoning_effort']).toBe(effort)
  })

  test('has its tool results first, each as a message, and what they show after them', () => {
    const image = { type: 'media', kind: 'image', source: { type: 'base64', mime: 'image/png', data: 'AAAA' } } as const
    const call = { type: 'tool-call', id: 'a', name: 'f', kind: 'function', input: '' } as const
    const result = {
      type: 'tool-result',
      callId: 'a',
      kind: 'function',
      isError: true,
      content: [{ type: 'text', text: '1' }, { type: 'text', text: '2' }, image],
    } as const
    const losses: Loss[] = []
    const turns = [
      { role: 'assistant', parts: [call] },
      { role: 'user', parts: [{ type: 'text', text: 'And?' }, result] },
    ] as const
    expect(encode(foreign({ turns }), losses)['messages']).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '1\n2' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: 'And?' },
        ],
      },
    ])
    expect(losses.map(({ reason }) => reason)).toEqual(['tool-error', 'tool-result-media'])
  })

  test("has its system prompt as one text, without its own vendor's accounting", () => {
    const texts = ['x-anthropic-billing-header: cc_version=1', 'One.', 'Two.'].map(
      (text) => ({ type: 'text', text }) as const,
    )
    expect(encode(foreign({ system: [{ role: 'system', parts: texts }] }))['messages']).toEqual([
      { role: 'system', content: 'One.\n\nTwo.' },
      ...HELLO,
    ])
  })

  test('loses what this protocol has no word for, and is told', () => {
    const losses: Loss[] = []
    const request = foreign({
      sampling: { topK: 5, stop: ['a', 'b', 'c', 'd', 'e'] },
      hosted: [{ protocol: 'anthropic', value: { type: 'web_search_20250305', name: 'web_search' } }],
      toolChoice: { mode: 'required', tools: ['web_search'] },
      extras: { anthropic: { context_management: {}, $own: 1 } },
    })
    expect(encode(request, losses)).toEqual({ model: 'm', messages: HELLO, stop: ['a', 'b', 'c', 'd'] })
    expect(losses).toEqual([
      { path: 'extras.anthropic.context_management', reason: 'foreign-field' },
      { path: 'hosted.0', reason: 'hosted-tool' },
      { path: 'toolChoice', reason: 'no-tools' },
      { path: 'sampling.topK', reason: 'top-k' },
      { path: 'sampling.stop', reason: 'stop-count' },
    ])
  })

  test('has long names and schemas without a type made to fit', () => {
    const name = `mcp__server__${'x'.repeat(80)}`
    const body = encode(
      foreign({ tools: [{ kind: 'function', name, schema: {} }], toolChoice: { mode: 'required', tools: [name] } }),
    )
    const short = `mcp__${'x'.repeat(59)}`
    expect(body).toMatchObject({
      tools: [{ type: 'function', function: { name: short, parameters: { type: 'object', properties: {} } } }],
      tool_choice: { type: 'function', function: { name: short } },
    })
  })

  test('is refused when nothing of it can be said', () => {
    const parts = [{ type: 'opaque', protocol: 'anthropic', value: {} }] as const
    expect(() => encode(foreign({ turns: [{ role: 'user', parts }] }))).toThrow('nothing in them can be sent')
  })
})
