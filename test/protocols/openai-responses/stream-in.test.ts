import { describe, expect, test } from 'bun:test'
import { collect } from '../../../src/ir/collect.ts'
import { added, answerOf, call, completed, decode, done, inside, message, response, saidBy } from './events.ts'

const CUSTOM = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'b', name: 'patch', input: '' }
const REASONING = { id: 'rs_1', type: 'reasoning', summary: [] }

function summed(...texts: readonly string[]): object {
  return { ...REASONING, summary: texts.map((text) => ({ type: 'summary_text', text })) }
}

describe('what is said', () => {
  test.each([
    [
      'a text whose deltas are repeated when it is whole',
      [
        added(0, message('m', [])),
        inside(0, 'content_part.added', { content_index: 0, part: { type: 'output_text', text: '' } }),
        inside(0, 'output_text.delta', { content_index: 0, delta: 'a' }),
        inside(0, 'output_text.delta', { content_index: 0, delta: 'b' }),
        inside(0, 'output_text.done', { content_index: 0, text: 'ab' }),
        inside(0, 'content_part.done', { content_index: 0, part: { type: 'output_text', text: 'ab' } }),
        done(0, message('m', ['ab'])),
      ],
      ['text ab'],
    ],
    ['a text that only its end tells', [inside(0, 'output_text.done', { content_index: 0, text: 'ab' })], ['text ab']],
    ['an item that only its end tells', [done(0, message('m', ['a', 'b']))], ['text a', 'text b']],
    [
      'parts of a message that only its end tells',
      [inside(0, 'output_text.delta', { content_index: 0, delta: 'a' }), done(0, message('m', ['a', 'b']))],
      ['text a', 'text b'],
    ],
    [
      'a refusal',
      [
        inside(0, 'refusal.delta', { content_index: 0, delta: 'N' }),
        inside(0, 'refusal.delta', { content_index: 0, delta: 'o' }),
        inside(0, 'refusal.done', { content_index: 0, refusal: 'No' }),
      ],
      ['refusal No'],
    ],
    [
      'arguments that only their end tells',
      [
        added(0, call('a', '')),
        inside(0, 'function_call_arguments.done', { arguments: '{}' }),
        done(0, call('a', '{}')),
      ],
      ['function a look({})'],
    ],
    [
      'free text for a tool',
      [
        added(0, CUSTOM),
        inside(0, 'custom_tool_call_input.delta', { delta: 'x"' }),
        inside(0, 'custom_tool_call_input.done', { input: 'x"' }),
        done(0, { ...CUSTOM, input: 'x"' }),
      ],
      ['custom b patch(x")'],
    ],
    [
      'a call whose name comes late',
      [
        added(0, { type: 'function_call', id: 'fc_a' }),
        inside(0, 'function_call_arguments.delta', { delta: '{}' }),
        done(0, call('a', '{}')),
      ],
      ['function a look({})'],
    ],
    [
      'two items at the same time',
      [
        added(0, call('a', '')),
        added(1, CUSTOM),
        inside(1, 'custom_tool_call_input.delta', { delta: 'x' }),
        inside(0, 'function_call_arguments.delta', { delta: '{' }),
        inside(1, 'custom_tool_call_input.delta', { delta: 'y' }),
        inside(0, 'function_call_arguments.delta', { delta: '}' }),
        done(1, { ...CUSTOM, input: 'xy' }),
        done(0, call('a', '{}')),
      ],
      ['function a look({})', 'custom b patch(xy)'],
    ],
    [
      'a summary in several parts',
      [
        added(0, REASONING),
        inside(0, 'reasoning_summary_text.delta', { summary_index: 0, delta: 'a' }),
        inside(0, 'reasoning_summary_text.done', { summary_index: 0, text: 'a' }),
        inside(0, 'reasoning_summary_part.done', { summary_index: 1, part: { type: 'summary_text', text: 'b' } }),
        done(0, summed('a', 'b')),
      ],
      ['reasoning a\n\nb'],
    ],
    [
      'thinking that the vendor shows, and not its summary of it',
      [
        added(0, REASONING),
        inside(0, 'reasoning_text.delta', { content_index: 0, delta: 'a' }),
        inside(0, 'reasoning_summary_text.delta', { summary_index: 0, delta: 'A' }),
        done(0, { ...REASONING, content: [{ type: 'reasoning_text', text: 'a' }] }),
      ],
      ['reasoning a'],
    ],
    ['what the vendor ran itself', [done(0, { id: 'ws_1', type: 'web_search_call' })], ['opaque']],
    ['a picture', [done(0, { id: 'ig_1', type: 'image_generation_call', result: 'iVBORw0KGgo' })], ['media']],
    ['a content that nobody knows', [done(0, message('m', [], { content: [{ type: 'hologram' }] }))], ['opaque']],
    ['a message that says nothing', [added(0, message('m', [])), done(0, message('m', []))], ['text ']],
    [
      'items of a server that numbers none',
      [done(0, call('a', '{}')), done(0, call('b', '{}')), done(0, call('b', '{}'))],
      ['function a look({})', 'function b look({})'],
    ],
    [
      'events that nobody knows',
      [
        { type: 'codex.rate_limits', limits: [] },
        inside(0, 'hologram.delta', { delta: 'x' }),
        inside(7, 'web_search_call.searching', {}),
        done(0, message('m', ['a'])),
        inside(0, 'output_text.delta', { content_index: 0, delta: 'late' }),
        done(0, message('m', ['again'])),
      ],
      ['text a'],
    ],
  ])('%s is read once', (_, events, expected) => {
    expect(saidBy(answerOf(...events).parts)).toEqual(expected)
  })

  test('what no event told of stands in the last one', () => {
    const told = [inside(0, 'output_text.delta', { content_index: 0, delta: 'a' })]
    const { parts, finish } = collect(decode(...told, completed([message('m', ['a']), call('a', '{}')])))
    expect(saidBy(parts)).toEqual(['text a', 'function a look({})'])
    expect(finish.reason).toBe('tool-calls')
  })

  test('an item that never ended is ended with the response', () => {
    const { parts } = answerOf(added(0, { id: 'ws_1', type: 'web_search_call' }), added(1, call('a', '{}')))
    expect(saidBy(parts)).toEqual(['opaque', 'function a look({})'])
  })
})

