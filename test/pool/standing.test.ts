import { describe, expect, test } from 'bun:test'
import type { Fault } from '../../src/ir/fault.ts'
import {
  nextStanding,
  READY,
  type CoolingPolicy,
  type CoolingStanding,
  type Standing,
} from '../../src/pool/standing.ts'
import type { ResetHint } from '../../src/pool/reset-hint.ts'
import { brokenConnection, httpFault } from './faults.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const NOW = 1_800_000_000_000
const POLICY: CoolingPolicy = { isDisabled: false, transientMs: MINUTE }

function fail(standing: Standing, fault: Fault, now = NOW, hint?: ResetHint, policy = POLICY): Standing {
  return nextStanding(standing, { type: 'fault', fault, hint }, now, policy)
}

/** How long the account rests, in milliseconds; 0: not at all. */
function restMs(standing: Standing, now = NOW): number {
  return standing.state === 'cooling' ? standing.until - now : 0
}

function cooling(standing: Standing): CoolingStanding {
  if (standing.state !== 'cooling') throw new Error('it does not cool')
  return standing
}

const unsupported = httpFault(400, {
  error: { code: 'model_not_supported', message: 'The requested model is not supported.' },
})
const challenge = httpFault(403, '<html><script src="/cdn-cgi/challenge-platform/x"></script></html>')

test.each<readonly [string, Fault, ResetHint | undefined, number, number]>([
  ['the request itself', httpFault(400, { error: { type: 'invalid_request_error', message: 'no' } }), undefined, 0, 0],
  ['a model that is not supported', unsupported, undefined, 12 * HOUR, 12 * HOUR],
  ['a Cloudflare challenge', challenge, undefined, 10 * SECOND, 0],
  ['a login that is over', httpFault(400, { error: 'invalid_grant' }), undefined, 30 * MINUTE, 0],
  ['401', httpFault(401, ''), undefined, 30 * MINUTE, 0],
  ['402', httpFault(402, ''), undefined, 30 * MINUTE, 0],
  ['403', httpFault(403, ''), undefined, 30 * MINUTE, 0],
  [
    '404 that names the model',
    httpFault(404, { error: { code: 'model_not_found', message: 'no' } }),
    undefined,
    10 * MINUTE,
    0,
  ],
  ['404 of anything else', httpFault(404, 'Not Found'), undefined, 30 * SECOND, 0],
  ['429 without a hint', httpFault(429, ''), undefined, SECOND, 0],
  ['429 with a hint', httpFault(429, ''), { retryAfterMs: 90 * SECOND, scope: 'model' }, 90 * SECOND, 0],
  ['429 whose codec read the time', httpFault(429, '', 20 * SECOND), undefined, 20 * SECOND, 0],
  ['429 with a hint of nothing', httpFault(429, ''), { retryAfterMs: 0, scope: 'model' }, SECOND, 0],
  ['429 with a hint beyond all windows', httpFault(429, ''), { retryAfterMs: 1e12, scope: 'model' }, 7 * 24 * HOUR, 0],
  ['408', httpFault(408, ''), undefined, MINUTE, 0],
  ['500', httpFault(500, ''), undefined, MINUTE, 0],
  ['503 with Retry-After', httpFault(503, ''), { retryAfterMs: 5 * SECOND, scope: 'model' }, 5 * SECOND, 0],
  ['529', httpFault(529, ''), undefined, MINUTE, 0],
  ['a broken connection', brokenConnection(), undefined, 0, 0],
])(
  '%s rests the account for as long as the table says, and with cooling disabled only if it never works',
  (_what, fault, hint, ms, disabledMs) => {
    expect(restMs(fail(READY, fault, NOW, hint))).toBe(ms)
    expect(restMs(fail(READY, fault, NOW, hint, { ...POLICY, isDisabled: true }))).toBe(disabledMs)
  },
)

