import { beforeEach, describe, expect, test } from 'bun:test'
import type { Candidate } from '../../src/pool/candidate.ts'
import { chooseFillFirst, chooseRoundRobin } from '../../src/pool/policy.ts'
import { createPool, type Lease, type Pool } from '../../src/pool/pool.ts'
import type { Outcome } from '../../src/pool/standing.ts'
import { accountFor, candidateFor } from './accounts.ts'
import { brokenConnection, httpFault } from './faults.ts'

const SETTINGS = { strategy: 'round-robin', disableCooling: false, transientErrorCooldownSeconds: 0 } as const
const NOBODY: ReadonlySet<Candidate> = new Set()
const LIMITED: Outcome = { type: 'fault', fault: httpFault(429, '') }
const LIMITED_WHOLLY: Outcome = { ...LIMITED, hint: { retryAfterMs: 60_000, scope: 'account' } }
const SUCCESS: Outcome = { type: 'success' }

let now = 0
let pool: Pool

beforeEach(() => {
  now = 1_800_000_000_000
  pool = createPool({ clock: () => now, random: () => 0 })
  pool.configure(SETTINGS)
})

function lease(candidates: readonly Candidate[], tried = NOBODY, model = 'm'): Lease | undefined {
  return pool.lease(model, candidates, tried)
}

function settle(candidates: readonly Candidate[], outcome: Outcome): void {
  const one = lease(candidates)
  if (!one) throw new Error('nobody is ready')
  one.settle(outcome)
}

/** The account that is leased, by its id; undefined: nobody. */
function idOf(candidates: readonly Candidate[], tried = NOBODY): string | undefined {
  return lease(candidates, tried)?.candidate.account.id
}

describe('Strategies', () => {
  test('round-robin takes the next ready index after the last, and begins anew at the end', () => {
    const ring = { last: -1 }
    expect([1, 2, 3, 4].map(() => chooseRoundRobin([0, 1, 2], ring))).toEqual([0, 1, 2, 0])
    expect(chooseRoundRobin([2], ring)).toBe(2)
    expect(chooseRoundRobin([0, 1], ring)).toBe(0)
  })

  test('fill-first takes the first ready one', () => {
    expect(chooseFillFirst([2, 5])).toBe(2)
  })

  test('the pool rotates over all accounts, each model by itself', () => {
    const all = ['a', 'b', 'c'].map((id) => candidateFor(id))
    expect([1, 2, 3, 4].map(() => idOf(all))).toEqual(['a', 'b', 'c', 'a'])
    expect(lease(all, NOBODY, 'other')?.candidate.account.id).toBe('a')
  })

  test('fill-first stays with the first until it cools', () => {
    pool.configure({ ...SETTINGS, strategy: 'fill-first' })
    const all = ['a', 'b'].map((id) => candidateFor(id))
    expect([idOf(all), idOf(all)]).toEqual(['a', 'a'])
    settle(all, LIMITED)
    expect(idOf(all)).toBe('b')
  })

  test('only the highest ready priority is used', () => {
    const all = [
      candidateFor('low', 'm', { priority: -1 }),
      candidateFor('high', 'm', { priority: 5 }),
      candidateFor('mid'),
    ]
    expect([idOf(all), idOf(all)]).toEqual(['high', 'high'])
    settle(all, LIMITED)
    expect(idOf(all)).toBe('mid')
    expect(idOf(all, new Set(all.slice(1)))).toBe('low')
  })

  test('who was tried is not chosen again, also when there is only one', () => {
    const [a, b] = [candidateFor('a'), candidateFor('b')]
    expect(idOf([a, b], new Set([a]))).toBe('b')
    expect(lease([a], new Set([a]))).toBeUndefined()
    expect(lease([])).toBeUndefined()
  })
})

