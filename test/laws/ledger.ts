import type { Loss } from '../../src/ir/codec.ts'
import losses from './losses.json'

/** Which way something was lost: in a request or an answer, from one protocol to another. */
export type Way = `${'request' | 'answer'} ${string} → ${string}`

const accepted: Readonly<Record<string, Readonly<Record<string, string>>>> = losses
const used = new Set<string>()

/** The losses on this way that `losses.json` does not accept, as `path: reason`. Those that it does count as used. */
export function unacceptedLosses(way: Way, told: readonly Loss[]): readonly string[] {
  return told.flatMap(({ path, reason }) => {
    const isAccepted = accepted[way]?.[reason] !== undefined
    if (isAccepted) used.add(`${way}: ${reason}`)
    return isAccepted ? [] : [`${path}: ${reason}`]
  })
}

/** The entries on ways that begin so which nothing has used: they are to be taken out. */
export function unusedEntries(kind: 'request' | 'answer'): readonly string[] {
  const entries = Object.entries(accepted).flatMap(([way, reasons]) =>
    Object.keys(reasons).map((reason) => `${way}: ${reason}`),
  )
  return entries.filter((entry) => entry.startsWith(`${kind} `) && !used.has(entry))
}
