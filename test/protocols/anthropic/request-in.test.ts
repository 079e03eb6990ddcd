import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { Part } from '../../../src/ir/part.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { wrapSeals } from '../../../src/protocols/shared/seal.ts'

const MESSAGES = [{ role: 'user', content: 'hi' }]

function decode(fields: JsonObject): ReturnType<typeof anthropic.decodeRequest> {
  return anthropic.decodeRequest({ model: 'm', max_tokens: 1, messages: MESSAGES, ...fields })
}

function decodeParts(role: string, ...content: readonly JsonObject[]): readonly Part[] {
  return decode({ messages: [{ role, content }] }).turns[0]?.parts ?? []
}

function faultOf(run: () => unknown): Fault {
  try {
    run()
  } catch (error) {
    if (error instanceof Fault) return error
  }
  throw new Error('no fault was thrown')
}

describe('a request that is none', () => {
  test.each([
    [{ model: undefined }, 'model: Field required'],
    [{ model: 5 }, 'model: Input should be a valid string'],
    [{ messages: undefined }, 'messages: Field required'],
    [{ messages: 'hi' }, 'messages: Input should be a valid list'],
    [{ messages: [5] }, 'messages.0: Input should be a valid dictionary'],
    [
      { messages: [{ role: 'robot', content: 'x' }] },
      "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    ],
    [{ messages: [{ role: 'user' }] }, 'messages.0.content: Field required'],
    [{ messages: [{ role: 'user', content: [{}] }] }, 'messages.0.content.0.type: Field required'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text: Field required'],
    [
      {
        messages: [
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 1 }] }] },
        ],
      },
      'messages.0.content.0.content.0.text: Input should be a valid string',
    ],
    [{ tools: [{ input_schema: {} }] }, 'tools.0.name: Field required'],
    [{ tool_choice: { type: 'some' } }, "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'"],
    [{ temperature: 'hot' }, 'temperature: Input should be a valid number'],
    [{ stop_sequences: 'x' }, 'stop_sequences: Input should be a valid list'],
  ])('is refused by its path: %j', (fields, message) => {
    const fault = faultOf(() => decode(fields))
    expect(fault.kind).toBe('invalid-request')
    expect(fault.message).toBe(message)
    expect(fault.param).toBe(message.slice(0, message.indexOf(':')))
  })

  test('a thread is refused in the words after which the SDK goes on without', () => {
    const fault = faultOf(() => decode({ thread: { type: 'create' } }))
    expect(anthropic.encodeFault(fault)).toMatchObject({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
      },
    })
    expect(fault.status).toBe(400)
  })
})

describe('what a request says', () => {
  test.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { mode: 'on', budgetTokens: 2000 }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [{ thinking: { type: 'adaptive' } }, { mode: 'auto' }],
    [
      { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'max' } },
      { mode: 'on', level: 'max', show: 'hidden' },
    ],
    [{ output_config: { effort: 'low' } }, { mode: 'on', level: 'low' }],
    [{}, undefined],
  ])('of thinking: %j', (fields, reasoning) => {
    expect(decode(fields).reasoning).toEqual(reasoning as never)
  })

  test.each([
    [{ type: 'auto' }, { toolChoice: { mode: 'auto' } }],
    [{ type: 'none' }, { toolChoice: { mode: 'none' } }],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { toolChoice: { mode: 'required' }, parallelTools: false },
    ],
    [{ type: 'tool', name: 'f' }, { toolChoice: { mode: 'required', tools: ['f'] } }],
  ])('of the choice of tools: %j', (tool_choice, said) => {
    const { toolChoice, parallelTools } = decode({ tool_choice })
    expect({ toolChoice, parallelTools }).toEqual(said as never)
  })

  test.each([
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    { output_format: { type: 'json_schema', schema: { type: 'object' } } },
  ])('of the format: %j', (fields) => {
    expect(decode(fields).format).toEqual({ type: 'schema', schema: { type: 'object' } })
  })

  test('is kept where nobody read it', () => {
    const { extras, user } = decode({
      context_management: { edits: [] },
      metadata: { user_id: 'u', team: 't' },
      output_config: { task_budget: 5 },
    })
    expect(user).toBe('u')
    expect(extras).toEqual({
      anthropic: { context_management: { edits: [] }, metadata: { team: 't' }, output_config: { task_budget: 5 } },
    })
  })

  test('a tool with a schema is the client’s, any other the vendor’s', () => {
    const search = { type: 'web_search_20250305', name: 'web_search' }
    const { tools, hosted } = decode({
      tools: [
        {
          name: 'f',
          input_schema: { type: 'object' },
          cache_control: { type: 'ephemeral', ttl: '1h' },
          defer_loading: true,
        },
        search,
      ],
    })
    expect(tools).toEqual([
      {
        kind: 'function',
        name: 'f',
        schema: { type: 'object' },
        cache: { ttl: '1h' },
        extras: { anthropic: { defer_loading: true } },
      },
    ])
    expect(hosted).toEqual([{ protocol: 'anthropic', value: search }])
  })
})

