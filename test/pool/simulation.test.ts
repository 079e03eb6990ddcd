import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Fault } from '../../src/ir/fault.ts'
import type { Candidate } from '../../src/pool/candidate.ts'
import { createPool, type Lease, type Pool } from '../../src/pool/pool.ts'
import type { Outcome } from '../../src/pool/standing.ts'
import { candidateFor } from './accounts.ts'
import { brokenConnection, httpFault } from './faults.ts'

const DAY = 24 * 60 * 60 * 1000
const ACCOUNTS = 4

const faults: readonly Fault[] = [
  httpFault(429, ''),
  httpFault(429, '', 90_000),
  httpFault(401, ''),
  httpFault(403, ''),
  httpFault(404, ''),
  httpFault(500, ''),
  httpFault(400, { error: { type: 'invalid_request_error', message: 'no' } }),
  httpFault(400, { error: { code: 'model_not_supported', message: 'no' } }),
  brokenConnection(),
]

const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ type: 'success' }),
  fc.constant<Outcome>({ type: 'abandoned' }),
  fc.record({
    type: fc.constant('fault' as const),
    fault: fc.constantFrom(...faults),
    hint: fc.option(
      fc.record({ retryAfterMs: fc.nat(10 * DAY), scope: fc.constantFrom('model' as const, 'account' as const) }),
      { nil: undefined },
    ),
  }),
)

type Step =
  | { readonly type: 'ask'; readonly model: number }
  | { readonly type: 'end'; readonly which: number; readonly outcome: Outcome }
  | { readonly type: 'answered'; readonly which: number }
  | { readonly type: 'wait'; readonly ms: number }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('ask' as const), model: fc.nat(1) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('end' as const), which: fc.nat(100), outcome: outcomes }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('answered' as const), which: fc.nat(100) }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.oneof(fc.nat(3000), fc.nat(DAY)) }),
    },
  ),
  { maxLength: 150 },
)

/** A pool with its own clock, and the calls that are under way. */
interface World {
  readonly pool: Pool
  readonly candidates: readonly (readonly Candidate[])[]
  readonly calls: Lease[]
  now: number
}

function createWorld(strategy: 'round-robin' | 'fill-first'): World {
  const candidates = ['m', 'n'].map((model) =>
    Array.from({ length: ACCOUNTS }, (_, index) => candidateFor(`a${index}`, model)),
  )
  const world: World = {
    pool: createPool({ clock: () => world.now, random: () => 0.3 }),
    candidates,
    calls: [],
    now: 1_800_000_000_000,
  }
  world.pool.configure({ strategy, disableCooling: false, transientErrorCooldownSeconds: 0 })
  return world
}

function take(world: World, step: Step): void {
  switch (step.type) {
    case 'ask': {
      const candidates = world.candidates[step.model] ?? []
      const readyAt = world.pool.readyAt(candidates)
      const cooling = restingIds(world, step.model)
      const lease = world.pool.lease(`model-${step.model}`, candidates, new Set())
      // Somebody is leased if and only if somebody is ready, and never one whose rest goes on.
      expect(lease === undefined).toBe(readyAt !== undefined)
      if (readyAt !== undefined) expect(readyAt).toBeGreaterThan(world.now)
      if (!lease) return
      expect(cooling).not.toContain(lease.candidate.account.id)
      world.calls.push(lease)
      return
    }
    case 'end':
      world.calls.splice(step.which % Math.max(1, world.calls.length), 1)[0]?.settle(step.outcome)
      return
    case 'answered':
      world.calls[step.which % Math.max(1, world.calls.length)]?.answered()
      return
    case 'wait':
      world.now += step.ms
  }
}

/** Accounts that rest and whose probe is not due either; those that an answered probe opened are left out. */
function restingIds({ pool, candidates, now }: World, model: number): readonly string[] {
  const name = candidates[model]?.[0]?.upstreamModel
  return pool
    .standings()
    .filter((row) => (row.model === undefined || row.model === name) && now < row.standing.probeAt)
    .filter(
      (row) =>
        pool.readyAt((candidates[model] ?? []).filter(({ account }) => account.id === row.accountId)) !== undefined,
    )
    .map(({ accountId }) => accountId)
}

test('in any course of events, who rests is left alone, and some account is leased whenever one is ready', () => {
  fc.assert(
    fc.property(fc.constantFrom('round-robin' as const, 'fill-first' as const), steps, (strategy, course) => {
      const world = createWorld(strategy)
      for (const step of course) take(world, step)
    }),
    { numRuns: 300 },
  )
})

test('every rest ends by itself: after the longest one, whatever happened, each account answers again', () => {
  fc.assert(
    fc.property(steps, (course) => {
      const world = createWorld('round-robin')
      for (const step of course) take(world, step)
      for (const call of world.calls.splice(0)) call.settle({ type: 'abandoned' })
      world.now += 8 * DAY
      for (const candidate of world.candidates.flat()) {
        const lease = world.pool.lease('m', [candidate], new Set())
        expect(lease).toBeDefined()
        lease?.settle({ type: 'success' })
      }
      expect(world.pool.standings()).toEqual([])
    }),
  )
})

test('no ready account starves: under round-robin each has its turn within one round of those that are ready', () => {
  fc.assert(
    fc.property(steps, (course) => {
      const world = createWorld('round-robin')
      for (const step of course) take(world, step)
      const candidates = world.candidates[0] ?? []
      const ready = candidates.filter((candidate) => world.pool.readyAt([candidate]) === undefined)
      const served = new Set<Candidate>()
      for (let turn = 0; turn < ready.length; turn++) {
        const lease = world.pool.lease('model-0', candidates, new Set())
        if (lease) served.add(lease.candidate)
        lease?.settle({ type: 'success' })
      }
      expect(served).toEqual(new Set(ready))
    }),
  )
})

test('at most one probe of an account is on its way', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.constantFrom(...faults.slice(0, 6)), (askers, fault) => {
      const world = createWorld('round-robin')
      const [candidate] = world.candidates[0] ?? []
      if (!candidate) throw new Error('no candidate')
      world.pool.lease('m', [candidate], new Set())?.settle({ type: 'fault', fault })
      world.now += DAY
      const leases = Array.from({ length: askers }, () => world.pool.lease('m', [candidate], new Set()))
      expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1)
    }),
  )
})
