import { describe, expect, test } from 'bun:test'
import { collect } from '../../../src/ir/collect.ts'
import type { ModelEvent } from '../../../src/ir/response.ts'
import type { Fields } from '../../../src/lib/json.ts'
import { decodeStream, sseOf } from './context.ts'

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [],
    usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 },
  },
}
const STOP = { type: 'message_stop' }
const begin = (index: number, content_block: Fields): Fields => ({ type: 'content_block_start', index, content_block })
const add = (index: number, delta: Fields): Fields => ({ type: 'content_block_delta', index, delta })
const end = (index: number): Fields => ({ type: 'content_block_stop', index })
const stopped = (stop_reason: string, usage: Fields = { output_tokens: 5 }): Fields => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage,
})

/** The parts of an answer whose blocks these events bring. */
function partsOf(...events: readonly Fields[]): readonly unknown[] {
  return collect(decodeStream(sseOf(START, ...events, stopped('end_turn'), STOP))).parts
}

function faultOf(events: readonly ModelEvent[]): string {
  const last = events.at(-1)
  return last?.type === 'fault' ? `${last.fault.kind}: ${last.fault.message}` : 'none'
}

describe('the blocks of a stream', () => {
  test.each<[string, readonly Fields[], readonly unknown[]]>([
    [
      'text with citations',
      [
        begin(0, { type: 'text', text: '', citations: [] }),
        add(0, { type: 'text_delta', text: 'a' }),
        add(0, { type: 'citations_delta', citation: { url: 'x' } }),
        end(0),
      ],
      [{ type: 'text', text: 'a', extras: { anthropic: { citations: [{ url: 'x' }] } } }],
    ],
    [
      'thinking that shows nothing but its signature',
      [
        begin(0, { type: 'thinking', thinking: '', signature: '' }),
        add(0, { type: 'signature_delta', signature: 'S' }),
        end(0),
      ],
      [{ type: 'reasoning', text: '', seals: [{ maker: 'anthropic', kind: 'signature', value: 'S' }] }],
    ],
    [
      'redacted thinking, with a ping inside',
      [begin(0, { type: 'redacted_thinking', data: 'D' }), { type: 'ping' }, end(0)],
      [{ type: 'reasoning', text: '', seals: [{ maker: 'anthropic', kind: 'redacted', value: 'D' }] }],
    ],
    [
      'a call without arguments',
      [
        begin(0, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        add(0, { type: 'input_json_delta', partial_json: '' }),
        end(0),
      ],
      [{ type: 'tool-call', id: 't', name: 'f', kind: 'function', input: '{}' }],
    ],
    [
      'a call that nobody ended',
      [
        begin(0, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        add(0, { type: 'input_json_delta', partial_json: '{"a' }),
      ],
      [{ type: 'tool-call', id: 't', name: 'f', kind: 'function', input: '{"a' }],
    ],
    [
      'a server’s tool, whole at its end',
      [
        begin(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
        add(0, { type: 'input_json_delta', partial_json: '{"q":' }),
        add(0, { type: 'input_json_delta', partial_json: '"x"}' }),
        end(0),
      ],
      [
        {
          type: 'opaque',
          protocol: 'anthropic',
          value: { type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 'x' } },
        },
      ],
    ],
    [
      'a compaction',
      [
        begin(0, { type: 'compaction', content: null }),
        add(0, { type: 'compaction_delta', content: 'a' }),
        add(0, { type: 'compaction_delta', content: 'b' }),
        end(0),
      ],
      [{ type: 'opaque', protocol: 'anthropic', value: { type: 'compaction', content: 'ab' } }],
    ],
    [
      'blocks that a server left open and came back to',
      [
        begin(0, { type: 'thinking', thinking: '' }),
        add(0, { type: 'thinking_delta', thinking: 'a' }),
        begin(1, { type: 'text', text: 'b' }),
        add(0, { type: 'thinking_delta', thinking: 'c' }),
        add(1, { type: 'text_delta', text: 'd' }),
      ],
      [
        { type: 'reasoning', text: 'a' },
        { type: 'text', text: 'b' },
        { type: 'reasoning', text: 'c' },
        { type: 'text', text: 'd' },
      ],
    ],
  ])('%s', (_name, events, parts) => {
    expect(partsOf(...events)).toEqual(parts as never)
  })
})

describe('what stands around the blocks', () => {
  test('of every count the last one told holds', () => {
    const { usage } = collect(
      decodeStream(
        sseOf(
          START,
          stopped('end_turn', {
            input_tokens: 7,
            cache_read_input_tokens: null,
            output_tokens: 9,
            output_tokens_details: { thinking_tokens: 2 },
          }),
          STOP,
        ),
      ),
    )
    expect(usage).toMatchObject({ inputTokens: 11, cacheReadTokens: 4, outputTokens: 9, reasoningTokens: 2 })
  })

  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'refusal'],
    ['pause_turn', 'other'],
  ] as const)('%s is %s', (word, reason) => {
    const { finish } = collect(decodeStream(sseOf(START, stopped(word), STOP)))
    expect(finish).toEqual({ reason, raw: { protocol: 'anthropic', word } })
  })

  test('the whole answer may stand in its first event', () => {
    const message = {
      ...START.message,
      content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 }, caller: { type: 'x' } }],
      container: { id: 'c' },
      stop_reason: 'tool_use',
    }
    expect(collect(decodeStream(sseOf({ type: 'message_start', message }, STOP)))).toMatchObject({
      parts: [
        { type: 'tool-call', id: 't', name: 'f', input: '{"a":1}', extras: { anthropic: { caller: { type: 'x' } } } },
      ],
      finish: { reason: 'tool-calls' },
      extras: { anthropic: { container: { id: 'c' } } },
    })
  })

  test('a server that was asked for a stream may answer with one message', () => {
    const message = { ...START.message, content: [{ type: 'text', text: 'a' }], stop_reason: 'end_turn' }
    expect(collect(decodeStream(`data: ${JSON.stringify(message)}\n\n`)).parts).toEqual([{ type: 'text', text: 'a' }])
  })

  test('a mark of another protocol after the end means nothing', () => {
    expect(decodeStream(`${sseOf(START, stopped('end_turn'), STOP)}data: [DONE]\n\n`).at(-1)?.type).toBe('finish')
  })
})

