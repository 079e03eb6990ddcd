import { decodeJwt } from 'jose'
import { readObject, type Fields } from '../../lib/json.ts'

/**
 * What an ID token says. Its signature is not checked: it came from the token endpoint itself (OpenID Connect Core, section
 * 3.1.3.7), and names the person for lists and file names alone.
 *
 * @returns nothing for a token that cannot be read.
 */
export function readClaims(idToken: string | undefined): Fields {
  if (idToken === undefined) return {}
  try {
    return readObject(decodeJwt(idToken)) ?? {}
  } catch {
    return {}
  }
}
