import type { TokenSet } from '../oauth/vendor.ts'

/** What the moment of the next refresh depends on. Times are milliseconds since the epoch. */
export interface RefreshInput {
  readonly tokens: TokenSet
  /** When the tokens were made, if anybody knows. */
  readonly madeAt: number | undefined
  readonly leadMs: number
  /** No refresh before this: the last one failed, or brought nothing. */
  readonly notBefore: number
}

/** A token that ends within this is not sent any more: it may arrive too late. */
const MARGIN_MS = 10_000

/** @see behaviour of CLIProxyAPI: it waits 5 minutes after a refresh that failed. */
const BACKOFF_MS = 5 * 60_000
/** A request that has no token does not wait as long. */
const WANTED_BACKOFF_MS = 10_000
/** A vendor that wants longer is asked again after this all the same. */
const RETRY_AFTER_MS_MAX = 60 * 60_000
/** @see behaviour of CLIProxyAPI: a refresh that did not move the end is not repeated for this long. */
const USELESS_BACKOFF_MS = 30_000

/**
 * When the tokens are to be refreshed in the background; Infinity: never. Nobody knows the end of some: those are
 * refreshed when the last refresh is older than the lead, and at once when there was none.
 */
export function nextRefreshAt({ tokens, madeAt, leadMs, notBefore }: RefreshInput): number {
  const { expiresAt } = tokens
  const due =
    expiresAt === undefined
      ? madeAt === undefined
        ? 0
        : madeAt + leadMs
      : expiresAt - leadFor(leadMs, madeAt === undefined ? undefined : expiresAt - madeAt)
  return Math.max(due, notBefore)
}

/**
 * A lead as long as the token's whole life would refresh without end: a tenth of the life is enough then. Half of it is
 * the most.
 */
function leadFor(leadMs: number, lifeMs: number | undefined): number {
  if (lifeMs === undefined || lifeMs <= 0) return leadMs
  return lifeMs <= leadMs ? lifeMs / 10 : Math.min(leadMs, lifeMs / 2)
}

/** Until when the access token may be sent. */
export function goodUntil({ expiresAt }: TokenSet, madeAt: number | undefined): number {
  if (expiresAt === undefined) return Infinity
  const lifeMs = madeAt === undefined || madeAt >= expiresAt ? undefined : expiresAt - madeAt
  return expiresAt - Math.min(MARGIN_MS, (lifeMs ?? MARGIN_MS * 10) / 10)
}

/** When a refresh that failed is tried again: of itself, and because a request needs a token. */
export interface RetryTimes {
  readonly notBefore: number
  readonly wantedNotBefore: number
}

/** @param random from 0 up to 1: logins that failed together are not tried together. */
export function retryTimesAfter(failedAt: number, retryAfterMs: number | undefined, random: number): RetryTimes {
  const told = retryAfterMs === undefined ? 0 : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, retryAfterMs))
  return {
    notBefore: failedAt + Math.max(told, Math.round(BACKOFF_MS * (0.8 + 0.4 * random))),
    wantedNotBefore: failedAt + Math.max(told, WANTED_BACKOFF_MS),
  }
}

/**
 * A moment before which nothing is to be done, 0 when it is over. What is further ahead than anything is put off was
 * counted by a clock that has been set back since.
 */
export function stillAhead(notBefore: number, now: number): number {
  return notBefore - now > RETRY_AFTER_MS_MAX ? 0 : notBefore
}

/** No refresh before this although it succeeded; 0: whenever it is due. */
export function restAfterRefresh(before: TokenSet, after: TokenSet, now: number): number {
  const hasMoved = after.expiresAt !== undefined && after.expiresAt > (before.expiresAt ?? 0)
  return hasMoved ? 0 : now + USELESS_BACKOFF_MS
}
