import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { replay } from '../../../src/ir/collect.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { Loss } from '../../../src/ir/codec.ts'
import type { Seal } from '../../../src/ir/part.ts'
import type { AnswerPart, ModelEvent, ModelResponse } from '../../../src/ir/response.ts'
import { parseObject, readObject } from '../../../src/lib/json.ts'
import { writeSse } from '../../../src/lib/sse.ts'
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts'
import { wrapSeals } from '../../../src/protocols/shared/seal.ts'
import { briefly, contextFor, encode, message, push, response } from './events.ts'

const SIGNATURE: Seal = { maker: 'anthropic', kind: 'signature', value: 'c2ln' }
const WRAPPED = wrapSeals({ seals: [SIGNATURE], text: '' })

const ANSWER: ModelResponse = {
  id: 'msg_1',
  parts: [
    { type: 'reasoning', text: 'Hmm.', seals: [SIGNATURE] },
    { type: 'text', text: 'Let me "see".' },
    { type: 'tool-call', id: 'a', name: 'look', kind: 'function', input: '' },
    { type: 'tool-call', id: '', name: 'patch', kind: 'custom', input: '+ x' },
  ],
  finish: { reason: 'tool-calls', raw: { protocol: 'anthropic', word: 'tool_use' } },
  usage: { inputTokens: 9, outputTokens: 4, cacheReadTokens: 3, reasoningTokens: 1 },
}

const TEXT_STARTED: readonly ModelEvent[] = [
  { type: 'start' },
  { type: 'part-start', index: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 0, delta: 'Sun' },
]
const CALL_STARTED: readonly ModelEvent[] = [
  { type: 'start' },
  { type: 'part-start', index: 0, part: { type: 'tool-call', id: 'a', name: 'look', kind: 'function' } },
  { type: 'part-delta', index: 0, delta: '{}' },
]

function answerWith(...parts: readonly AnswerPart[]): ModelResponse {
  return { ...ANSWER, parts, finish: { reason: 'stop' } }
}

/** A text of the vendor's message of that id, or of no message. */
function textOf(said: string, id?: string): AnswerPart {
  const extras = id === undefined ? undefined : { 'openai-responses': { $message: { id } } }
  return { type: 'text', text: said, extras }
}

/** The items of the stream's last event. */
function outputOf(answer: ModelResponse): unknown {
  return briefly(encode(replay(answer))).at(-1)?.['output']
}

