import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonValue } from '../../src/ir/json.ts'
import { RESET_MS_MAX, resetHintFor, type ResetHint } from '../../src/pool/reset-hint.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')
const IN_A_MINUTE = NOW / 1000 + 60

function hint(status: number, headers: Record<string, string>, body: JsonValue | string = ''): ResetHint | undefined {
  return resetHintFor(status, new Headers(headers), typeof body === 'string' ? body : JSON.stringify(body), NOW)
}

const DAY = 24 * 60 * 60 * 1000

test.each<readonly [string, Record<string, string>, number | undefined]>([
  ['seconds', { 'retry-after': '13' }, 13_000],
  ['a fraction of a second', { 'retry-after': '0.5' }, 500],
  ['a date', { 'retry-after': 'Mon, 23 Nov 2026 12:01:00 GMT' }, 60_000],
  ['a date that has passed', { 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, 0],
  ['a negative number', { 'retry-after': '-5' }, 0],
  ['a duration', { 'retry-after': '1m30s' }, 90_000],
  ['more than a week', { 'retry-after': '99999999' }, RESET_MS_MAX],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
  ['nothing', { 'retry-after': '' }, undefined],
  ['milliseconds beside seconds', { 'retry-after': '1', 'retry-after-ms': '250' }, 250],
  ['Azure’s zero milliseconds', { 'retry-after': '1', 'retry-after-ms': '0' }, 1000],
  [
    'OpenAI’s durations, of the limit that is used up',
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-remaining-tokens': '9',
      'x-ratelimit-reset-tokens': '1h',
    },
    360_000,
  ],
  [
    'the latest of two',
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '12ms',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1.5s',
    },
    1500,
  ],
  [
    'a limit that is not used up',
    { 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '1m' },
    undefined,
  ],
  ['milliseconds since the epoch', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${NOW + 5000}` }, 5000],
  ['seconds since the epoch', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${IN_A_MINUTE}` }, 60_000],
  ['the draft standard', { 'ratelimit-remaining': '0', 'ratelimit-reset': '19' }, 19_000],
  [
    'Anthropic’s dates',
    { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-23T12:00:30Z' },
    30_000,
  ],
  [
    'Retry-After before the other headers',
    { 'retry-after': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '50' },
    2000,
  ],
])('429: the headers say %s', (_what, headers, retryAfterMs) => {
  expect(hint(429, headers)).toEqual(retryAfterMs === undefined ? undefined : { retryAfterMs, scope: 'model' })
})

test.each<readonly [string, JsonValue, number | undefined, ResetHint['scope']]>([
  [
    'RetryInfo',
    { error: { code: 429, details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }] } },
    34_400,
    'model',
  ],
  ['quotaResetDelay', { error: { details: [{ metadata: { quotaResetDelay: '1h2m3.5s' } }] } }, 3_723_500, 'model'],
  ['Google’s array', [{ error: { details: [{ retryDelay: '7s' }] } }], 7000, 'model'],
  ['Google’s message', { error: { message: 'Quota exceeded.\nPlease retry in 48.939935699s.' } }, 48_940, 'model'],
  ['resets_at', { error: { type: 'usage_limit_reached', resets_at: IN_A_MINUTE } }, 60_000, 'account'],
  ['resets_in_seconds', { error: { type: 'usage_limit_reached', resets_in_seconds: 120 } }, 120_000, 'account'],
  ['a usage limit without a time', { error: { type: 'usage_limit_reached' } }, undefined, 'account'],
  [
    'spent credit',
    { error: { code: 'insufficient_quota', message: 'You exceeded your current quota' } },
    undefined,
    'account',
  ],
  [
    'OpenAI’s message',
    { error: { message: 'Rate limit reached for gpt-4.1. Please try again in 3.89s. Visit …' } },
    3890,
    'model',
  ],
  ['OpenAI’s message in milliseconds', { error: { message: 'Please try again in 6ms. Contact us …' } }, 6, 'model'],
  ['minutes and seconds', { error: { message: 'Please try again in 1m26.4s.' } }, 86_400, 'model'],
  ['words', { message: 'Please retry after 20 seconds.' }, 20_000, 'model'],
  [
    'OpenRouter’s quoted headers',
    {
      error: {
        code: 429,
        metadata: { headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': `${NOW + 9000}` } },
      },
    },
    9000,
    'model',
  ],
  ['retry_after', { error: 'slow down', retry_after: 4 }, 4000, 'model'],
])('429: the body says %s', (_what, body, retryAfterMs, scope) => {
  expect(hint(429, {}, body)).toEqual(retryAfterMs === undefined ? { scope } : { retryAfterMs, scope })
})

test.each<readonly [string, Record<string, string>, ResetHint]>([
  [
    'the recorded refusal of a 5 h window',
    { 'retry-after': '13262', 'anthropic-ratelimit-unified-5h-status': 'rejected' },
    { retryAfterMs: 13_262_000, scope: 'account' },
  ],
  [
    'the latest of the windows that refuse',
    {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': `${IN_A_MINUTE}`,
      'anthropic-ratelimit-unified-7d-status': 'rejected',
      'anthropic-ratelimit-unified-7d-reset': '2026-11-24T12:00:00Z',
    },
    { retryAfterMs: DAY, scope: 'account' },
  ],
  [
    'not one that allows',
    {
      'retry-after': '5',
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-7d-status': 'allowed',
      'anthropic-ratelimit-unified-7d-reset': '2026-11-24T12:00:00Z',
    },
    { retryAfterMs: 5000, scope: 'account' },
  ],
  [
    'the window of one family of models',
    {
      'retry-after': '5',
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-5h-status': 'allowed',
      'anthropic-ratelimit-unified-7d-status': 'allowed',
      'anthropic-ratelimit-unified-7d_oi-status': 'rejected',
    },
    { retryAfterMs: 5000, scope: 'model' },
  ],
  ['a refusal without a time', { 'anthropic-ratelimit-unified-status': 'rejected' }, { scope: 'account' }],
])('Anthropic’s unified limits: %s', (_what, headers, expected) => {
  expect(hint(429, headers)).toEqual(expected)
})

test('only refusals that pass tell a time', () => {
  expect(hint(503, { 'retry-after': '3' })).toEqual({ retryAfterMs: 3000, scope: 'model' })
  expect(hint(529, { 'retry-after': '3' })).toEqual({ retryAfterMs: 3000, scope: 'model' })
  expect(hint(400, { 'retry-after': '3' })).toBeUndefined()
  expect(hint(401, { 'retry-after': '3' })).toBeUndefined()
  expect(hint(503, { 'anthropic-ratelimit-unified-status': 'rejected' })).toBeUndefined()
})

test('whatever an upstream says, the time is neither negative nor longer than a week', () => {
  const times = fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String), fc.date().map(String))
  fc.assert(
    fc.property(times, fc.string(), fc.json(), (time, message, json) => {
      const value = time.replaceAll(/[^\x20-\x7e]/g, '')
      const headers = { 'retry-after': value, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': value }
      for (const body of [
        message,
        json,
        JSON.stringify({ error: { message, resets_at: time, details: [{ retryDelay: time }] } }),
      ]) {
        const { retryAfterMs } = hint(429, headers, body) ?? {}
        if (retryAfterMs !== undefined) {
          expect(retryAfterMs).toBeGreaterThanOrEqual(0)
          expect(retryAfterMs).toBeLessThanOrEqual(RESET_MS_MAX)
        }
      }
    }),
  )
})
