const UNIT = 'milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d'
const DURATION = new RegExp(`^(?:\\d+(?:\\.\\d+)? ?(?:${UNIT})(?:, ?| and | )?)+$`, 'i')
const DURATION_PART = new RegExp(`(\\d+(?:\\.\\d+)?) ?(${UNIT})`, 'gi')

const DURATION_CHARS_MAX = 60

/** Milliseconds of a duration with units, such as `6m0s`, `34.07s`, `12ms` or `1 hour 5 minutes`; undefined for anything else. */
export function readDurationMs(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > DURATION_CHARS_MAX || !DURATION.test(trimmed)) return undefined
  let ms = 0
  for (const [, amount, unit] of trimmed.matchAll(DURATION_PART)) ms += Number(amount) * unitMs(unit ?? '')
  return ms
}

function unitMs(unit: string): number {
  const word = unit.toLowerCase()
  if (word === 'ms' || word.startsWith('mil')) return 1
  switch (word[0]) {
    case 's':
      return 1000
    case 'm':
      return 60_000
    case 'h':
      return 3_600_000
    default:
      return 86_400_000
  }
}
