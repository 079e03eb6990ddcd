import { describe, expect, test } from 'bun:test'
import { collect, replay } from '../../../src/ir/collect.ts'
import { Fault, type FaultKind } from '../../../src/ir/fault.ts'
import { completions } from '../../../src/protocols/openai-chat/completions.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { readUsage } from '../../../src/protocols/openai-chat/usage.ts'
import { answerOf, chunk, contextFor, ending, usageChunk } from './chunks.ts'

describe('the numbers of usage', () => {
  test.each([
    [
      "OpenAI's",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
      { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, reasoningTokens: 3 },
    ],
    [
      "DeepSeek's",
      { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4 },
      { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4 },
    ],
    [
      "xAI's, whose total gives the reasoning away",
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 17, completion_tokens_details: { reasoning_tokens: 2 } },
      { inputTokens: 10, outputTokens: 7, reasoningTokens: 2 },
    ],
    [
      'reasoning larger than the output',
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, completion_tokens_details: { reasoning_tokens: 8 } },
      { inputTokens: 10, outputTokens: 13, reasoningTokens: 8 },
    ],
    [
      'a cache larger than the prompt',
      { prompt_tokens: 10, completion_tokens: 5, cache_read_input_tokens: 20, cache_creation_input_tokens: 3 },
      { inputTokens: 33, outputTokens: 5, cacheReadTokens: 20, cacheWriteTokens: 3 },
    ],
  ])('%s', (_, usage, expected) => {
    expect(readUsage(usage)).toMatchObject(expected)
  })

  test.each([[null], [{}], [{ queue_time: 1 }]])('%j tells none', (usage) => {
    expect(readUsage(usage)).toBeUndefined()
  })
})

function read(status: number, body: unknown, headers = {}): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return openaiChat.decodeFault(status, new Headers(headers), text)
}

describe("an upstream's HTTP error", () => {
  test.each<[string, number, unknown, FaultKind, string]>([
    [
      "OpenAI's shape",
      404,
      { error: { message: 'No such model', type: 'invalid_request_error', code: 'model_not_found' } },
      'not-found',
      'No such model',
    ],
    ['a string', 400, { error: 'Bad thing' }, 'invalid-request', 'Bad thing'],
    ['code and string', 402, { code: 'no_money', error: 'Pay up' }, 'billing', 'Pay up'],
    ['detail', 401, { detail: 'Invalid API Key' }, 'authentication', 'Invalid API Key'],
    [
      'a list of details',
      422,
      { detail: [{ loc: ['body', 'n'], msg: 'too large' }] },
      'invalid-request',
      'body.n: too large',
    ],
    ['the words at the top', 400, { object: 'error', message: 'Nope', code: '3051' }, 'invalid-request', 'Nope'],
    ['a list', 429, [{ error: { message: 'Slow down', status: 'RESOURCE_EXHAUSTED' } }], 'rate-limit', 'Slow down'],
    ['an event', 400, 'event: error\ndata: {"error":{"message":"Nope"}}\n\n', 'invalid-request', 'Nope'],
    [
      "OpenRouter's",
      400,
      { error: { message: 'Failed', metadata: { raw: '{"error":{"message":"too long"}}' } } },
      'invalid-request',
      'Failed: too long',
    ],
    [
      'HTML',
      503,
      '<html><head><title>Service down</title></head><body>…</body></html>',
      'unavailable',
      'The upstream answered with HTTP status 503: Service down',
    ],
    ['nothing', 500, '', 'server', 'The upstream answered with HTTP status 500 and no message.'],
    ['a status that is no error', 302, '', 'upstream', 'The upstream answered with HTTP status 302 and no message.'],
  ])('%s', (_, status, body, kind, message) => {
    expect(read(status, body)).toMatchObject({ kind, message, upstream: { protocol: 'openai-chat', status } })
  })

  test.each([
    ['Retry-After', {}, { 'retry-after': '2' }, 2000],
    ['its milliseconds', {}, { 'retry-after': '1', 'retry-after-ms': '250' }, 250],
    ["OpenAI's text", { error: { message: 'Limit reached. Please try again in 1m2.5s. Thanks.' } }, {}, 62_500],
    ['milliseconds in a text', { error: { message: 'Please try again in 6ms.' } }, {}, 6],
    [
      "Google's details",
      {
        error: { message: 'x', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '39s' }] },
      },
      {},
      39_000,
    ],
    [
      'nothing',
      { error: { message: 'try again later' } },
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
      undefined,
    ],
  ])('tells by %s when to come back', (_, body, headers, retryAfterMs) => {
    expect(read(429, body, headers).retryAfterMs).toBe(retryAfterMs)
  })
})