describe('429 in a row', () => {
  test('doubles the rest from 1 s to 30 min, each failure after the window of the one before', () => {
    const rests: number[] = []
    let standing: Standing = READY
    let now = NOW
    for (let round = 0; round < 14; round++) {
      standing = fail(standing, httpFault(429, ''), now)
      rests.push(restMs(standing, now) / SECOND)
      now = cooling(standing).until
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800, 1800, 1800])
  })

  test('inside the window changes neither its end nor the level', () => {
    const first = cooling(fail(fail(READY, httpFault(429, '')), httpFault(429, ''), NOW + SECOND))
    const second = cooling(fail(first, httpFault(429, ''), NOW + 2 * SECOND))
    expect([second.until, second.level]).toEqual([first.until, first.level])
  })

  test('a shorter hint never shortens, a longer one lengthens, jitter does neither', () => {
    const hinted = (standing: Standing, seconds: number): CoolingStanding =>
      cooling(fail(standing, httpFault(429, ''), NOW, { retryAfterMs: seconds * SECOND, scope: 'model' }))
    const first = hinted(READY, 100)
    expect(hinted(first, 10).until).toBe(first.until)
    expect(hinted(first, 101).until).toBe(first.until)
    expect(hinted(first, 200).until).toBe(NOW + 200 * SECOND)
  })

  test('success begins anew', () => {
    const tired = fail(fail(READY, httpFault(429, '')), httpFault(429, ''), NOW + SECOND)
    const rested = nextStanding(tired, { type: 'success' }, NOW + 3 * SECOND, POLICY)
    expect(rested).toBe(READY)
    expect(restMs(fail(rested, httpFault(429, '')))).toBe(SECOND)
  })

  test('the success of a call from before the limit does not lift it', () => {
    const limited = fail(READY, httpFault(429, ''), NOW)
    expect(nextStanding(limited, { type: 'success' }, NOW + 10, POLICY, NOW - 1)).toBe(limited)
    expect(nextStanding(limited, { type: 'success' }, NOW + 10, POLICY, NOW + 5)).toBe(READY)
  })
})

test('another kind of failure inside the window lengthens it when its own rest is longer', () => {
  const limited = fail(READY, httpFault(429, ''))
  const refused = cooling(fail(limited, httpFault(401, 'bad key'), NOW + 10))
  expect([refused.reason, refused.until]).toEqual(['unauthorized', NOW + 10 + 30 * MINUTE])
  expect(cooling(fail(refused, httpFault(500, ''), NOW + 20)).until).toBe(refused.until)
})

test('connections that break in a row rest the account from the second on, 1 s to 30 s', () => {
  const rests: number[] = []
  let standing: Standing = READY
  let now = NOW
  for (let round = 0; round < 8; round++) {
    standing = fail(standing, brokenConnection(), now)
    rests.push(restMs(standing, now) / SECOND)
    if (standing.state === 'cooling') now = standing.until
  }
  expect(rests).toEqual([0, 1, 2, 4, 8, 16, 30, 30])
})

test('transient errors cost nothing when the config says so', () => {
  const policy = { isDisabled: false, transientMs: 0 }
  expect(restMs(fail(READY, httpFault(503, ''), NOW, { retryAfterMs: MINUTE, scope: 'model' }, policy))).toBe(0)
  expect(
    restMs(fail(fail(READY, brokenConnection(), NOW, undefined, policy), brokenConnection(), NOW, undefined, policy)),
  ).toBe(0)
})

test('who left costs nothing, whatever the standing', () => {
  const limited = fail(READY, httpFault(429, ''))
  expect(nextStanding(limited, { type: 'abandoned' }, NOW, POLICY)).toBe(limited)
  expect(nextStanding(READY, { type: 'abandoned' }, NOW, POLICY)).toBe(READY)
})

test('a rest of more than an hour is interrupted by a probe each hour', () => {
  const limited = cooling(fail(READY, httpFault(429, ''), NOW, { retryAfterMs: 5 * HOUR, scope: 'account' }))
  expect(limited.probeAt).toBe(NOW + HOUR)
  const probed = cooling(fail(limited, httpFault(429, ''), NOW + HOUR))
  expect([probed.until, probed.probeAt]).toEqual([limited.until, NOW + 2 * HOUR])
  expect(cooling(fail(probed, httpFault(429, ''), NOW + 4.5 * HOUR)).probeAt).toBe(limited.until)
})

test('a standing tells what the upstream said, and no more than its beginning', () => {
  const standing = cooling(fail(READY, httpFault(401, '')))
  expect([standing.status, standing.message]).toEqual([401, 'the upstream refused'])
})
