import { Fault } from '../ir/fault.ts'

/** Keys longer than this are no keys. */
const KEY_BYTES_MAX = 1024

/** Lets in who shows one of the client keys; without keys everybody. */
export interface Guard {
  /** @throws {Fault} authentication, saying which headers a key may come in. */
  check(request: Request): void
}

export function createGuard(keys: readonly string[]): Guard {
  const known = keys.map((key) => Buffer.from(key))
  return {
    check(request) {
      if (known.length === 0) return
      const shown = shownKey(request)
      if (shown === undefined) throw new Fault('authentication', `Missing API key: ${HOW}`, { code: 'invalid_api_key' })
      if (!isKnown(shown, known))
        throw new Fault('authentication', `Invalid API key: ${HOW}`, { code: 'invalid_api_key' })
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

/** The first of the places in which the protocols put a key. */
function shownKey(request: Request): string | undefined {
  const { headers } = request
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const bearer = /^bearer\s+(\S+)\s*$/i.exec(authorization)
    return bearer?.[1] ?? authorization
  }
  return headers.get('x-api-key') ?? headers.get('x-goog-api-key') ?? headers.get('api-key') ?? queryKey(request.url)
}

function queryKey(url: string): string | undefined {
  const start = url.indexOf('?')
  if (start < 0) return undefined
  const query = new URLSearchParams(url.slice(start))
  return query.get('key') ?? query.get('auth_token') ?? undefined
}