describe('a fault for a client', () => {
  test.each<[FaultKind, string, string | null]>([
    ['invalid-request', 'invalid_request_error', null],
    ['authentication', 'authentication_error', 'invalid_api_key'],
    ['permission', 'permission_error', 'insufficient_quota'],
    ['not-found', 'invalid_request_error', 'model_not_found'],
    ['rate-limit', 'rate_limit_error', 'rate_limit_exceeded'],
    ['server', 'server_error', 'internal_server_error'],
  ])('%s', (kind, type, code) => {
    expect(openaiChat.encodeFault(new Fault(kind, 'Why'))).toEqual({
      error: { message: 'Why', type, param: null, code },
    })
  })
})

describe('an answer that is none', () => {
  test.each([
    [
      'an error under a status of 200',
      { error: { code: 'content_filter', message: 'Filtered', status: 400 } },
      'Filtered',
    ],
    ['no choices', { id: 'x', choices: [] }, 'The upstream answered without a choice.'],
  ])('%s', (_, body, message) => {
    expect(() => openaiChat.decodeResponse(body)).toThrow(message)
  })
})

function tapped(...sent: readonly (object | string)[]): unknown {
  const tap = openaiChat.tap()
  for (const item of sent) tap.pushFrame({ data: typeof item === 'string' ? item : JSON.stringify(item) })
  const { hasContent, isOver, isComplete, usage, fault } = tap.seen
  return { hasContent, isOver, isComplete, output: usage?.outputTokens, fault: fault?.message }
}

describe('a tap on a relayed stream', () => {
  const USAGE = { prompt_tokens: 1, completion_tokens: 2 }
  test.each([
    ['before anything', [], { hasContent: false, isOver: false, isComplete: false }],
    [
      'in the middle',
      [chunk({ content: 'a "finish_reason":"stop" b' })],
      { hasContent: true, isOver: false, isComplete: false },
    ],
    [
      'after the finish',
      [chunk({ content: 'a' }), ending('stop')],
      { hasContent: true, isOver: false, isComplete: true },
    ],
    [
      'after the end',
      [chunk({ content: 'a' }), ending('stop'), usageChunk(USAGE), '[DONE]'],
      { hasContent: true, isOver: true, isComplete: true, output: 2 },
    ],
    [
      'after an error at first',
      [{ error: { message: 'No' } }],
      { hasContent: false, isOver: false, isComplete: false, fault: 'No' },
    ],
    [
      'after an error at last',
      [ending('length'), { ...chunk({}), error: 'No' }, '[DONE]'],
      { hasContent: true, isOver: true, isComplete: false, fault: 'No' },
    ],
    [
      'where the model talks of errors',
      [chunk({ content: 'an {"error":{"message":"x"}}' })],
      { hasContent: true, isOver: false, isComplete: false },
    ],
  ])('%s', (_, sent, expected) => {
    expect(tapped(...sent)).toEqual({ output: undefined, fault: undefined, ...expected })
  })
})

describe('the older completions', () => {
  test('ask as one message of the user', () => {
    const body = { model: 'm', prompt: 'Once', max_tokens: 5, stop: ['.'], echo: true, logprobs: 3 }
    expect(openaiChat.encodeRequest(completions.decodeRequest(body), () => {})).toMatchObject({
      model: 'm',
      messages: [{ role: 'user', content: 'Once' }],
      max_tokens: 5,
      stop: ['.'],
      logprobs: true,
      top_logprobs: 3,
    })
  })

  test.each([[undefined], [''], [[]]])('with the prompt %j ask to complete something', (prompt) => {
    expect(completions.decodeRequest({ model: 'm', prompt }).turns[0]?.parts).toEqual([
      { type: 'text', text: 'Complete this:' },
    ])
  })

  test.each([
    [['a', 'b'], 'must be one string'],
    [[1, 2], 'must be one string'],
    [{}, 'must be a string, not an object'],
  ])('refuse the prompt %j', (prompt, message) => {
    expect(() => completions.decodeRequest({ model: 'm', prompt })).toThrow(message)
  })

  test('answer with the text alone, whole and streamed', () => {
    const answer = answerOf(
      chunk({ reasoning: 'Hm' }),
      chunk({ content: 'upon' }),
      ending('stop', { prompt_tokens: 1, completion_tokens: 2 }),
    )
    expect(completions.encodeResponse(answer, contextFor())).toMatchObject({
      id: 'chatcmpl-1',
      object: 'text_completion',
      choices: [{ index: 0, text: 'upon', finish_reason: 'stop' }],
    })
    const encoder = completions.streamEncoder(contextFor())
    const frames = [...replay(answer)].flatMap((event) => [...encoder.push(event)])
    expect(frames.map(({ data }) => (data === '[DONE]' ? data : JSON.parse(data).choices))).toEqual([
      [{ index: 0, text: 'upon', logprobs: null, finish_reason: null }],
      [{ index: 0, text: '', logprobs: null, finish_reason: 'stop' }],
      [],
      '[DONE]',
    ])
    expect(collect(replay(answer)).finish.reason).toBe('stop')
  })
})