describe('Cooling', () => {
  test('is of one model, and of the whole account when the hint says so', () => {
    const [m, n] = [candidateFor('a', 'm'), candidateFor('a', 'n')]
    settle([m], LIMITED)
    expect([idOf([m]), idOf([n])]).toEqual([undefined, 'a'])
    settle([n], LIMITED_WHOLLY)
    expect(lease([candidateFor('a', 'third')])).toBeUndefined()
  })

  test('tells when the first of them recovers, and that it is a matter of quota', () => {
    const all = ['a', 'b'].map((id) => candidateFor(id))
    settle(all, LIMITED_WHOLLY)
    expect([pool.readyAt(all), pool.isQuota(all)]).toEqual([undefined, false])
    settle(all, LIMITED)
    expect([pool.readyAt(all), pool.isQuota(all)]).toEqual([now + 1000, true])
    expect(pool.coolingFor(all)).toMatchObject({ reason: 'quota', until: now + 1000, status: 429 })
    expect(pool.readyAt([])).toBeUndefined()
  })

  test('of server errors is no matter of quota', () => {
    const one = [candidateFor('a')]
    settle(one, { type: 'fault', fault: httpFault(503, '') })
    expect([pool.readyAt(one), pool.isQuota(one)]).toEqual([now + 60_000, false])
  })

  test('a request’s own fault and a client that left cool nobody', () => {
    const one = [candidateFor('a')]
    settle(one, { type: 'fault', fault: httpFault(400, { error: { type: 'invalid_request_error', message: 'no' } }) })
    settle(one, { type: 'abandoned' })
    expect(pool.standings()).toEqual([])
    expect(idOf(one)).toBe('a')
  })

  test('a lease settles once', () => {
    const one = [candidateFor('a')]
    const first = lease(one)
    first?.settle(SUCCESS)
    first?.settle(LIMITED)
    expect(pool.standings()).toEqual([])
  })

  test('an account’s own disable-cooling overrides the global one, both ways', () => {
    const [cold, warm] = [
      candidateFor('a', 'm', { disableCooling: true }),
      candidateFor('b', 'm', { disableCooling: false }),
    ]
    settle([cold], LIMITED)
    expect(idOf([cold])).toBe('a')
    pool.configure({ ...SETTINGS, disableCooling: true })
    settle([warm], LIMITED)
    expect(idOf([warm])).toBeUndefined()
  })

  test.each([
    [0, 60_000],
    [-1, 0],
    [5, 5000],
  ])('transient-error-cooldown-seconds %d rests %d ms', (seconds, ms) => {
    pool.configure({ ...SETTINGS, transientErrorCooldownSeconds: seconds })
    const one = [candidateFor('a')]
    settle(one, { type: 'fault', fault: httpFault(500, '') })
    expect(pool.readyAt(one)).toBe(ms === 0 ? undefined : now + ms)
  })
})

describe('After the window', () => {
  const one = [candidateFor('a')]

  beforeEach(() => {
    settle(one, LIMITED)
    now += 1000
  })

  test('one probe goes at a time', () => {
    expect(lease(one)).toBeDefined()
    expect(lease(one)).toBeUndefined()
    expect(pool.readyAt(one)).toBe(now + 1000)
  })

  test('its success lets everybody in again', () => {
    settle(one, SUCCESS)
    expect([idOf(one), idOf(one)]).toEqual(['a', 'a'])
    expect(pool.standings()).toEqual([])
  })

  test('its failure opens the next window, twice as long', () => {
    settle(one, LIMITED)
    expect(pool.readyAt(one)).toBe(now + 2000)
  })

  test('its first words let everybody in while it goes on, and its failure is still told', () => {
    const probe = lease(one)
    probe?.answered()
    expect(idOf(one)).toBe('a')
    probe?.settle(LIMITED)
    expect(pool.readyAt(one)).toBe(now + 2000)
  })

  test.each<readonly [string, Outcome]>([
    ['a client that leaves', { type: 'abandoned' }],
    ['a request’s own fault', { type: 'fault', fault: httpFault(413, '') }],
  ])('%s decides nothing: the next one probes', (_what, outcome) => {
    settle(one, outcome)
    expect(lease(one)).toBeDefined()
    expect(lease(one)).toBeUndefined()
  })

  test('a probe that nobody answers does not keep the next one waiting for ever', () => {
    const lost = lease(one)
    now += 10_000
    expect(lease(one)).toBeDefined()
    lost?.settle({ type: 'abandoned' })
    expect(lease(one)).toBeUndefined()
  })
})

