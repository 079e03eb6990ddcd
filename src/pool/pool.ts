import type { Account } from '../accounts/account.ts'
import type { Strategy } from '../config/config.ts'
import type { Candidate } from './candidate.ts'
import { blameFor } from './cooling.ts'
import { POLICIES, type Policy, type Ring } from './policy.ts'
import { isReady, recoveryFor, rememberModel, stepEntry, type Entry } from './entry.ts'
import type { CoolingPolicy, CoolingStanding, Outcome } from './standing.ts'

export interface PoolOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** From 0 up to 1. */
  readonly random: () => number
}

export interface PoolSettings {
  readonly strategy: Strategy
  readonly disableCooling: boolean
  /** 0: the default of 60; -1: none. */
  readonly transientErrorCooldownSeconds: number
}

/** The right to use an account once. Must be settled; only the first time counts. */
export interface Lease {
  readonly candidate: Candidate
  /**
   * The upstream has begun to answer. Optional: it ends a probe early, so that a long stream after a cooldown does not
   * keep others from the account.
   */
  answered(): void
  settle(outcome: Outcome): void
}

/** One line of a listing: an account that rests, for one model or for all. */
export interface StandingRow {
  readonly accountId: string
  /** The upstream's name; absent: all models of the account. */
  readonly model?: string
  readonly standing: CoolingStanding
}

/** Says which account may be used, and learns from how it went. */
export interface Pool {
  configure(settings: PoolSettings): void
  /**
   * An account that is ready and was not tried yet, chosen by the strategy among those of the highest ready priority;
   * undefined when there is none. `model` names the rotation: what the client asked for, without a thinking suffix. One
   * whose quota is used up is as ready as its stand-in, which is leased then.
   */
  lease(model: string, candidates: readonly Candidate[], tried: ReadonlySet<Candidate>): Lease | undefined
  /** When the first of them recovers, in milliseconds since the epoch; undefined when one is ready, or there is none. */
  readyAt(candidates: readonly Candidate[]): number | undefined
  /** Why and how long the one that recovers first rests; undefined when one is ready. */
  coolingFor(candidates: readonly Candidate[]): CoolingStanding | undefined
  /** True when none is ready and one of them rests for its quota. */
  isQuota(candidates: readonly Candidate[]): boolean
  /** Forgets accounts that are gone, and what no longer cools. */
  prune(accounts: readonly Account[]): void
  /** Forgets what an account did: it is asked again at once. */
  reset(accountId: string): void
  /** All that rest. */
  standings(): readonly StandingRow[]
}

interface AccountEntries {
  whole: Entry | undefined
  /** By the upstream's name. */
  readonly models: Map<string, Entry>
}

/** @see behaviour of CLIProxyAPI: it keeps as many cursors, and forgets them all when there are more. */
const RINGS_MAX = 4096

/** A probe that is not answered by then does not keep the next one waiting. */
const PROBE_MS_MAX = 10_000

const NOBODY: ReadonlySet<Candidate> = new Set()

/** @see behaviour of CLIProxyAPI: the default of `transient-error-cooldown-seconds`. */
const TRANSIENT_SECONDS = 60

export function createPool(options: PoolOptions): Pool {
  return new AccountPool(options)
}

class AccountPool implements Pool {
  readonly #clock: () => number
  readonly #random: () => number
  readonly #accounts = new Map<string, AccountEntries>()
  readonly #rings = new Map<string, Ring>()
  /** Filled anew by each lease, so that none allocates one. */
  readonly #ready: number[] = []
  #policy: Policy = POLICIES['round-robin']
  #isCoolingDisabled = false
  #transientMs = TRANSIENT_SECONDS * 1000

  constructor({ clock, random }: PoolOptions) {
    this.#clock = clock
    this.#random = random
  }

  configure({ strategy, disableCooling, transientErrorCooldownSeconds }: PoolSettings): void {
    this.#policy = POLICIES[strategy]
    this.#isCoolingDisabled = disableCooling
    const seconds = transientErrorCooldownSeconds === 0 ? TRANSIENT_SECONDS : Math.max(0, transientErrorCooldownSeconds)
    this.#transientMs = seconds * 1000
  }

