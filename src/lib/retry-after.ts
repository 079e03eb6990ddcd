import { readDurationMs } from './duration.ts'

/** Numbers above are milliseconds since the epoch, above the other seconds since the epoch, below it seconds from now. */
const EPOCH_MS_MIN = 1e12
const EPOCH_SECONDS_MIN = 1e9

/** Milliseconds from now: a date, a time since the epoch, seconds, or a duration with units. NaN and empty are nothing. */
export function readDelayMs(text: string | null | undefined, now: number): number | undefined {
  if (text == null || text.trim() === '') return undefined
  const number = Number(text)
  if (Number.isFinite(number)) return fromNow(number, now)
  const duration = readDurationMs(text)
  if (duration !== undefined) return duration
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : date - now
}

/**
 * Milliseconds from now, below zero for what is over; undefined when the headers do not say. Azure's `retry-after-ms` is
 * finer, and 0 when it means nothing.
 *
 * @param now milliseconds since the epoch
 * @see RFC 9110, section 10.2.3
 */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const ms = Number(headers.get('retry-after-ms') ?? 0)
  return Number.isFinite(ms) && ms > 0 ? ms : readDelayMs(headers.get('retry-after'), now)
}

function fromNow(number: number, now: number): number {
  if (number >= EPOCH_MS_MIN) return number - now
  return number >= EPOCH_SECONDS_MIN ? number * 1000 - now : number * 1000
}
