import { readNumber, readText, type Fields } from '../../lib/json.ts'
import { readJwtPayload } from '../../lib/jwt.ts'

/** What a JWT of the user's own file says; nothing for any other text. */
export function claimsOf(token: string | undefined): Fields {
  return token === undefined ? {} : readJwtPayload(token)
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
