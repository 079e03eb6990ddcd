import type { ManagementConfig } from '../config/config.ts'
import { isLoopback, peerAddress } from '../lib/addresses.ts'

/** Why a request is not answered, as the management API tells it. */
export interface Refusal {
  readonly status: 401 | 403 | 404
  readonly error: string
}

/** Who may use the management API. */
export interface ManagementAccess {
  /** Undefined when the request may be answered. @param peer address of whoever is connected */
  judge(request: Request, peer: string): Promise<Refusal | undefined>
}

export interface ManagementAccessOptions {
  readonly config: () => ManagementConfig
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** @see behaviour of CLIProxyAPI: five wrong keys, then half an hour of silence for that address. */
const FAILURES_MAX = 5
const BAN_MS = 30 * 60_000

/** Addresses whose failures are remembered; the oldest goes first. */
const PEERS_MAX = 4096

/** Keys longer than this are no keys. */
const KEY_BYTES_MAX = 1024

const NOT_THERE: Refusal = { status: 404, error: 'there is nothing here' }

interface Failures {
  count: number
  /** Of the last one. */
  at: number
}

/** Keeps count of wrong keys in memory; the key itself may change meanwhile. */
export function createManagementAccess({ config, clock }: ManagementAccessOptions): ManagementAccess {
  const failures = new Map<string, Failures>()
  const isRight = createKeyCheck()
  /** One key is checked at a time: a hash costs a core, and a count that lags would let more than five through. */
  let turn: Promise<unknown> = Promise.resolve()

  const banMs = (peer: string): number => {
    const known = failures.get(peer)
    if (!known) return 0
    const leftMs = known.at + BAN_MS - clock()
    // A clock that was set back bans nobody for longer.
    if (leftMs <= 0 || leftMs > BAN_MS) {
      failures.delete(peer)
      return 0
    }
    return known.count >= FAILURES_MAX ? leftMs : 0
  }
  const noteFailure = (peer: string): void => {
    const count = (failures.get(peer)?.count ?? 0) + 1
    failures.delete(peer)
    if (failures.size >= PEERS_MAX) {
      const [oldest = ''] = failures.keys()
      failures.delete(oldest)
    }
    failures.set(peer, { count, at: clock() })
  }
  const check = async (peer: string, shown: string): Promise<Refusal | undefined> => {
    const leftMs = banMs(peer)
    if (leftMs > 0) return banned(leftMs)
    if (await isRight(shown, config())) {
      failures.delete(peer)
      return undefined
    }
    noteFailure(peer)
    return { status: 401, error: 'invalid management key' }
  }
  return {
    async judge(request, peer) {
      const { secretKey, password, isRemoteAllowed } = config()
      if (secretKey === undefined && password === undefined) return NOT_THERE
      const bare = peerAddress(peer)
      const leftMs = banMs(bare)
      if (leftMs > 0) return banned(leftMs)
      if (!isRemoteAllowed && !isLoopback(bare)) return { status: 403, error: REMOTE }
      const shown = keyOf(request)
      // It guesses nothing: were it counted, any page that a browser here opens could shut the owner out.
      if (shown === undefined) return MISSING
      const checked = turn.then(() => check(bare, shown))
      turn = checked.catch(() => undefined)
      return await checked
    },
  }
}

const MISSING: Refusal = {
  status: 401,
  error: "missing management key: send it as 'Authorization: Bearer KEY' or 'X-Management-Key: KEY'",
}
const REMOTE = 'remote management disabled: set remote-management.allow-remote, or ask from this machine'

function banned(leftMs: number): Refusal {
  const minutes = Math.ceil(leftMs / 60_000)
  return { status: 403, error: `too many wrong management keys from this address: try again in ${minutes} min` }
}

function keyOf({ headers }: Request): string | undefined {
  const authorization = headers.get('authorization')?.trim() ?? ''
  const shown = authorization.replace(/^bearer\s+/i, '').trim()
  const key = shown === '' ? (headers.get('x-management-key')?.trim() ?? '') : shown
  return key === '' ? undefined : key
}

const BCRYPT = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/

/** Compares a key with those that are right. A hash that matched once is not computed again for the same key. */
function createKeyCheck(): (shown: string, config: ManagementConfig) => Promise<boolean> {
  let matched: { readonly hash: string; readonly digest: Buffer } | undefined
  return async (shown, { secretKey, password }) => {
    if (Buffer.byteLength(shown) > KEY_BYTES_MAX) return false
    const digest = digestOf(shown)
    if (password !== undefined && crypto.timingSafeEqual(digest, digestOf(password))) return true
    if (secretKey === undefined) return false
    if (!BCRYPT.test(secretKey)) return crypto.timingSafeEqual(digest, digestOf(secretKey))
    if (matched?.hash === secretKey && crypto.timingSafeEqual(digest, matched.digest)) return true
    const isEqual = await Bun.password.verify(shown, secretKey)
    if (isEqual) matched = { hash: secretKey, digest }
    return isEqual
  }
}

function digestOf(text: string): Buffer {
  return new Bun.CryptoHasher('sha256').update(text).digest()
}