test('the secret of the last event of an item counts, not that of the first', () => {
  const [part] = answerOf(
    added(0, { ...REASONING, encrypted_content: 'early' }),
    done(0, { ...REASONING, encrypted_content: 'late' }),
  ).parts
  expect(part?.seals).toEqual([
    { maker: 'openai-responses', kind: 'reasoning', value: '{"id":"rs_1","encrypted_content":"late"}' },
  ])
})

test("a message's id, phase and annotations are kept beside its text", () => {
  const content = [{ type: 'output_text', text: 'a', annotations: [{ type: 'url_citation' }], logprobs: [] }]
  const whole = message('m', [], { phase: 'commentary', content })
  const [part] = answerOf(
    added(0, message('m', [], { phase: 'commentary', status: 'in_progress' })),
    inside(0, 'output_text.delta', { content_index: 0, delta: 'a' }),
    done(0, whole),
  ).parts
  expect(part?.extras?.['openai-responses']).toEqual({
    annotations: [{ type: 'url_citation' }],
    $empty: { logprobs: [] },
    $message: { id: 'm', type: 'message', status: 'completed', phase: 'commentary' },
  })
})

describe('the end', () => {
  test.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'refusal'],
    ['a new word', 'other'],
  ] as const)('incomplete by %s is %s', (reason, expected) => {
    const last = {
      type: 'response.incomplete',
      response: response([], { status: 'incomplete', incomplete_details: { reason } }),
    }
    const { finish } = collect(decode(done(0, call('a', '{"x')), last))
    expect(finish).toEqual({
      reason: expected,
      raw: { protocol: 'openai-responses', word: `incomplete:${reason}` },
    })
  })

  test.each([
    ['no end', []],
    ['Chat’s mark of the end alone', ['[DONE]']],
    ['a frame that is no JSON', ['<html>', completed([])]],
    ['an error event', [{ type: 'error', code: 'server_error', message: 'Down.' }, completed([])]],
    ['a failed response', [{ type: 'response.failed', response: response([], { status: 'failed', error: null }) }]],
    ['a bare error', [{ error: { message: 'Down.' } }]],
    ['a bare detail', [{ detail: 'Down.' }]],
    ['a whole response that failed', [response([], { status: 'failed', error: { message: 'Down.' } })]],
  ])('a stream with %s ends in one fault', (_, sent) => {
    const events = decode(inside(0, 'output_text.delta', { content_index: 0, delta: 'a' }), ...sent)
    expect(events.map(({ type }) => type)).toEqual(['start', 'part-start', 'part-delta', 'fault'])
  })

  test.each([
    ['flat', { type: 'error', code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.', param: null }],
    [
      'nested',
      { type: 'error', error: { type: 'tokens', code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' } },
    ],
    [
      'of a failed response',
      {
        type: 'response.failed',
        response: response([], {
          status: 'failed',
          error: { code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' },
        }),
      },
    ],
  ])('the words of an error are read, %s', (_, event) => {
    const last = decode(event).at(-1)
    expect(last).toMatchObject({
      type: 'fault',
      fault: { kind: 'rate-limit', code: 'rate_limit_exceeded', retryAfterMs: 1500 },
    })
  })

  test('a whole response in the place of a stream is told as its events', () => {
    const { parts, finish } = collect(decode(response([message('m', ['a'])])))
    expect(saidBy(parts)).toEqual(['text a'])
    expect(finish.reason).toBe('stop')
  })
})
