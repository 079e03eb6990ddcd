import { describe, expect, test } from 'bun:test'
import { collect } from '../../../src/ir/collect.ts'
import type { Tool } from '../../../src/ir/request.ts'
import type { ModelEvent } from '../../../src/ir/response.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { withToolNames } from '../../../src/protocols/shared/restore-tools.ts'
import { sseOf } from '../anthropic/context.ts'
import { createSseReader } from '../../../src/lib/sse.ts'

const TOOLS: readonly Tool[] = [
  { kind: 'function', name: 'get weather' },
  { kind: 'function', name: 'read', namespace: 'files' },
  { kind: 'custom', name: 'patch' },
  { kind: 'function', name: 'plain' },
]

const CONTENT = [
  { type: 'tool_use', id: '1', name: 'get_weather', input: { a: 1 } },
  { type: 'tool_use', id: '2', name: 'files__read', input: {} },
  { type: 'tool_use', id: '3', name: 'patch', input: { input: 'a "b"' } },
  { type: 'tool_use', id: '4', name: 'patch', input: { other: 1 } },
  { type: 'tool_use', id: '5', name: 'plain', input: { input: 'x' } },
  { type: 'text', text: 't' },
]

const PARTS = [
  { type: 'tool-call', id: '1', name: 'get weather', kind: 'function', input: '{"a":1}' },
  { type: 'tool-call', id: '2', name: 'read', namespace: 'files', kind: 'function', input: '{}' },
  { type: 'tool-call', id: '3', name: 'patch', kind: 'custom', input: 'a "b"' },
  { type: 'tool-call', id: '4', name: 'patch', kind: 'custom', input: '{"other":1}' },
  { type: 'tool-call', id: '5', name: 'plain', kind: 'function', input: '{"input":"x"}' },
  { type: 'text', text: 't' },
]

describe('the tools of an answer', () => {
  const codec = withToolNames(anthropic, { tools: TOOLS, turns: [] })

  test('are the client’s again in a whole answer', () => {
    const body = { type: 'message', role: 'assistant', content: CONTENT, stop_reason: 'tool_use' }
    expect(codec.decodeResponse(body).parts).toEqual(PARTS as never)
  })

  test('are the client’s again in a stream', () => {
    const events = CONTENT.flatMap((block, index) => {
      const { input, ...head } = block
      const pieces = input ? (JSON.stringify(input).match(/.{1,3}/g) ?? []) : []
      return [
        { type: 'content_block_start', index, content_block: head },
        ...pieces.map((partial_json) => ({
          type: 'content_block_delta',
          index,
          delta: { type: 'input_json_delta', partial_json },
        })),
        { type: 'content_block_stop', index },
      ]
    })
    const sse = sseOf(
      { type: 'message_start', message: {} },
      ...events,
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    )
    const decoder = codec.streamDecoder()
    const decoded: ModelEvent[] = []
    for (const frame of createSseReader().push(new TextEncoder().encode(sse))) decoded.push(...decoder.push(frame))
    decoded.push(...decoder.end())
    expect(collect(decoded).parts).toEqual(PARTS as never)
  })

  test('that kept their names cost nothing', () => {
    expect(withToolNames(anthropic, { tools: [{ kind: 'function', name: 'plain' }], turns: [] })).toBe(anthropic)
  })
})