test('two broken connections in a row rest the account for a second, one does not', () => {
  const one = [candidateFor('a')]
  const broken: Outcome = { type: 'fault', fault: brokenConnection() }
  settle(one, broken)
  expect([idOf(one), idOf(one)]).toEqual(['a', 'a'])
  settle(one, broken)
  expect(pool.readyAt(one)).toBe(now + 1000)
})

function withStandIn(id: string): Candidate {
  const one = candidateFor(id, 'm')
  return { ...one, standIn: { account: one.account, upstreamModel: 'preview' } }
}

/** What is leased, as `account:model`. */
function modelOf(candidates: readonly Candidate[], tried = NOBODY): string | undefined {
  const candidate = lease(candidates, tried)?.candidate
  return candidate && `${candidate.account.id}:${candidate.upstreamModel}`
}

describe('A stand-in', () => {
  test.each([1, 2])('is leased while the quota of its candidate is used up, among %d', (count) => {
    const all = ['a', 'b'].slice(0, count).map(withStandIn)
    const turns = (): readonly string[] => all.map(() => modelOf(all) ?? 'nobody')
    const plain = all.map(({ account }) => `${account.id}:m`)
    expect(turns()).toEqual(plain)
    settle(all, LIMITED)
    expect(turns().toSorted()).toEqual([...plain.slice(1), 'a:preview'].toSorted())
    expect([pool.readyAt(all), pool.isQuota(all)]).toEqual([undefined, false])
    now += 60 * 60_000
    expect(turns().toSorted()).toEqual(plain)
  })

  test('is not leased when it was tried, when its account rests, or when something else is wrong', () => {
    const one = withStandIn('a')
    settle([one], LIMITED)
    expect(modelOf([one], new Set([one]))).toBe('a:preview')
    expect(modelOf([one], new Set(one.standIn ? [one, one.standIn] : []))).toBeUndefined()
    settle([one], LIMITED)
    expect(modelOf([one])).toBeUndefined()
    expect(pool.isQuota([one])).toBe(true)
    expect(pool.readyAt([one])).toBeGreaterThan(now)

    const failing = withStandIn('b')
    settle([failing], { type: 'fault', fault: httpFault(500, '') })
    expect(modelOf([failing])).toBeUndefined()

    const whole = withStandIn('c')
    settle([whole], LIMITED_WHOLLY)
    expect(modelOf([whole])).toBeUndefined()
  })
})

describe('Memory', () => {
  test('accounts that are gone are forgotten', () => {
    for (const id of ['a', 'b']) settle([candidateFor(id)], LIMITED)
    pool.prune([accountFor('b')])
    expect(pool.standings().map(({ accountId }) => accountId)).toEqual(['b'])
    pool.prune([accountFor('b', { disableCooling: true })])
    expect(pool.standings()).toEqual([])
  })

  test('the models of one account are bounded', () => {
    for (let index = 0; index < 3000; index++) settle([candidateFor('a', `m${index}`)], LIMITED)
    expect(pool.standings().length).toBe(1024)
  })

  test('success leaves nothing behind', () => {
    const all = ['a', 'b'].map((id) => candidateFor(id))
    for (const outcome of [LIMITED, SUCCESS, LIMITED]) settle(all, outcome)
    expect(pool.standings()).toHaveLength(2)
    now += 60_000
    for (let index = 0; index < 10; index++) settle(all, SUCCESS)
    expect(pool.standings()).toEqual([])
  })
})