const error = (type: string): Fields => ({ type: 'error', error: { type, message: 'm' } })

describe('a stream that breaks', () => {
  test.each([
    ['at its beginning', '', 'upstream: The upstream ended its answer before it was complete.'],
    [
      'before its end',
      sseOf(START, stopped('end_turn')),
      'upstream: The upstream ended its answer before it was complete.',
    ],
    ['with an error', sseOf(START, error('overloaded_error')), 'overloaded: m'],
    ['with an error nobody knows', sseOf(START, error('odd_error')), 'upstream: m'],
    [
      'with an error of another shape',
      `data: {"error":{"message":"m","type":"rate_limit_error"}}\n\n`,
      'rate-limit: m',
    ],
    ['with words instead of an error', 'event: error\ndata: Overloaded\n\n', 'upstream: Overloaded'],
    ['with what is no JSON', 'data: {"type"\n\n', 'upstream: The upstream sent an event that is no JSON object.'],
    ['with a second answer', sseOf(START, START), 'upstream: The upstream began a second answer within the first.'],
    ['with an end and no beginning', sseOf(STOP), 'upstream: The upstream ended its answer before it began.'],
  ])('%s ends in one fault', (_name, sse, fault) => {
    const events = decodeStream(sse)
    expect(faultOf(events)).toBe(fault)
    expect(events.filter(({ type }) => type === 'fault' || type === 'finish')).toHaveLength(1)
  })
})
