/** Cuts a stream of server-sent events where an event ends, whatever the cuts in which it comes. */
export interface EventCutter {
  /** The bytes up to the last event that is whole by now; what follows is kept. Empty when nothing is. */
  push(bytes: Uint8Array): Uint8Array
}

/** Knows the ends of lines that are in use: LF and CRLF. With others it keeps everything. */
export function createEventCutter(): EventCutter {
  /** Bytes after the last whole event, as they came. */
  let rest: Uint8Array[] = []
  /** Their last two, the later one in the lower place. */
  let lastTwo = 0
  return {
    push(bytes) {
      if (bytes.byteLength === 0) return NOTHING
      const end = lastEventEnd(bytes, lastTwo)
      if (end === bytes.byteLength && rest.length === 0) return bytes
      lastTwo = end < bytes.byteLength ? lastTwoOf(bytes, lastTwo) : 0
      if (end === 0) {
        rest.push(bytes)
        return NOTHING
      }
      const whole = Buffer.concat([...rest, bytes.subarray(0, end)])
      rest = end < bytes.byteLength ? [bytes.slice(end)] : []
      return whole
    },
  }
}

/**
 * Keeps the two bytes of a line's end together: of one that is cut in two, the first comes with what follows. Where they
 * come apart, whoever reads events has an event whole that is not yet whole to the cutter.
 *
 * @returns what takes the bytes of a stream, and gives those that may be read.
 */
export function joinLineEnds(): (bytes: Uint8Array) => Uint8Array {
  let isKept = false
  return (bytes) => {
    if (bytes.byteLength === 0) return bytes
    const joined = isKept ? Buffer.concat([RETURN, bytes]) : bytes
    isKept = joined.at(-1) === CARRIAGE_RETURN
    return isKept ? joined.subarray(0, -1) : joined
  }
}

const NOTHING = new Uint8Array(0)
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const RETURN = Uint8Array.of(CARRIAGE_RETURN)

/** Index after the last blank line; 0 when there is none. `lastTwo` are the bytes before these. */
function lastEventEnd(bytes: Uint8Array, lastTwo: number): number {
  for (let at = bytes.byteLength - 1; at >= 0; at--) {
    if (bytes[at] !== LINE_FEED) continue
    const before = at > 0 ? bytes[at - 1] : lastTwo & 0xff
    if (before === LINE_FEED) return at + 1
    if (before !== CARRIAGE_RETURN) continue
    const secondBefore = at > 1 ? bytes[at - 2] : at > 0 ? lastTwo & 0xff : lastTwo >> 8
    if (secondBefore === LINE_FEED) return at + 1
  }
  return 0
}

function lastTwoOf(bytes: Uint8Array, lastTwo: number): number {
  const last = bytes.at(-1) ?? 0
  return ((bytes.at(-2) ?? lastTwo & 0xff) << 8) | last
}
