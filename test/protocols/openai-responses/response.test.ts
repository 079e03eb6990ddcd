import { describe, expect, test } from 'bun:test'
import type { ModelResponse } from '../../../src/ir/response.ts'
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts'
import { wrapSeals } from '../../../src/protocols/shared/seal.ts'
import { call, completed, contextFor, message, response, saidBy } from './events.ts'

/** Items in all the forms that the API knows. */
const OUTPUT = [
  {
    id: 'rs_1',
    type: 'reasoning',
    content: null,
    encrypted_content: 'secret',
    summary: [
      { type: 'summary_text', text: '**Where?**\n\nThere.' },
      { type: 'summary_text', text: 'And here.' },
    ],
  },
  { id: 'rs_2', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'a' }], status: 'completed' },
  { id: 'rs_3', type: 'reasoning', summary: [] },
  { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } },
  message('msg_1', [], {
    phase: 'commentary',
    content: [
      { type: 'output_text', text: 'a', annotations: [{ type: 'url_citation', url: 'x' }], logprobs: [] },
      { type: 'refusal', refusal: 'No.' },
      { type: 'hologram', data: 1 },
    ],
  }),
  message('msg_2', [], { content: [{ type: 'output_text', text: 'b', annotations: [], logprobs: [{ token: 'b' }] }] }),
  { ...call('a', '{"x":1}'), status: 'completed', caller: { type: 'direct' }, namespace: 'ns' },
  { id: 'ctc_1', type: 'custom_tool_call', status: 'completed', call_id: 'b', name: 'patch', input: '+ x' },
  {
    id: 'ig_1',
    type: 'image_generation_call',
    status: 'completed',
    output_format: 'webp',
    size: 'auto',
    result: 'UklGRg',
  },
  { id: 'cmp_1', type: 'compaction', encrypted_content: 'more' },
]

function decodeItems(...output: readonly object[]): ModelResponse {
  return openaiResponses.decodeResponse(response(output))
}

test('every item of the vendor’s own comes back as it was', () => {
  const written = openaiResponses.encodeResponse(decodeItems(...OUTPUT), contextFor())
  expect(JSON.parse(JSON.stringify(written['output']))).toEqual(OUTPUT)
})

test('what else the vendor said goes before what the client asked', () => {
  const vendors = { temperature: 0.7, billing: { payer: 'x' }, created_at: 1, metadata: { a: 'b' } }
  const body = response([message('m', ['a'])], { ...vendors, model: 'their-model' })
  const written = openaiResponses.encodeResponse(
    openaiResponses.decodeResponse(body),
    contextFor([], { temperature: 1 }),
  )
  expect(written).toMatchObject({ ...vendors, id: 'resp_1', model: 'client-model', status: 'completed' })
})

describe('reasoning that a client brings back', () => {
  test.each([
    ['with the secret of its own vendor', 'secret', [{ id: 'rs_1', encrypted_content: 'secret' }], 'a'],
    ['with no secret', undefined, [{ id: 'rs_1' }], 'a'],
    ['with the seals of another vendor', wrapSeals({ seals: [], text: '' }), undefined, 'a'],
  ])('%s', (_, encrypted_content, secrets, text) => {
    const summary = [{ type: 'summary_text', text }]
    const [part] = decodeItems({ id: 'rs_1', type: 'reasoning', summary, encrypted_content }).parts
    expect(part).toMatchObject({ type: 'reasoning', text })
    expect(part?.seals?.map(({ value }): unknown => JSON.parse(value))).toEqual(secrets)
  })
})

test.each([
  ['a text for arguments', '{"x":1}', '{"x":1}'],
  ['an object for them', { x: 1 }, '{"x":1}'],
  ['none', undefined, ''],
])('a call with %s', (_, args, input) => {
  const { parts, finish } = decodeItems({ ...call('a', ''), arguments: args })
  expect(saidBy(parts)).toEqual([`function a look(${input})`])
  expect(finish.reason).toBe('tool-calls')
})

test.each([
  ['queued', 'other'],
  ['cancelled', 'other'],
  ['complete', 'stop'],
  [undefined, 'stop'],
] as const)('the status %s is %s', (status, reason) => {
  expect(openaiResponses.decodeResponse(response([], { status })).finish.reason).toBe(reason)
})