  lease(model: string, candidates: readonly Candidate[], tried: ReadonlySet<Candidate>): Lease | undefined {
    const now = this.#clock()
    const turn = candidates.length === 1 ? candidates[0] : this.#choose(model, candidates, tried, now)
    const chosen = turn && this.#usable(turn, tried, now)
    if (!chosen) return undefined
    const probeUntil = this.#accounts.size > 0 && this.#beginProbe(chosen, now) ? now + PROBE_MS_MAX : 0
    return this.#leaseFor(chosen, now, probeUntil)
  }

  readyAt(candidates: readonly Candidate[]): number | undefined {
    return this.#firstToRecover(candidates)?.at
  }

  coolingFor(candidates: readonly Candidate[]): CoolingStanding | undefined {
    return this.#firstToRecover(candidates)?.standing
  }

  isQuota(candidates: readonly Candidate[]): boolean {
    const now = this.#clock()
    let isQuota = false
    for (const candidate of candidates) {
      if (this.#usable(candidate, NOBODY, now)) return false
      isQuota ||= this.#isSpent(candidate)
    }
    return isQuota
  }

  prune(accounts: readonly Account[]): void {
    const known = new Map(accounts.map((account) => [account.id, account]))
    for (const [id, entries] of this.#accounts) {
      const account = known.get(id)
      if (!account) this.#accounts.delete(id)
      else if (this.#isDisabledFor(account)) {
        entries.whole = undefined
        for (const [model, { standing }] of entries.models) {
          if (standing.state === 'ready' || standing.reason !== 'unsupported-model') entries.models.delete(model)
        }
        if (entries.models.size === 0) this.#accounts.delete(id)
      }
    }
  }

  reset(accountId: string): void {
    this.#accounts.delete(accountId)
  }

  standings(): readonly StandingRow[] {
    const rows: StandingRow[] = []
    for (const [accountId, { whole, models }] of this.#accounts) {
      if (whole?.standing.state === 'cooling') rows.push({ accountId, standing: whole.standing })
      for (const [model, { standing }] of models)
        if (standing.state === 'cooling') rows.push({ accountId, model, standing })
    }
    return rows
  }

  #choose(
    model: string,
    candidates: readonly Candidate[],
    tried: ReadonlySet<Candidate>,
    now: number,
  ): Candidate | undefined {
    const ready = this.#ready
    ready.length = 0
    let priority = Number.NEGATIVE_INFINITY
    for (let index = 0; index < candidates.length; index++) {
      const candidate = candidates[index]
      if (!candidate || candidate.account.priority < priority || !this.#usable(candidate, tried, now)) continue
      if (candidate.account.priority > priority) {
        priority = candidate.account.priority
        ready.length = 0
      }
      ready.push(index)
    }
    return ready.length === 0 ? undefined : candidates[this.#policy(ready, this.#ringFor(model, candidates.length))]
  }

  #ringFor(model: string, count: number): Ring {
    let ring = this.#rings.get(model)
    if (!ring) {
      if (this.#rings.size >= RINGS_MAX) this.#rings.clear()
      // Several processes, or many restarts, must not all begin with the same account.
      ring = { last: Math.floor(this.#random() * count) - 1 }
      this.#rings.set(model, ring)
    }
    return ring
  }

  #isDisabledFor(account: Account): boolean {
    return account.disableCooling ?? this.#isCoolingDisabled
  }

  #isReady({ account, upstreamModel }: Candidate, now: number): boolean {
    if (this.#accounts.size === 0) return true
    const entries = this.#accounts.get(account.id)
    return !entries || (isReady(entries.whole, now) && isReady(entries.models.get(upstreamModel), now))
  }

  /** The candidate itself when it may be leased, else its stand-in when that may and the quota is why. */
  #usable(candidate: Candidate, tried: ReadonlySet<Candidate>, now: number): Candidate | undefined {
    if (!tried.has(candidate) && this.#isReady(candidate, now)) return candidate
    const { standIn } = candidate
    return standIn && !tried.has(standIn) && this.#isReady(standIn, now) && this.#isSpent(candidate)
      ? standIn
      : undefined
  }

  /** True when it rests because its quota is used up. */
  #isSpent(candidate: Candidate): boolean {
    return this.#entriesFor(candidate).some(
      ({ standing }) => standing.state === 'cooling' && standing.reason === 'quota',
    )
  }

  /** What is remembered of the account and of the model; mostly nothing. */
  #entriesFor({ account, upstreamModel }: Candidate): readonly Entry[] {
    const entries = this.#accounts.get(account.id)
    return [entries?.whole, entries?.models.get(upstreamModel)].filter((entry) => entry !== undefined)
  }

