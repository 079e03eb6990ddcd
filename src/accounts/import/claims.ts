import { decodeJwt } from 'jose'
import { readNumber, readText, type Fields } from '../../lib/json.ts'

/** What a JWT says; nothing for any other text. Its signature is not checked: it comes from the user's own file. */
export function claimsOf(token: string | undefined): Fields {
  if (token === undefined) return {}
  try {
    return { ...decodeJwt(token) }
  } catch {
    return {}
  }
}

/** When a JWT ends, in milliseconds since the epoch. */
export function expiryOf(token: string): number | undefined {
  const seconds = readNumber(claimsOf(token)['exp'])
  return seconds === undefined ? undefined : seconds * 1000
}

/** Who a JWT is about. */
export function subjectOf(token: string): string | undefined {
  return readText(claimsOf(token)['sub'])
}