test('who pays is no word to the model', () => {
  const block = { type: 'text', text: 'x-anthropic-billing-header: cc_version=1' }
  const { system } = decode({ system: [block, { type: 'text', text: 'Be brief.' }] })
  expect(system).toEqual([
    {
      role: 'system',
      parts: [
        { type: 'opaque', protocol: 'anthropic', value: block },
        { type: 'text', text: 'Be brief.' },
      ],
    },
  ])
})

describe('the parts of a message', () => {
  test.each<[JsonObject, unknown]>([
    [
      { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'x', cache: {} },
    ],
    [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
      { type: 'media', kind: 'image', source: { type: 'base64', mime: 'image/png', data: 'AA==' } },
    ],
    [
      { type: 'image', source: { type: 'base64', mime_type: 'image/png', base64: 'AA==' } },
      { type: 'media', kind: 'image', source: { type: 'base64', mime: 'image/png', data: 'AA==' } },
    ],
    [
      { type: 'document', source: { type: 'url', url: 'https://x.test/a.pdf' }, title: 'A' },
      { type: 'media', kind: 'document', source: { type: 'url', url: 'https://x.test/a.pdf' }, name: 'A' },
    ],
    [
      { type: 'image', source: { type: 'file', file_id: 'f1' } },
      { type: 'media', kind: 'image', source: { type: 'file', id: 'f1', maker: 'anthropic' } },
    ],
    [
      { type: 'tool_result', tool_use_id: 't', content: 'x', is_error: true },
      { type: 'tool-result', callId: 't', kind: 'function', content: [{ type: 'text', text: 'x' }], isError: true },
    ],
    [
      { type: 'tool_result', tool_use_id: 't' },
      { type: 'tool-result', callId: 't', kind: 'function', content: [] },
    ],
    [
      { type: 'search_result', source: 's' },
      { type: 'opaque', protocol: 'anthropic', value: { type: 'search_result', source: 's' } },
    ],
    [
      { type: 'tool_use', id: 't', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      {
        type: 'tool-call',
        id: 't',
        name: 'f',
        kind: 'function',
        input: '{"a":1}',
        extras: { anthropic: { caller: { type: 'direct' } } },
      },
    ],
    [
      { type: 'thinking', thinking: 'hm', signature: 'Sig' },
      { type: 'reasoning', text: 'hm', seals: [{ maker: 'anthropic', kind: 'signature', value: 'Sig' }] },
    ],
    [
      { type: 'thinking', thinking: 'hm', signature: '' },
      { type: 'reasoning', text: 'hm' },
    ],
    [
      { type: 'redacted_thinking', data: 'D' },
      { type: 'reasoning', text: '', seals: [{ maker: 'anthropic', kind: 'redacted', value: 'D' }] },
    ],
  ])('%j', (block, part) => {
    expect(decodeParts('assistant', block)).toEqual([part as never])
  })

  test('a document of blocks is text to others, and comes back as it was', () => {
    const source = {
      type: 'content',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }
    expect(decodeParts('user', { type: 'document', source })).toEqual([
      { type: 'media', kind: 'document', source: { type: 'text', text: 'a\nb' }, extras: { anthropic: { source } } },
    ])
  })

  test('what another vendor sealed is unwrapped, wherever it rode', () => {
    const seals = [{ maker: 'gemini', kind: 'thought-signature', value: 'G' }] as const
    expect(
      decodeParts(
        'assistant',
        { type: 'thinking', thinking: 'hm', signature: wrapSeals({ seals }) },
        { type: 'redacted_thinking', data: wrapSeals({ seals, text: '' }) },
        { type: 'tool_use', id: 't', name: 'f', input: {} },
        { type: 'redacted_thinking', data: wrapSeals({ seals }) },
      ),
    ).toEqual([
      { type: 'reasoning', text: 'hm', seals },
      { type: 'reasoning', text: '', seals },
      { type: 'tool-call', id: 't', name: 'f', kind: 'function', input: '{}', seals },
    ])
  })
})
