import type { Strategy } from '../config/config.ts'

/** Where the rotation of one model stands. */
export interface Ring {
  /** Index of the candidate that was chosen last; -1 before the first. */
  last: number
}

/**
 * Chooses one of the ready candidates of the highest ready priority.
 *
 * @param ready their indexes, ascending, at least one. Lent for the call: it is filled anew for each.
 * @returns one of the indexes.
 */
export type Policy = (ready: readonly number[], ring: Ring) => number

/** The next ready one after the one before: whoever stays ready has its turn within one round. */
export function chooseRoundRobin(ready: readonly number[], ring: Ring): number {
  const first = ready[0] ?? 0
  const chosen = ready.find((index) => index > ring.last) ?? first
  ring.last = chosen
  return chosen
}

/** The first one as long as it is ready. */
export function chooseFillFirst(ready: readonly number[]): number {
  return ready[0] ?? 0
}

export const POLICIES: Readonly<Record<Strategy, Policy>> = {
  'round-robin': chooseRoundRobin,
  'fill-first': chooseFillFirst,
}
