import { Fault } from '../ir/fault.ts'
import { refuseForeignPage } from './foreign-page.ts'

/** Keys longer than this are no keys. */
const KEY_BYTES_MAX = 1024

/** Lets in who shows one of the client keys; without keys everybody but pages of other sites. */
export interface Guard {
  /**
   * @returns the key that was shown; '' where none is wanted.
   * @throws {Fault} authentication, saying which headers a key may come in; permission
   */
  check(request: Request): string
}

/** @param host what the config has the proxy listen on */
export function createGuard(keys: readonly string[], host = ''): Guard {
  const known = keys.map((key) => Buffer.from(key))
  return {
    check(request) {
      if (known.length === 0) {
        refuseForeignPage(request, host)
        return ''
      }
      let isShown = false
      for (const place of PLACES) {
        const shown = place(request)
        if (shown === null || shown === '') continue
        if (isKnown(shown, known)) return shown
        isShown = true
      }
      throw new Fault('authentication', `${isShown ? 'Invalid' : 'Missing'} API key: ${HOW}`, {
        code: 'invalid_api_key',
      })
    },
  }
}

const HOW =
  "send one of the proxy's api-keys as 'Authorization: Bearer KEY', 'x-api-key: KEY' or 'x-goog-api-key: KEY'."

/** Every key is compared, and each in constant time: only the length of a key shows in the time it takes. */
function isKnown(shown: string, known: readonly Buffer[]): boolean {
  const bytes = Buffer.from(shown)
  if (bytes.byteLength > KEY_BYTES_MAX) return false
  let isEqual = false
  for (const key of known) if (key.byteLength === bytes.byteLength && crypto.timingSafeEqual(key, bytes)) isEqual = true
  return isEqual
}

/**
 * Where the protocols put a key. Clients fill several of them, one with a key of another vendor's: whichever is known
 * counts.
 */
const PLACES: readonly ((request: Request) => string | null)[] = [
  bearerKey,
  ({ headers }) => headers.get('x-api-key'),
  ({ headers }) => headers.get('x-goog-api-key'),
  ({ headers }) => headers.get('api-key'),
  ({ url }) => queryKey(url, 'key'),
  ({ url }) => queryKey(url, 'auth_token'),
]

function bearerKey({ headers }: Request): string | null {
  const authorization = headers.get('authorization')
  if (authorization?.startsWith('Bearer ') === true) return authorization.slice(7).trim()
  return authorization && (/^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1] ?? authorization)
}

function queryKey(url: string, name: string): string | null {
  const start = url.indexOf('?')
  return start < 0 ? null : new URLSearchParams(url.slice(start)).get(name)
}
