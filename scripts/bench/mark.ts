/** Stands before the time in every text of the mock upstream. */
export const MARK = 'T='
/** Length of {@link markNow}. */
export const MARK_LENGTH = 18

/** Now, as a text that is found in whatever wraps it: microseconds of a clock that all processes share. */
export function markNow(): string {
  return (
    MARK +
    nowMicros()
      .toString()
      .padStart(MARK_LENGTH - MARK.length, '0')
  )
}

/** Unix time in microseconds: Bun counts its monotonic clock from the start of each process. */
export function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}
