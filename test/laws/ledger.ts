import type { Loss } from '../../src/ir/codec.ts'
import type { Fact } from './facts.ts'
import ledger from './losses.json'

/** Which way something was lost: in a request or an answer, from one protocol to another. */
export type Way = `${'request' | 'answer'} ${string} → ${string}`

/** What is accepted on one way, and why. */
interface Row {
  /** By the reason that the codec told. */
  readonly told?: Readonly<Record<string, string>>
  /** By the kind of the fact: what is lost without a word, because nobody misses it. */
  readonly untold?: Readonly<Record<string, string>>
  /** By the hex digits of the exchange: requests that have no form in the other protocol and are refused. */
  readonly refused?: Readonly<Record<string, string>>
}

const rows: Readonly<Record<string, Row>> = ledger
const used = new Set<string>()

/** The told losses that `losses.json` does not accept on this way, as `path: reason`. Those that it does count as used. */
export function unacceptedLosses(way: Way, told: readonly Loss[]): readonly string[] {
  return told.filter(({ reason }) => !isAccepted(way, 'told', reason)).map(({ path, reason }) => `${path}: ${reason}`)
}

/** The facts that are missing, that no codec told of, and that `losses.json` does not accept on this way. */
export function unacceptedFacts(way: Way, missing: readonly Fact[], told: readonly Loss[]): readonly Fact[] {
  return missing.filter((fact) => !isTold(fact, told) && !isAccepted(way, 'untold', fact.kind))
}

/** Whether `losses.json` accepts that this request is refused on this way. */
export function isRefusalAccepted(way: Way, hex: string): boolean {
  return isAccepted(way, 'refused', hex)
}

/** The entries of requests or answers that nothing has used: they are to be taken out. */
export function unusedEntries(kind: 'request' | 'answer'): readonly string[] {
  const entries = Object.entries(rows).flatMap(([way, row]) =>
    Object.entries(row).flatMap(([list, names]) => Object.keys(names).map((name) => `${way} ${list} ${name}`)),
  )
  return entries.filter((entry) => entry.startsWith(`${kind} `) && !used.has(entry))
}

function isAccepted(way: Way, list: keyof Row, name: string): boolean {
  if (rows[way]?.[list]?.[name] === undefined) return false
  used.add(`${way} ${list} ${name}`)
  return true
}

/** Whether a codec told that this could not be carried as it was: there, in it, or around it. */
function isTold({ path }: Fact, losses: readonly Loss[]): boolean {
  return losses.some((loss) => loss.path === path || isInside(path, loss.path) || isInside(loss.path, path))
}

function isInside(path: string, around: string): boolean {
  return path.startsWith(`${around}.`)
}