  /** True when the call is a probe of an account that rested. */
  #beginProbe(candidate: Candidate, now: number): boolean {
    let isProbe = false
    for (const entry of this.#entriesFor(candidate)) {
      if (entry.standing.state === 'ready' || entry.isOpen) continue
      entry.probeUntil = now + PROBE_MS_MAX
      isProbe = true
    }
    return isProbe
  }

  /** @param probeUntil of the probe that this lease is; 0: it is none. */
  #leaseFor(candidate: Candidate, leasedAt: number, probeUntil: number): Lease {
    let isSettled = false
    return {
      candidate,
      answered: () => {
        if (probeUntil === 0 || isSettled) return
        for (const entry of this.#entriesFor(candidate)) entry.isOpen = true
      },
      settle: (outcome) => {
        if (isSettled) return
        isSettled = true
        if (probeUntil > 0) this.#endProbe(candidate, probeUntil)
        if (outcome.type === 'fault' || (outcome.type === 'success' && this.#accounts.size > 0)) {
          this.#settle(candidate, outcome, leasedAt)
        }
      },
    }
  }

  /** Lets the next probe begin, unless one has taken over meanwhile. */
  #endProbe(candidate: Candidate, probeUntil: number): void {
    for (const entry of this.#entriesFor(candidate)) if (entry.probeUntil === probeUntil) entry.probeUntil = 0
  }

  #settle(candidate: Candidate, outcome: Exclude<Outcome, { type: 'abandoned' }>, leasedAt: number): void {
    const { account, upstreamModel } = candidate
    const blame = outcome.type === 'fault' ? blameFor(outcome.fault, outcome.hint) : undefined
    if (outcome.type === 'fault' && !blame) return
    const entries = this.#accounts.get(account.id) ?? { whole: undefined, models: new Map<string, Entry>() }
    const now = this.#clock()
    const policy: CoolingPolicy = { isDisabled: this.#isDisabledFor(account), transientMs: this.#transientMs }
    const step = (entry: Entry | undefined): Entry | undefined => stepEntry(entry, outcome, now, policy, leasedAt)
    if (blame?.scope !== 'model') entries.whole = step(entries.whole)
    if (blame?.scope !== 'account') {
      const entry = step(entries.models.get(upstreamModel))
      if (entry) rememberModel(entries.models, upstreamModel, entry)
      else entries.models.delete(upstreamModel)
    }
    if (entries.whole || entries.models.size > 0) this.#accounts.set(account.id, entries)
    else this.#accounts.delete(account.id)
  }

  #firstToRecover(candidates: readonly Candidate[]): { at: number; standing: CoolingStanding } | undefined {
    const now = this.#clock()
    let first: { at: number; standing: CoolingStanding } | undefined
    for (const candidate of candidates) {
      if (this.#usable(candidate, NOBODY, now)) return undefined
      let last: { at: number; standing: CoolingStanding } | undefined
      for (const entry of this.#entriesFor(candidate)) {
        if (entry.standing.state === 'ready' || isReady(entry, now)) continue
        const at = recoveryFor(entry, entry.standing, now)
        if (!last || at > last.at) last = { at, standing: entry.standing }
      }
      if (last && (!first || last.at < first.at)) first = last
    }
    return first
  }
}
