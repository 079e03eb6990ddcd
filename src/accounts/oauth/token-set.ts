import type { TokenSet } from './vendor.ts'

/** True for the same tokens; their ends may be told differently. */
export function hasSameTokens(a: TokenSet, b: TokenSet): boolean {
  return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken
}

/** What a refresh gave; what it did not give anew stays. */
export function mergeTokens(held: TokenSet, fresh: TokenSet): TokenSet {
  return {
    ...fresh,
    refreshToken: fresh.refreshToken ?? held.refreshToken,
    idToken: fresh.idToken ?? held.idToken,
    fields: held.fields && fresh.fields ? { ...held.fields, ...fresh.fields } : (fresh.fields ?? held.fields),
  }
}
