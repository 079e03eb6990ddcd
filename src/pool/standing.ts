import type { Fault } from '../ir/fault.ts'
import { blameFor, type CoolingReason } from './cooling.ts'
import { RESET_MS_MAX, type ResetHint } from './reset-hint.ts'

/** How a call to an upstream ended, as far as the account is concerned. */
export type Outcome =
  | { readonly type: 'success' }
  /** The client left, or nobody can tell: it costs the account nothing. */
  | { readonly type: 'abandoned' }
  | { readonly type: 'fault'; readonly fault: Fault; readonly hint?: ResetHint | undefined }

/** Whether an account may be used for a model, or at all. Times are milliseconds since the epoch. */
export type Standing = ReadyStanding | CoolingStanding

export interface ReadyStanding {
  readonly state: 'ready'
  /** Connections that failed in a row. */
  readonly level: number
}

export interface CoolingStanding {
  readonly state: 'cooling'
  readonly reason: CoolingReason
  /** What the upstream said: the HTTP status and the beginning of its message. */
  readonly status: number
  readonly message: string
  readonly since: number
  /** When it should be over. */
  readonly until: number
  /** When one call may find out: `until`, or earlier when that is far away. */
  readonly probeAt: number
  /** Failures of this kind in a row, each of them after the window of the one before. */
  readonly level: number
}

export interface CoolingPolicy {
  /** Nothing cools but what the upstream does not serve at all. */
  readonly isDisabled: boolean
  /** Rest after a 408 or 5xx; 0: none. */
  readonly transientMs: number
}

export const READY: ReadyStanding = { state: 'ready', level: 0 }

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** @see behaviour of CLIProxyAPI: its cooldown table, but for the two kinds of 404, which it keeps for 12 hours. */
const UNSUPPORTED_MODEL_MS = 12 * HOUR_MS
const REFUSED_MS = 30 * MINUTE_MS
const UNKNOWN_MODEL_MS = 10 * MINUTE_MS
const NOT_FOUND_MS = 30 * SECOND_MS
const CHALLENGE_MS_MIN = 10 * SECOND_MS
const BACKOFF_MS_MIN = SECOND_MS
const QUOTA_MS_MAX = 30 * MINUTE_MS
const CONNECTION_MS_MAX = 30 * SECOND_MS

/** A reset that the vendor gives as less than this would be asked again at once. */
const HINT_MS_MIN = SECOND_MS

const MESSAGE_CHARS_MAX = 200

/** Resets told in a row differ by a little although they mean the same moment. */
const JITTER_MS = 2 * SECOND_MS

/** Vendors lift limits before they said they would: a long rest is interrupted by one probe in this time. */
const PROBE_EVERY_MS = HOUR_MS

/**
 * The standing after an outcome. Nothing else decides how long an account rests.
 *
 * @param leasedAt when the call began: the success of one that began before the limit was hit says nothing about it.
 */
export function nextStanding(
  standing: Standing,
  outcome: Outcome,
  now: number,
  policy: CoolingPolicy,
  leasedAt: number = now,
): Standing {
  switch (outcome.type) {
    case 'abandoned':
      return standing
    case 'success':
      return standing.state === 'cooling' && standing.reason === 'quota' && leasedAt < standing.since ? standing : READY
    case 'fault':
      return afterFault(standing, outcome, now, policy)
  }
}

function afterFault(
  standing: Standing,
  { fault, hint }: Extract<Outcome, { type: 'fault' }>,
  now: number,
  policy: CoolingPolicy,
): Standing {
  const reason = blameFor(fault, hint)?.reason
  if (!reason || (policy.isDisabled && reason !== 'unsupported-model')) return standing
  const hintMs = hint?.retryAfterMs ?? fault.retryAfterMs
  if (standing.state === 'cooling' && now < standing.until) {
    const until =
      reason === standing.reason && hintMs === undefined ? standing.until : now + restMs(reason, 0, hintMs, policy)
    return extend(standing, { reason, ...wordsOf(fault) }, now, until)
  }
  const level = standing.state === 'ready' || standing.reason === reason ? standing.level : 0
  const ms = restMs(reason, level, hintMs, policy)
  if (ms === 0) return reason === 'connection' ? { state: 'ready', level: level + 1 } : READY
  return {
    state: 'cooling',
    reason,
    ...wordsOf(fault),
    since: now,
    until: now + ms,
    probeAt: now + Math.min(ms, PROBE_EVERY_MS),
    level: level + 1,
  }
}

/** A failure inside the window: never shortens it, and lengthens it only by more than vendors' clocks differ. */
function extend(
  standing: CoolingStanding,
  later: Pick<CoolingStanding, 'reason' | 'status' | 'message'>,
  now: number,
  until: number,
): CoolingStanding {
  const kept = until > standing.until + JITTER_MS ? { ...standing, ...later, until } : standing
  return { ...kept, probeAt: Math.min(kept.until, now + PROBE_EVERY_MS) }
}

function wordsOf({ status, message }: Fault): Pick<CoolingStanding, 'status' | 'message'> {
  return { status, message: message.slice(0, MESSAGE_CHARS_MAX) }
}

/** How long a failure rests the account, `level` failures of its kind having come before it. */
function restMs(reason: CoolingReason, level: number, hintMs: number | undefined, policy: CoolingPolicy): number {
  switch (reason) {
    case 'unsupported-model':
      return UNSUPPORTED_MODEL_MS
    case 'sign-in':
    case 'unauthorized':
    case 'billing':
    case 'forbidden':
      return REFUSED_MS
    case 'unknown-model':
      return UNKNOWN_MODEL_MS
    case 'not-found':
      return NOT_FOUND_MS
    case 'challenge':
      return Math.max(CHALLENGE_MS_MIN, hintedMs(hintMs) ?? backoffMs(level, QUOTA_MS_MAX))
    case 'quota':
      return hintedMs(hintMs) ?? backoffMs(level, QUOTA_MS_MAX)
    case 'transient':
      return policy.transientMs === 0 ? 0 : (hintedMs(hintMs) ?? policy.transientMs)
    case 'connection':
      // One broken connection is nobody's fault; only a row of them tells that the upstream is away.
      return level === 0 || policy.transientMs === 0
        ? 0
        : backoffMs(level - 1, Math.min(CONNECTION_MS_MAX, policy.transientMs))
  }
}

function hintedMs(hintMs: number | undefined): number | undefined {
  return hintMs === undefined ? undefined : Math.min(RESET_MS_MAX, Math.max(HINT_MS_MIN, hintMs))
}

function backoffMs(level: number, msMax: number): number {
  return Math.min(msMax, BACKOFF_MS_MIN * 2 ** level)
}
