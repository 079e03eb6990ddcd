import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { Finish, ModelResponse } from '../../../src/ir/response.ts'
import type { Usage } from '../../../src/ir/usage.ts'
import { readObjects, type Fields } from '../../../src/lib/json.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { repairJson } from '../../../src/protocols/shared/repair-json.ts'
import { contextFor } from './context.ts'

function encode(response: Partial<ModelResponse>): Fields {
  return JSON.parse(
    JSON.stringify(anthropic.encodeResponse({ parts: [], finish: { reason: 'stop' }, ...response }, contextFor())),
  )
}

describe('an answer', () => {
  test.each<[Finish, boolean, Fields]>([
    [{ reason: 'stop' }, false, { stop_reason: 'end_turn', stop_sequence: null }],
    [{ reason: 'stop', stopSequence: 'x' }, false, { stop_reason: 'stop_sequence', stop_sequence: 'x' }],
    [{ reason: 'stop' }, true, { stop_reason: 'tool_use' }],
    [{ reason: 'tool-calls' }, false, { stop_reason: 'end_turn' }],
    [{ reason: 'length' }, true, { stop_reason: 'max_tokens' }],
    [{ reason: 'refusal' }, false, { stop_reason: 'refusal' }],
    [{ reason: 'other', raw: { protocol: 'gemini', word: 'LANGUAGE' } }, false, { stop_reason: 'end_turn' }],
    [{ reason: 'other', raw: { protocol: 'anthropic', word: 'pause_turn' } }, false, { stop_reason: 'pause_turn' }],
  ])('that ends with %j (call: %p)', (finish, hasCall, fields) => {
    const parts = hasCall ? [{ type: 'tool-call', id: 't', name: 'f', kind: 'function', input: '' } as const] : []
    expect(encode({ finish, parts })).toMatchObject(fields)
  })

  test.each<[Usage | undefined, Fields]>([
    [undefined, { input_tokens: 0, output_tokens: 0 }],
    [
      { inputTokens: 10, outputTokens: 5 },
      { input_tokens: 10, output_tokens: 5 },
    ],
    [
      { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, cacheWriteTokens: 3, reasoningTokens: 2 },
      {
        input_tokens: 3,
        cache_creation_input_tokens: 3,
        cache_read_input_tokens: 4,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
      },
    ],
    [
      { inputTokens: 3, outputTokens: 5, cacheReadTokens: 4 },
      { input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 5 },
    ],
  ])('that used %j', (usage, fields) => {
    expect(encode({ usage })['usage']).toEqual(fields)
  })

  test('that cut its call short is repaired', () => {
    const parts = [{ type: 'tool-call', id: 't', name: 'f', kind: 'function', input: '{"a":[1,{"b":"x' } as const]
    expect(readObjects(encode({ parts, finish: { reason: 'length' } })['content'])).toEqual([
      { type: 'tool_use', id: 't', name: 'f', input: { a: [1, { b: 'x' }] } },
    ])
  })

  test('of Anthropic’s own comes back as it was', () => {
    const body = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'S' },
        { type: 'redacted_thinking', data: 'D' },
        { type: 'text', text: 'a', citations: [{ type: 'char_location' }] },
        { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
        { type: 'tool_use', id: 't', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      ],
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { category: 'x' },
      usage: { input_tokens: 1, cache_read_input_tokens: 2, output_tokens: 3, service_tier: 'standard' },
      container: { id: 'c' },
    }
    expect(encode(anthropic.decodeResponse(body))).toEqual(body)
  })

  test.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'busy' } }, 'overloaded', 'busy'],
    [{ error: 'no' }, 'upstream', 'no'],
    [{ object: 'list' }, 'upstream', 'The upstream answered 200 with a body that is no message.'],
  ])('that is none is a fault: %j', (body, kind, message) => {
    const decode = (): ModelResponse => anthropic.decodeResponse(body)
    expect(decode).toThrow(Fault)
    expect(decode).toThrow(expect.objectContaining({ kind, message }))
  })
})

test.each([
  ['{"a":1', '{}'],
  ['{"a":1,', '{"a":1}'],
  ['{"a":"x\\', '{"a":"x"}'],
  ['{"a":"x\\u00', '{"a":"x"}'],
  ['{"a":"x","b', '{"a":"x"}'],
  ['{"a":"x","b":', '{"a":"x"}'],
  ['{"a":"x","b":tr', '{"a":"x"}'],
  ['{"a":[{"b":"c"},', '{"a":[{"b":"c"}]}'],
  ['{"a":{"b"', '{"a":{}}'],
  ['{', '{}'],
  ['', ''],
])('%s is repaired to %s', (text, repaired) => {
  expect(repairJson(text)).toBe(repaired)
})
