const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Milliseconds as people read them: `45s`, `12m`, `3h`, `9d`; rounded down, `0s` for what is below zero. */
export function durationText(ms: number): string {
  const rest = Math.max(0, ms)
  if (rest < MINUTE_MS) return `${Math.floor(rest / SECOND_MS)}s`
  if (rest < HOUR_MS) return `${Math.floor(rest / MINUTE_MS)}m`
  return rest < 2 * DAY_MS ? `${Math.floor(rest / HOUR_MS)}h` : `${Math.floor(rest / DAY_MS)}d`
}

/** A moment seen from now: `in 3h`, `2d ago`. Both in milliseconds since the epoch. */
export function relativeTime(at: number, now: number): string {
  return at >= now ? `in ${durationText(at - now)}` : `${durationText(now - at)} ago`
}
