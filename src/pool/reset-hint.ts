import { readDurationMs } from '../lib/duration.ts'
import { parseJson, readArray, readNumber, readObject, readText, type Fields } from '../lib/json.ts'
import { readDelayMs, readRetryAfter } from '../lib/retry-after.ts'

/** When an upstream says that it may be asked again. */
export interface ResetHint {
  /** Absent: it did not say. Never negative, at most {@link RESET_MS_MAX}. */
  readonly retryAfterMs?: number
  /** `account`: the limit is on all models of the account. */
  readonly scope: 'model' | 'account'
}

/** The longest windows that vendors have are weekly ones. */
export const RESET_MS_MAX = 7 * 24 * 60 * 60 * 1000

/** Statuses whose answers may say when to come back. */
const HINT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 529])

/**
 * What an upstream's refusal says about when to come back: its headers, its body, and at last the text of its message.
 * Undefined when it says neither a time nor that the whole account is limited.
 *
 * @param now milliseconds since the epoch
 * @see https://docs.anthropic.com/en/api/rate-limits#response-headers
 * @see https://platform.openai.com/docs/guides/rate-limits
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
export function resetHintFor(status: number, headers: Headers, body: string, now: number): ResetHint | undefined {
  if (!HINT_STATUSES.has(status)) return undefined
  const error = readError(body)
  const unified = status === 429 ? readUnified(headers, now) : undefined
  const isAccountWide = unified?.isAccountWide === true || (status === 429 && isAccountLimit(error))
  const after = readRetryAfter(headers, now)
  const told =
    unified?.resetMs === undefined
      ? (after ?? readBody(error, now) ?? readExhausted(headers, now) ?? readMessage(error))
      : Math.max(unified.resetMs, after ?? 0)
  if (told === undefined) return isAccountWide ? { scope: 'account' } : undefined
  const retryAfterMs = Math.round(Math.min(RESET_MS_MAX, Math.max(0, told)))
  return { retryAfterMs, scope: isAccountWide ? 'account' : 'model' }
}

/**
 * Anthropic's unified limits of a subscription: the latest reset of the windows that refuse. All models share them but
 * for the window of one model family (`7d_oi`).
 */
function readUnified(
  headers: Headers,
  now: number,
): { isAccountWide: boolean; resetMs: number | undefined } | undefined {
  let isAccountWide = false
  let resetMs: number | undefined
  let isRejected = false
  for (const window of ['', '5h-', '7d-', '7d_oi-']) {
    if (headers.get(`anthropic-ratelimit-unified-${window}status`) !== 'rejected') continue
    isRejected = true
    const reset = readDelayMs(headers.get(`anthropic-ratelimit-unified-${window}reset`), now)
    if (reset !== undefined) resetMs = Math.max(resetMs ?? 0, reset)
    if (window === '5h-' || window === '7d-') isAccountWide = true
  }
  if (!isRejected) return undefined
  const isFamilyOnly = headers.get('anthropic-ratelimit-unified-7d_oi-status') === 'rejected' && !isAccountWide
  return { isAccountWide: !isFamilyOnly, resetMs }
}

/** The latest reset of the limits of which nothing is left; each vendor names the two headers alike. */
function readExhausted(headers: Headers, now: number): number | undefined {
  let latest: number | undefined
  headers.forEach((value, name) => {
    if (!name.includes('ratelimit') || !name.includes('remaining') || value.trim() === '' || !(Number(value) <= 0))
      return
    const reset = readDelayMs(headers.get(name.replace('remaining', 'reset')), now)
    if (reset !== undefined) latest = Math.max(latest ?? 0, reset)
  })
  return latest
}

/** The object that describes the failure: `error`, the body itself, or the one in Google's array. */
function readError(body: string): Fields {
  const value = parseJson(body)
  const whole = readObject(value) ?? readObject(readArray(value)[0]) ?? {}
  const { error } = whole
  return readObject(error) ?? whole
}

/** Limits of a plan, not of a model: Codex's usage limit, OpenAI's spent credit. */
function isAccountLimit({ type, code }: Fields): boolean {
  return ACCOUNT_LIMITS.has(readText(type) ?? '') || ACCOUNT_LIMITS.has(readText(code) ?? '')
}

const ACCOUNT_LIMITS: ReadonlySet<string> = new Set(['usage_limit_reached', 'insufficient_quota'])

/** Google's RetryInfo and quotaResetDelay, Codex's `resets_at` and `resets_in_seconds`, headers that OpenRouter quotes. */
function readBody(error: Fields, now: number): number | undefined {
  const { details, resets_at: resetsAt, resets_in_seconds: resetsInSeconds, retry_after: retryAfter, metadata } = error
  let delay: number | undefined
  for (const detail of readArray(details)) {
    const { retryDelay, metadata: info } = readObject(detail) ?? {}
    const { quotaResetDelay } = readObject(info) ?? {}
    delay ??= readDurationMs(readText(retryDelay) ?? '') ?? readDurationMs(readText(quotaResetDelay) ?? '')
  }
  if (delay !== undefined) return delay
  const { headers } = readObject(metadata) ?? {}
  return (
    readDelayMs(timeText(resetsAt), now) ??
    readDelayMs(timeText(resetsInSeconds), now) ??
    readDelayMs(timeText(retryAfter), now) ??
    readExhausted(quotedHeaders(headers), now)
  )
}

function timeText(value: unknown): string | undefined {
  return readText(value) ?? readNumber(value)?.toString()
}

function quotedHeaders(value: unknown): Headers {
  const headers = new Headers()
  for (const [name, text] of Object.entries(readObject(value) ?? {})) {
    if (/^[\w-]+$/.test(name) && typeof text === 'string' && /^[\x20-\x7e]*$/.test(text)) headers.set(name, text)
  }
  return headers
}

const MESSAGE_TIME =
  /\b(?:try again|retry|reset)(?: again)? (?:in|after) (\d[\d.]* ?[a-z]+(?:(?:, | and | )?\d[\d.]* ?[a-z]+)*)/i

/** "Please try again in 3.89s", "Please retry in 48.9s", "retry after 20 seconds". */
function readMessage({ message }: Fields): number | undefined {
  const [, time] = MESSAGE_TIME.exec(readText(message)?.slice(0, 2000) ?? '') ?? []
  return time === undefined ? undefined : readDurationMs(time)
}
