import { describe, expect, test } from 'bun:test'
import type { Loss } from '../../../src/ir/codec.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { Seal } from '../../../src/ir/part.ts'
import type { ModelEvent, PartHead } from '../../../src/ir/response.ts'
import { wrapSeals } from '../../../src/protocols/shared/seal.ts'
import { encodeStream } from './context.ts'

const GEMINI: Seal = { maker: 'gemini', kind: 'thought-signature', value: 'G' }
const OWN: Seal = { maker: 'anthropic', kind: 'signature', value: 'S' }

/** The frames of one part, without what stands around it. */
function framesOf(
  part: PartHead,
  deltas: readonly string[],
  seals?: readonly Seal[],
  losses: Loss[] = [],
): readonly string[] {
  const said = deltas.map((delta): ModelEvent => ({ type: 'part-delta', index: 0, delta }))
  return encodeStream([{ type: 'part-start', index: 0, part }, ...said, { type: 'part-end', index: 0, seals }], losses)
}

const begun = (block: string, index = 0): string => `content_block_start {"index":${index},"content_block":${block}}`
const delta = (fields: string, index = 0): string => `content_block_delta {"index":${index},"delta":${fields}}`
const ended = (index = 0): string => `content_block_stop {"index":${index}}`

describe('a part of a stream', () => {
  test('is written as it comes, around it what the message says', () => {
    expect(
      encodeStream([
        { type: 'start', model: 'up', usage: { inputTokens: 10, outputTokens: 0, cacheReadTokens: 4 } },
        { type: 'part-start', index: 0, part: { type: 'text' } },
        { type: 'part-delta', index: 0, delta: 'He said "hi"' },
        { type: 'part-delta', index: 0, delta: '\n' },
        { type: 'part-end', index: 0 },
        { type: 'part-start', index: 1, part: { type: 'tool-call', id: 'functions.f:0', name: 'f', kind: 'function' } },
        { type: 'part-delta', index: 1, delta: '{"a":' },
        { type: 'part-delta', index: 1, delta: '1}' },
        { type: 'part-end', index: 1 },
        {
          type: 'finish',
          finish: { reason: 'tool-calls' },
          usage: { inputTokens: 10, outputTokens: 7, cacheReadTokens: 4, reasoningTokens: 2 },
        },
      ]),
    ).toMatchInlineSnapshot(`
      [
        "message_start {"message":{"id":"msg_00000000000000000001","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":6,"cache_read_input_tokens":4,"output_tokens":0}}}",
        "content_block_start {"index":0,"content_block":{"type":"text","text":""}}",
        "content_block_delta {"index":0,"delta":{"type":"text_delta","text":"He said \\"hi\\""}}",
        "content_block_delta {"index":0,"delta":{"type":"text_delta","text":"\\n"}}",
        "content_block_stop {"index":0}",
        "content_block_start {"index":1,"content_block":{"type":"tool_use","id":"functions_f_0","name":"f","input":{}}}",
        "content_block_delta {"index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":"}}",
        "content_block_delta {"index":1,"delta":{"type":"input_json_delta","partial_json":"1}"}}",
        "content_block_stop {"index":1}",
        "message_delta {"delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":6,"cache_read_input_tokens":4,"output_tokens":7,"output_tokens_details":{"thinking_tokens":2}}}",
        "message_stop {"type":"message_stop"}",
      ]
    `)
  })

  test.each<[string, PartHead, readonly string[], readonly Seal[] | undefined, readonly string[]]>([
    ['text that says nothing is no block', { type: 'text' }, [], undefined, []],
    ['thinking that says nothing is no block', { type: 'reasoning' }, [], undefined, []],
    [
      'Anthropic’s own seal stands as it is',
      { type: 'reasoning' },
      ['hm'],
      [OWN],
      [
        begun('{"type":"thinking","thinking":"","signature":""}'),
        delta('{"type":"thinking_delta","thinking":"hm"}'),
        delta('{"type":"signature_delta","signature":"S"}'),
        ended(),
      ],
    ],
    [
      'Anthropic’s own seal stands without words too',
      { type: 'reasoning' },
      [],
      [OWN],
      [
        begun('{"type":"thinking","thinking":"","signature":""}'),
        delta('{"type":"signature_delta","signature":"S"}'),
        ended(),
      ],
    ],
    [
      'another vendor’s thinking is marked, sealed or not',
      { type: 'reasoning' },
      ['hm'],
      undefined,
      [
        begun('{"type":"thinking","thinking":"","signature":""}'),
        delta('{"type":"thinking_delta","thinking":"hm"}'),
        delta(`{"type":"signature_delta","signature":"${wrapSeals({ seals: [] })}"}`),
        ended(),
      ],
    ],
    [
      'another vendor’s seal without words is redacted thinking',
      { type: 'reasoning' },
      [],
      [GEMINI],
      [begun(`{"type":"redacted_thinking","data":"${wrapSeals({ seals: [GEMINI], text: '' })}"}`), ended()],
    ],
    [
      'the seal of a call follows it',
      { type: 'tool-call', id: 't', name: 'f', kind: 'function' },
      [],
      [GEMINI],
      [
        begun('{"type":"tool_use","id":"t","name":"f","input":{}}'),
        delta('{"type":"input_json_delta","partial_json":"{}"}'),
        ended(),
        begun(`{"type":"redacted_thinking","data":"${wrapSeals({ seals: [GEMINI] })}"}`, 1),
        ended(1),
      ],
    ],
    [
      'free text is the string of an object',
      { type: 'tool-call', id: 't', name: 'f', kind: 'custom' },
      ['a "', 'b"\n'],
      undefined,
      [
        begun('{"type":"tool_use","id":"t","name":"f","input":{}}'),
        delta('{"type":"input_json_delta","partial_json":"{\\"input\\":\\"a \\\\\\""}'),
        delta('{"type":"input_json_delta","partial_json":"b\\\\\\"\\\\n"}'),
        delta('{"type":"input_json_delta","partial_json":"\\"}"}'),
        ended(),
      ],
    ],
    [
      'a server’s tool is streamed as its vendor does',
      {
        type: 'opaque',
        protocol: 'anthropic',
        value: { type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 'x' } },
      },
      [],
      undefined,
      [
        begun('{"type":"server_tool_use","id":"s","name":"web_search","input":{}}'),
        delta('{"type":"input_json_delta","partial_json":"{\\"q\\":\\"x\\"}"}'),
        ended(),
      ],
    ],
  ])('%s', (_name, part, deltas, seals, frames) => {
    expect(framesOf(part, deltas, seals)).toEqual(frames)
  })

  test.each<[PartHead, string]>([
    [{ type: 'opaque', protocol: 'gemini', value: {} }, 'foreign-opaque'],
    [{ type: 'media', kind: 'image', source: { type: 'url', url: 'x' } }, 'answer-media'],
  ])('without a form is told: %j', (part, reason) => {
    const losses: Loss[] = []
    expect(framesOf(part, [], undefined, losses)).toEqual([])
    expect(losses).toEqual([{ path: 'parts.0', reason }])
  })

  test('calls of one id or none get ids of their own', () => {
    const events = ['t', 't', ''].flatMap((id, index): readonly ModelEvent[] => [
      { type: 'part-start', index, part: { type: 'tool-call', id, name: 'f', kind: 'function' } },
      { type: 'part-end', index },
    ])
    const ids = encodeStream(events).flatMap((frame) => /"id":"(\w+)"/.exec(frame)?.[1] ?? [])
    expect(ids).toEqual(['t', 'toolu_00000000000000000001', 'toolu_00000000000000000002'])
  })
})

test('a fault is an error event in Anthropic’s words', () => {
  const [frame] = encodeStream([{ type: 'fault', fault: new Fault('overloaded', 'busy') }])
  expect(frame).toBe('error {"error":{"type":"overloaded_error","message":"busy"}}')
})
