import { Fault } from '../ir/fault.ts'
import type { Candidate } from '../pool/candidate.ts'
import type { Lease, Pool } from '../pool/pool.ts'
import { isRequestFault } from '../pool/request-fault.ts'
import type { Answer, Failure, Tried } from './answer.ts'
import type { Route } from './route.ts'

/** How often and how long failures are met with another try; `requestRetry` may be overridden by an account. */
export interface RetryLimits {
  /** Rounds after the first. */
  readonly requestRetry: number
  /** Accounts tried per round; 0: all. */
  readonly maxRetryCredentials: number
  /** Longest wait between rounds; 0: never wait. */
  readonly maxRetryIntervalSeconds: number
  /** Try another project of a login when one has used up its quota. */
  readonly switchProject?: boolean
}

export interface AttemptOptions {
  readonly pool: Pool
  readonly route: Route
  readonly limits: RetryLimits
  readonly clock: () => number
  readonly random: () => number
  readonly signal: AbortSignal
  /** One account's try. An answer comes with its lease unsettled: the answer's owner settles it at its end. */
  readonly run: (lease: Lease) => Promise<Tried>
}

/** Statuses after which another round may help. */
const ROUND_STATUSES: ReadonlySet<number> = new Set([403, 408, 429, 500, 502, 503, 504, 529])

/** Random extra of a wait between rounds: a share of the wait, and its bound. */
const WAIT_EXTRA_SHARE = 0.25
const WAIT_EXTRA_MS_MAX = 2000

/**
 * Tries accounts until one answers: within a round each account once, then, where waiting may help, another round.
 *
 * @throws {Fault} the last account's fault; unavailable or rate-limit when no account is ready; cancelled when the client left.
 */
export async function attempt(options: AttemptOptions): Promise<Answer> {
  const { pool, route, limits, clock, signal } = options
  let last: Failure | undefined
  const barred = new Set<Candidate>()
  for (let round = 0; ; round++) {
    const eligible =
      round === 0
        ? route.candidates
        : route.candidates.filter(({ account }) => (account.requestRetry ?? limits.requestRetry) >= round)
    const outcome = await playRound(options, eligible, last, barred)
    if ('answer' in outcome) return outcome.answer
    last = outcome.failure ?? { fault: nothingReady(options) }
    const { fault } = last
    const another = eligible.some(({ account }) => (account.requestRetry ?? limits.requestRetry) > round)
    if (!another || !ROUND_STATUSES.has(fault.status) || isFinal(last)) throw fault
    const readyAt = pool.readyAt(barred.size === 0 ? eligible : eligible.filter((one) => !barred.has(one)))
    const waitMs =
      readyAt === undefined
        ? Math.min(fault.retryAfterMs ?? 0, limits.maxRetryIntervalSeconds * 1000)
        : readyAt - clock()
    if (waitMs > limits.maxRetryIntervalSeconds * 1000) throw fault
    await sleep(
      Math.min(
        waitMs + Math.min(waitMs * WAIT_EXTRA_SHARE * options.random(), WAIT_EXTRA_MS_MAX),
        limits.maxRetryIntervalSeconds * 1000,
      ),
      signal,
    )
  }
}

/**
 * The first answer of one round, or its last failure; no failure: nobody was ready.
 *
 * @param barred who is not asked any more for this request; the round may add some.
 */
async function playRound(
  options: AttemptOptions,
  eligible: readonly Candidate[],
  before: Failure | undefined,
  barred: Set<Candidate>,
): Promise<{ answer: Answer } | { failure: Failure | undefined }> {
  const { pool, route, limits, signal } = options
  const tried = new Set(barred)
  let failure = before
  let standIn: Candidate | undefined
  for (let asked = 0; limits.maxRetryCredentials === 0 || asked < limits.maxRetryCredentials;) {
    if (signal.aborted) throw new Fault('cancelled', 'The client closed the request.')
    const again = standIn && pool.lease(route.model, [standIn], tried)
    const lease = again ?? pool.lease(route.model, eligible, tried)
    if (!lease) break
    if (!again) asked++
    tried.add(lease.candidate)
    let result: Tried
    try {
      result = await options.run(lease)
    } catch (error) {
      lease.settle({ type: 'abandoned' })
      throw error
    }
    if ('answer' in result) return result
    failure = result
    if (result.fault.kind === 'cancelled') lease.settle({ type: 'abandoned' })
    else lease.settle({ type: 'fault', fault: result.fault, hint: result.hint })
    if (isFinal(result)) throw withRetryAfter(result)
    const isSpent = result.fault.status === 429
    standIn = isSpent ? lease.candidate.standIn : undefined
    if (isSpent && !limits.switchProject)
      for (const other of sameLogin(lease.candidate, eligible)) bar(other, barred, tried)
  }
  return { failure: failure && { ...failure, fault: withRetryAfter(failure) } }
}

/** The other projects of the candidate's login. */
function sameLogin({ account: { id, login } }: Candidate, candidates: readonly Candidate[]): readonly Candidate[] {
  if (!login) return []
  return candidates.filter(({ account }) => account.login?.file === login.file && account.id !== id)
}

function bar(candidate: Candidate, ...sets: readonly Set<Candidate>[]): void {
  for (const set of sets) {
    set.add(candidate)
    if (candidate.standIn) set.add(candidate.standIn)
  }
}

/** No other account can do better: the request itself is at fault, or nobody waits for the answer. */
function isFinal({ fault }: Failure): boolean {
  return fault.kind === 'cancelled' || isRequestFault(fault)
}

/** The fault with the vendor's own reset time, which a client can wait for. */
function withRetryAfter({ fault, hint }: Failure): Fault {
  if (fault.retryAfterMs !== undefined || hint?.retryAfterMs === undefined) return fault
  return fault.with({ retryAfterMs: hint.retryAfterMs })
}

/** When the first account can be asked again, and what its upstream said that made it rest. */
function nothingReady({ pool, route, clock }: AttemptOptions): Fault {
  const { candidates, model } = route
  const readyAt = pool.readyAt(candidates)
  const retryAfterMs = readyAt === undefined ? 1000 : Math.max(0, readyAt - clock())
  const cooling = pool.coolingFor(candidates)
  const why = cooling ? `: ${cooling.reason}, HTTP ${cooling.status}, ${cooling.message}` : '.'
  const message = `All accounts for model '${model}' are resting; the first is asked again in ${Math.ceil(retryAfterMs / 1000)} s${why}`
  return new Fault(pool.isQuota(candidates) ? 'rate-limit' : 'unavailable', message, {
    code: 'model_cooldown',
    retryAfterMs,
  })
}

/** @throws {Fault} cancelled when the client leaves meanwhile. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return
  await new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer)
      reject(new Fault('cancelled', 'The client closed the request.'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave)
      resolve()
    }, ms)
    signal.addEventListener('abort', leave, { once: true })
  })
}
