import { presentFields, readString, readText, type Fields } from '../../lib/json.ts'
import type { AuthEntry } from '../files/auth-folder.ts'
import { composeAuthFile, kindFor, type AuthKind } from '../files/auth-kinds.ts'
import type { NewLogin, TokenSet, VendorId } from '../oauth/vendor.ts'
import { subjectOf } from './claims.ts'

/** A login that was found, and where. */
export interface FoundLogin {
  readonly vendor: VendorId
  /** Absolute path of the other program's file. */
  readonly path: string
  readonly login: NewLogin
}

/** What is to be done with a login that was found. */
export type Plan =
  /** `rival` names a file from the same place that may be of the same account: nothing says whose either is. */
  | { readonly type: 'write'; readonly name: string; readonly fields: Fields; readonly rival?: string }
  /** The file of the same account has an older token. */
  | { readonly type: 'renew'; readonly name: string; readonly change: (fields: Fields) => Fields }
  | { readonly type: 'keep'; readonly name: string; readonly reason: 'same' | 'newer' | 'age-unknown' }

export interface Planner {
  /** The files that are there. */
  readonly entries: readonly AuthEntry[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Where a file of ours was taken from: the path of the other program's file. */
const ORIGIN = 'imported_from'

/** Decides what to do with a login, and writes nothing. A newer token is never replaced by an older one. */
export function planImport(found: FoundLogin, { entries, now }: Planner): Plan {
  let rival: string | undefined
  for (const entry of entries) {
    if ('problem' in entry) continue
    const kind = kindFor(entry.fields)
    if (kind?.vendor !== found.vendor) continue
    const stored = kind.readTokens(entry.fields)
    const likeness = likenessOf(entry.fields, stored, found)
    if (likeness === 'other') continue
    const age = ageOf(entry.fields, stored, found.login)
    if (likeness === 'same-place' && age === 'older') {
      rival = entry.name
      continue
    }
    return age === 'older'
      ? { type: 'renew', name: entry.name, change: (fields) => renew(fields, kind, found, now) }
      : { type: 'keep', name: entry.name, reason: age }
  }
  const file = composeAuthFile(found.vendor, found.login, now)
  const taken = new Set(entries.map(({ name }) => name))
  return { type: 'write', name: freeName(file.name, taken), fields: { ...file.fields, [ORIGIN]: found.path }, rival }
}

/** Looks again: meanwhile a running proxy may have refreshed it. */
function renew(fields: Fields, kind: AuthKind, { login, path }: FoundLogin, now: number): Fields {
  if (ageOf(fields, kind.readTokens(fields), login) !== 'older') return fields
  const known = presentFields(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))) ?? {}
  return kind.writeTokens({ ...fields, ...login.profile, ...known, [ORIGIN]: path }, login.tokens, now)
}

/** Each of them names one account of a vendor; an organization or a workspace may hold several. */
const IDENTITIES = ['email', 'account_uuid', 'sub', 'account_id']
const COMPANIONS = ['organization_uuid']

function likenessOf(
  fields: Fields,
  stored: TokenSet | undefined,
  { login, path }: FoundLogin,
): 'same' | 'same-place' | 'other' {
  const { tokens, profile } = login
  if (stored && isSameToken(stored, tokens)) return 'same'
  const mine: Fields = { ...fields, sub: readText(fields['sub']) ?? (stored && subjectOf(stored.accessToken)) }
  const theirs: Fields = { ...profile, sub: readText(profile['sub']) ?? subjectOf(tokens.accessToken) }
  const shared = (names: readonly string[]): readonly string[] =>
    names.filter((name) => readText(mine[name]) !== undefined && readText(theirs[name]) !== undefined)
  const identities = shared(IDENTITIES)
  if (identities.length === 0) return fields[ORIGIN] === path ? 'same-place' : 'other'
  return [...identities, ...shared(COMPANIONS)].every((name) => isSameWord(mine[name], theirs[name])) ? 'same' : 'other'
}

function isSameToken(a: TokenSet, b: TokenSet): boolean {
  return a.accessToken === b.accessToken || (a.refreshToken !== undefined && a.refreshToken === b.refreshToken)
}

function isSameWord(a: unknown, b: unknown): boolean {
  return readString(a)?.toLowerCase() === readString(b)?.toLowerCase()
}

/** How the stored token stands to the one that was found. */
function ageOf(
  fields: Fields,
  stored: TokenSet | undefined,
  { tokens, profile }: NewLogin,
): 'older' | 'newer' | 'same' | 'age-unknown' {
  if (!stored) return 'older'
  if (stored.accessToken === tokens.accessToken) return 'same'
  const [mine, theirs] =
    stored.expiresAt !== undefined && tokens.expiresAt !== undefined
      ? [stored.expiresAt, tokens.expiresAt]
      : [Date.parse(readText(fields['last_refresh']) ?? ''), Date.parse(readText(profile['last_refresh']) ?? '')]
  if (Number.isNaN(mine) || Number.isNaN(theirs)) return 'age-unknown'
  return mine < theirs ? 'older' : 'newer'
}

/** The name, or the first of `name-2.json`, `name-3.json` … that nobody has: no file is ever overwritten. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let copy = 2; taken.has(free); copy++) free = name.replace(/\.json$/, `-${copy}.json`)
  return free
}