test('an answer of another vendor is written as OpenAI writes its own', () => {
  const lines = briefly(encode(replay(ANSWER))).map((event) => JSON.stringify(event).replaceAll(WRAPPED, 'WRAPPED'))
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "{"type":"response.created","status":"in_progress","output":[]}
    {"type":"response.in_progress","status":"in_progress","output":[]}
    {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_0","type":"reasoning","summary":[]}}
    {"type":"response.reasoning_summary_part.added","item_id":"rs_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}
    {"type":"response.reasoning_summary_text.delta","item_id":"rs_0","output_index":0,"summary_index":0,"delta":"Hmm."}
    {"type":"response.reasoning_summary_text.done","item_id":"rs_0","output_index":0,"summary_index":0,"text":"Hmm."}
    {"type":"response.reasoning_summary_part.done","item_id":"rs_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"Hmm."}}
    {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hmm."}],"encrypted_content":"WRAPPED"}}
    {"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","status":"in_progress","content":[]}}
    {"type":"response.content_part.added","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}
    {"type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"delta":"Let me \\"see\\".","logprobs":[]}
    {"type":"response.output_text.done","item_id":"msg_1","output_index":1,"content_index":0,"text":"Let me \\"see\\".","logprobs":[]}
    {"type":"response.content_part.done","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me \\"see\\"."}}
    {"type":"response.output_item.done","output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me \\"see\\"."}]}}
    {"type":"response.output_item.added","output_index":2,"item":{"id":"fc_2","type":"function_call","status":"in_progress","call_id":"a","name":"look","arguments":""}}
    {"type":"response.function_call_arguments.delta","item_id":"fc_2","output_index":2,"delta":"{}"}
    {"type":"response.function_call_arguments.done","item_id":"fc_2","output_index":2,"arguments":"{}"}
    {"type":"response.output_item.done","output_index":2,"item":{"id":"fc_2","type":"function_call","status":"completed","call_id":"a","name":"look","arguments":"{}"}}
    {"type":"response.output_item.added","output_index":3,"item":{"id":"ctc_4","type":"custom_tool_call","status":"in_progress","call_id":"call_3","name":"patch","input":""}}
    {"type":"response.custom_tool_call_input.delta","item_id":"ctc_4","output_index":3,"delta":"+ x"}
    {"type":"response.custom_tool_call_input.done","item_id":"ctc_4","output_index":3,"input":"+ x"}
    {"type":"response.output_item.done","output_index":3,"item":{"id":"ctc_4","type":"custom_tool_call","status":"completed","call_id":"call_3","name":"patch","input":"+ x"}}
    {"type":"response.completed","status":"completed","output":[{"id":"rs_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hmm."}],"encrypted_content":"WRAPPED"},{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me \\"see\\"."}]},{"id":"fc_2","type":"function_call","status":"completed","call_id":"a","name":"look","arguments":"{}"},{"id":"ctc_4","type":"custom_tool_call","status":"completed","call_id":"call_3","name":"patch","input":"+ x"}]}"
  `)
})

test('events are numbered from 0, and named by their type', () => {
  const frames = encode(replay(ANSWER))
  const events = frames.map(({ data }) => parseObject(data) ?? {})
  expect(events.map(({ sequence_number: number }) => number)).toEqual(frames.map((_, at) => at))
  expect(events.map(({ type }) => type)).toEqual(frames.map(({ event }) => event))
})

test('the response repeats what the client asked, and has what clients insist on', () => {
  const asked = {
    model: 'm',
    temperature: 0.5,
    text: { verbosity: 'low' },
    tools: [{ type: 'web_search' }],
    input: 'x',
  }
  const [first] = encode(replay(ANSWER), contextFor([], asked))
  expect(readObject(parseObject(first?.data ?? '')?.['response'])).toEqual({
    id: 'msg_1',
    object: 'response',
    created_at: 1_700_000_000,
    model: 'client-model',
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    usage: null,
    output: [],
    background: false,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: false,
    temperature: 0.5,
    text: { format: { type: 'text' }, verbosity: 'low' },
    tool_choice: 'auto',
    tools: [{ type: 'web_search' }],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    user: null,
  })
})

describe('items', () => {
  test('texts that follow each other are one message, and others are not', () => {
    const parts = [textOf('a'), textOf('b'), textOf('c', 'm1'), textOf('', 'm1'), textOf('d', 'm1'), textOf('e', 'm2')]
    const output = outputOf(answerWith(...parts))
    expect(output).toMatchObject([
      { id: 'msg_0', content: [{ text: 'a' }, { text: 'b' }] },
      { id: 'm1', content: [{ text: 'c' }, { text: 'd' }] },
      { id: 'm2', content: [{ text: 'e' }] },
    ])
    expect(openaiResponses.encodeResponse(answerWith(...parts), contextFor())['output']).toEqual(output)
  })

  test('what only this vendor knows stands where it stood, in a message or as an item', () => {
    const hologram = { type: 'hologram', data: 1 }
    const search = { id: 'ws_1', type: 'web_search_call', status: 'completed' }
    const output = [
      message('m1', [], { content: [hologram, { type: 'output_text', text: 'a', annotations: [], logprobs: [] }] }),
      search,
    ]
    expect(outputOf(openaiResponses.decodeResponse(response(output)))).toEqual(output)
  })

  test('the seals of a text stand in an item after it', () => {
    const part: AnswerPart = { type: 'text', text: 'a', seals: [SIGNATURE] }
    expect(outputOf(answerWith(part, { type: 'text', text: 'b' }))).toMatchObject([
      { type: 'message', status: 'completed', content: [{ text: 'a' }] },
      { type: 'reasoning', summary: [], encrypted_content: wrapSeals({ seals: [SIGNATURE] }) },
      { type: 'message', content: [{ text: 'b' }] },
    ])
  })

  test('the thinking of another vendor is marked even when it has no seals', () => {
    expect(outputOf(answerWith({ type: 'reasoning', text: 'a' }))).toEqual([
      {
        id: 'rs_0',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'a' }],
        encrypted_content: wrapSeals({ seals: [], text: '' }),
      },
    ])
  })

  test('a picture is the result of the tool that makes pictures', () => {
    const source = { type: 'base64', mime: 'image/jpeg', data: '/9j/' } as const
    const frames = encode(replay(answerWith({ type: 'media', kind: 'image', source })))
    const item = {
      id: 'ig_0',
      type: 'image_generation_call',
      output_format: 'jpeg',
      status: 'completed',
      result: '/9j/',
    }
    expect(briefly(frames).slice(2)).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'ig_0', type: 'image_generation_call', output_format: 'jpeg', status: 'in_progress' },
      },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', status: 'completed', output: [item] },
    ])
  })

  test('annotations are told one by one and with the text', () => {
    const citation = { type: 'url_citation', url: 'https://a.example' }
    const extras = { 'openai-responses': { annotations: [citation] } }
    const events = briefly(encode(replay(answerWith({ type: 'text', text: 'a', extras }))))
    expect(events.find(({ type }) => type === 'response.output_text.annotation.added')).toMatchObject({
      annotation_index: 0,
      annotation: citation,
    })
    expect(events.at(-1)?.['output']).toMatchObject([{ content: [{ annotations: [citation] }] }])
  })

  test('what Responses has no place for is told', () => {
    const losses: Loss[] = []
    const parts: readonly AnswerPart[] = [
      { type: 'opaque', protocol: 'anthropic', value: { type: 'server_tool_use' }, seals: [SIGNATURE] },
      { type: 'media', kind: 'audio', source: { type: 'base64', mime: 'audio/wav', data: 'AA' }, seals: [SIGNATURE] },
    ]
    const frames = encode(replay({ ...answerWith(...parts), finish: { reason: 'other' } }), contextFor(losses))
    const told = [
      { path: 'parts.0', reason: 'foreign-part' },
      { path: 'parts.1', reason: 'answer-media' },
      { path: 'finish', reason: 'finish-word' },
    ]
    expect(losses).toEqual(told)
    expect(briefly(frames).at(-1)?.['output']).toEqual([])
    losses.length = 0
    openaiResponses.encodeResponse({ ...answerWith(...parts), finish: { reason: 'other' } }, contextFor(losses))
    expect(new Set(losses)).toEqual(new Set(told))
  })
})

describe('the end', () => {
  test.each([
    ['length', 'max_output_tokens'],
    ['refusal', 'content_filter'],
  ] as const)('an answer cut short by %s is incomplete, and so is its last item', (reason, word) => {
    const call = { type: 'tool-call', name: 'look', kind: 'function' } as const
    const parts = [
      { ...call, id: 'a', input: '{}' },
      { ...call, id: 'b', input: '{"x' },
    ]
    const answer = { ...answerWith(...parts), finish: { reason } }
    const last = parseObject(encode(replay(answer)).at(-1)?.data ?? '')
    const whole: unknown = JSON.parse(JSON.stringify(openaiResponses.encodeResponse(answer, contextFor())))
    expect(last).toEqual({ type: 'response.incomplete', response: whole, sequence_number: expect.any(Number) })
    expect(whole).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: word },
      output: [{ status: 'completed' }, { status: 'incomplete', arguments: '{"x' }],
    })
  })

  test('an answer without usage has one of noughts', () => {
    const last = parseObject(encode(replay({ ...ANSWER, usage: undefined })).at(-1)?.data ?? '')
    expect(readObject(last?.['response'])?.['usage']).toEqual({
      input_tokens: 0,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 0,
    })
  })
})

describe('faults', () => {
  const fault = new Fault('rate-limit', 'Slow down.', { retryAfterMs: 1500 })

  test('a response fails after its text has ended, and says when to come again', () => {
    const events = briefly(encode([...TEXT_STARTED, { type: 'fault', fault }]))
    expect(events.slice(-4)).toMatchObject([
      { type: 'response.content_part.done' },
      { type: 'response.output_item.done', item: { status: 'incomplete' } },
      { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.', error: { message: 'Slow down.' } },
      { type: 'response.failed', status: 'failed' },
    ])
    const last = parseObject(encode([...TEXT_STARTED, { type: 'fault', fault }]).at(-1)?.data ?? '')
    expect(readObject(last?.['response'])?.['error']).toEqual({
      code: 'rate_limit_exceeded',
      message: 'Slow down. Please try again in 2s.',
    })
  })

  test.each([
    ['begun', CALL_STARTED],
    ['complete, but nothing followed it', [...CALL_STARTED, { type: 'part-end', index: 0 } as const]],
  ])('no client is told to run a call that is %s', (_, events) => {
    const types = briefly(encode([...events, { type: 'fault', fault }])).map(({ type }) => type)
    expect(types.slice(-2)).toEqual(['response.function_call_arguments.delta', 'error'])
  })

  test.each([
    [new Fault('invalid-request', 'prompt is too long: 9 tokens > 8'), 'context_length_exceeded'],
    [new Fault('invalid-request', 'No.'), 'invalid_prompt'],
    [new Fault('billing', 'Pay.'), 'insufficient_quota'],
    [new Fault('overloaded', 'Busy.'), 'server_error'],
    [openaiResponses.decodeFault(429, new Headers(), '{"error":{"code":"slow_down","message":"Busy."}}'), 'slow_down'],
  ])('%s', (cause, code) => {
    const last = parseObject(encode([{ type: 'fault', fault: cause }]).at(-1)?.data ?? '')
    expect(readObject(last?.['response'])?.['error']).toEqual({ code, message: cause.message })
  })
})

describe('while the client waits', () => {
  test('the response is told of once, then again and again that it goes on', () => {
    const encoder = openaiResponses.streamEncoder(contextFor())
    const waits = [...(encoder.keepAlive?.() ?? []), ...(encoder.keepAlive?.() ?? [])]
    expect(briefly(waits).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.in_progress',
    ])
    const frames = [...waits, ...push(encoder, replay(ANSWER))]
    const events = frames.map(({ data }) => parseObject(data) ?? {})
    expect(events.map(({ sequence_number: number }) => number)).toEqual(frames.map((_, at) => at))
    expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1)
    expect(new Set(events.map(({ response: told }) => readObject(told)?.['id']).filter(Boolean))).toEqual(
      new Set(['resp_0']),
    )
    expect([...(encoder.keepAlive?.() ?? [])]).toEqual([])
  })
})

test('OpenAI’s own client puts the same answer together', async () => {
  const text = encode(replay(ANSWER)).map(writeSse).join('')
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: 'http://localhost/v1',
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  })
  const final = await client.responses.stream({ model: 'm', input: 'x' }).finalResponse()
  expect(final.output_text).toBe('Let me "see".')
  expect(final.output).toMatchObject([
    { type: 'reasoning', summary: [{ text: 'Hmm.' }], encrypted_content: WRAPPED },
    { type: 'message', status: 'completed' },
    { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' },
    { type: 'custom_tool_call', name: 'patch', input: '+ x' },
  ])
})
