import { writeSync } from 'node:fs'
import { errorCode } from '../lib/error-code.ts'

/** Writes to stdout. The runtime's own stream objects cost start-up time and memory that nothing here needs. */
export function writeOutput(text: string): void {
  writeTo(1, text)
}

/** Writes to stderr. */
export function writeError(text: string): void {
  writeTo(2, text)
}

/** How often a reader that does not keep up is asked again before the rest is dropped. */
const TRIES_MAX = 1000

/** A reader that went away, or that does not read, must not hold the proxy up. */
function writeTo(descriptor: number, text: string): void {
  let rest = Buffer.from(text)
  for (let tries = 0; rest.byteLength > 0 && tries < TRIES_MAX; tries++) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') return
    }
  }
}
