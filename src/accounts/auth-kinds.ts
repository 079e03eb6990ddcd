import type { Fields } from '../lib/json.ts'
import type { AccountFacts } from './account.ts'
import type { NewLogin, TokenSet, VendorId } from './oauth/vendor.ts'

/** How the file of one vendor's login is read and written: CPA's shapes, so that both programs use the same files. */
export interface AuthKind {
  readonly vendor: VendorId
  /** Key of the table in `providers/index.ts`. */
  readonly provider: string
  /** Undefined when the file holds no token: then it is broken. */
  readTokens(fields: Fields): TokenSet | undefined
  /** The file with new tokens in it; every other field stays. @param now milliseconds since the epoch */
  writeTokens(fields: Fields, tokens: TokenSet, now: number): Fields
  facts(fields: Fields): AccountFacts
}

/** A file that is to be written. */
export interface NewAuthFile {
  /** Base name, with `.json`. */
  readonly name: string
  readonly fields: Fields
}

/** The kind of a login's file, by its `type`; undefined for a type that is not served. */
export function kindFor(_fields: Fields): AuthKind | undefined {
  throw new Error('not built yet')
}

/** The file of a new login, named as CPA names it. @param now milliseconds since the epoch */
export function composeAuthFile(_vendor: VendorId, _login: NewLogin, _now: number): NewAuthFile {
  throw new Error('not built yet')
}