test.each([
  ['an error', { error: { message: 'Down.' } }, 'Down.'],
  ['an error as text', { error: 'Down.' }, 'Down.'],
  ['a detail', { detail: 'Down.' }, 'Down.'],
  ['a failed response', response([], { status: 'failed', error: { code: 'server_error', message: 'Down.' } }), 'Down.'],
  [
    'a chat completion',
    { object: 'chat.completion', choices: [] },
    'The upstream answered 200 with a body that is no response.',
  ],
])('%s is no answer', (_, body, text) => {
  expect(() => openaiResponses.decodeResponse(body)).toThrow(text)
})

describe('usage', () => {
  test.each([
    [
      'reasoning within the output',
      { input_tokens: 9, output_tokens: 4, output_tokens_details: { reasoning_tokens: 3 } },
      { inputTokens: 9, outputTokens: 4, reasoningTokens: 3 },
    ],
    [
      'reasoning beside the output',
      { input_tokens: 9, output_tokens: 4, total_tokens: 16, output_tokens_details: { reasoning_tokens: 3 } },
      { inputTokens: 9, outputTokens: 7, reasoningTokens: 3 },
    ],
    [
      'a cache that was read and written',
      { input_tokens: 9, output_tokens: 4, input_tokens_details: { cached_tokens: 5, cache_write_tokens: 2 } },
      { inputTokens: 9, outputTokens: 4, cacheReadTokens: 5, cacheWriteTokens: 2 },
    ],
  ])('%s', (_, raw, expected) => {
    const { usage } = openaiResponses.decodeResponse(response([], { usage: raw }))
    const { extras: _extras, ...counts } = usage ?? {}
    expect(JSON.parse(JSON.stringify(counts))).toEqual(expected)
  })

  test('a vendor’s further counts come back', () => {
    const raw = { input_tokens: 9, output_tokens: 4, cost: 0.1, input_tokens_details: { image_tokens: 2 } }
    const decoded = openaiResponses.decodeResponse(response([], { usage: raw }))
    expect(openaiResponses.encodeResponse(decoded, contextFor())['usage']).toMatchObject({
      ...raw,
      input_tokens_details: { image_tokens: 2, cached_tokens: 0 },
      total_tokens: 13,
    })
  })
})

describe('the tap', () => {
  test('takes no news of an answer to come for the answer', () => {
    const tap = openaiResponses.tap()
    tap.pushFrame({ event: 'response.created', data: '{"type":"response.created","response":{"id":"r"}}' })
    tap.pushFrame({ data: '{"response":{"id":"r","output":[]},"type":"response.in_progress"}' })
    expect(tap.seen.hasContent).toBe(false)
    tap.pushFrame({ data: '{"type":"response.output_text.delta","delta":"\\"type\\":\\"response.failed\\""}' })
    expect([tap.seen.hasContent, tap.seen.isOver]).toEqual([true, false])
    tap.pushFrame({ data: JSON.stringify(completed([], { usage: { input_tokens: 1, output_tokens: 2 } })) })
    expect(tap.seen).toMatchObject({ isOver: true, isComplete: true, usage: { inputTokens: 1, outputTokens: 2 } })
  })

  test.each([
    ['an event that says so', { event: 'error', data: 'Down.' }],
    ['its data', { data: '{"type":"error","code":"server_error","message":"Down."}' }],
    ['a bare error', { data: '{"error":{"message":"Down."}}' }],
    ['the end', { data: '{"type":"response.failed","response":{"status":"failed","error":{"message":"Down."}}}' }],
  ])('sees the fault of %s', (_, frame) => {
    const tap = openaiResponses.tap()
    tap.pushFrame(frame)
    expect(tap.seen.fault?.message).toBe('Down.')
    expect([tap.seen.hasContent, tap.seen.isComplete]).toEqual([false, false])
  })
})

test('what the Codex backend says of a spent quota reaches its own client, and no other', () => {
  const error = { type: 'usage_limit_reached', message: 'Spent.', plan_type: 'plus', resets_in_seconds: 60 }
  const fault = openaiResponses.decodeFault(429, new Headers(), JSON.stringify({ error }))
  expect(fault.retryAfterMs).toBe(60_000)
  expect(openaiResponses.encodeFault(fault)).toMatchObject({ error })
})
