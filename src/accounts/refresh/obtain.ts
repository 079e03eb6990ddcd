import { errorText } from '../../lib/error-text.ts'
import type { Fields } from '../../lib/json.ts'
import type { AuthFolder } from '../files/auth-folder.ts'
import { type AuthKind, refreshedAtOf } from '../files/auth-kinds.ts'
import { markFor, readStatus } from './login-status.ts'
import { OauthError } from '../oauth/oauth-error.ts'
import { hasSameTokens, mergeTokens } from '../oauth/token-set.ts'
import type { TokenSet, Vendor, VendorContext, VendorId } from '../oauth/vendor.ts'
import { goodUntil } from './refresh-times.ts'

/** What a refresh is done with. */
export interface RefreshContext {
  readonly folder: AuthFolder
  readonly loadVendor: (id: VendorId) => Promise<Vendor>
  /** How the vendor is reached for this login, as the config says now. */
  readonly reach: () => Pick<VendorContext, 'client' | 'fetch'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Ends what is in flight. */
  readonly signal: AbortSignal
}

export interface RefreshJob {
  readonly name: string
  readonly kind: AuthKind
  /** What this process knows the file to hold. */
  readonly known: { readonly tokens: TokenSet; readonly fields: Fields }
  readonly unsaved: Unsaved | undefined
}

/** Tokens that the vendor gave and that could not be written. */
export interface Unsaved {
  readonly tokens: TokenSet
  /** The file still holds these, which may be dead. */
  readonly replaced: TokenSet
  /** When they were made, in milliseconds since the epoch. */
  readonly madeAt: number
  readonly reason: string
}

export interface Obtained {
  readonly tokens: TokenSet
  /** What the file holds with them. */
  readonly fields: Fields
  /** This process asked the vendor for them; otherwise another one did. */
  readonly isOwn: boolean
  /** When they were made, in milliseconds since the epoch, if anybody knows. */
  readonly madeAt: number | undefined
  readonly unsaved?: Unsaved
}

/** A vendor that does not answer is given up after this. */
const ASK_MS_MAX = 30_000

/**
 * New tokens in the place of the known ones: those that another process has put into the file meanwhile, else those
 * that the vendor gives. The file is locked while the vendor is asked, and the new tokens are durable in it before
 * anybody gets them; only then the old ones are dropped.
 *
 * One window stays open, and no client can close it: when the process is killed after the vendor has made new tokens
 * and before they have arrived and are on the disk, nobody has them. Vendors let the old refresh token work for a while,
 * or until the new one is used; where one does not, the user has to log in again.
 *
 * @throws {OauthError} what the vendor said; final when only a new login helps.
 * @throws {Error} when the file, or the vendor, could not be reached.
 */
export async function obtainTokens(job: RefreshJob, context: RefreshContext): Promise<Obtained> {
  const { name, kind, known, unsaved } = job
  const { folder, clock } = context
  if (kind.isMadeAnew) {
    const fresh = await askForTokens(kind.vendor, known.tokens, known.fields, context)
    return { tokens: fresh, fields: known.fields, isOwn: true, madeAt: clock() }
  }
  let obtained: Obtained | undefined
  let replaced: TokenSet | undefined
  try {
    await folder.update(name, async (fields) => {
      const held = kind.readTokens(fields)
      if (!held) throw new Error('its file holds no token any more')
      if (!hasSameTokens(held, known.tokens) && clock() < goodUntil(held, undefined)) {
        obtained = { tokens: held, fields, isOwn: false, madeAt: refreshedAtOf(fields) }
        return undefined
      }
      replaced = held
      const pending = unsaved && hasSameTokens(held, unsaved.replaced) ? unsaved : undefined
      if (pending && clock() < goodUntil(pending.tokens, pending.madeAt)) {
        const written = kind.writeTokens(fields, pending.tokens, pending.madeAt)
        obtained = { tokens: pending.tokens, fields: written, isOwn: true, madeAt: pending.madeAt }
        return written
      }
      const answer = await askUnlessRefused(job, pending?.tokens ?? held, { held, fields }, context)
      if (!answer.isOwn) {
        obtained = answer
        return undefined
      }
      const written = kind.writeTokens(fields, answer.tokens, clock())
      obtained = { ...answer, fields: written }
      return written
    })
  } catch (error) {
    // The vendor has given tokens, and the old ones may be dead: they are used although they could not be kept.
    if (!obtained?.isOwn || !replaced) throw error
    const reason = errorText(error)
    return { ...obtained, unsaved: { tokens: obtained.tokens, replaced, madeAt: obtained.madeAt ?? clock(), reason } }
  }
  if (!obtained) throw new Error('its file was not read')
  return obtained
}

/** A login that another process found to be dead is not tried again; nor is one that a program without locks renewed. */
async function askUnlessRefused(
  { name, kind }: RefreshJob,
  tokens: TokenSet,
  { held, fields }: { readonly held: TokenSet; readonly fields: Fields },
  context: RefreshContext,
): Promise<Obtained> {
  const { folder, clock } = context
  const status = readStatus(folder.path, name, markFor(tokens, fields))
  if (status?.state === 'log-in-again') throw new OauthError(status.message ?? 'log in again', { isFinal: true })
  try {
    const fresh = await askForTokens(kind.vendor, tokens, fields, context)
    return { tokens: mergeTokens(tokens, fresh), fields, isOwn: true, madeAt: clock() }
  } catch (error) {
    if (!(error instanceof OauthError) || !error.isFinal) throw error
    const entry = folder.read(name)
    const later = entry && 'fields' in entry ? kind.readTokens(entry.fields) : undefined
    if (!later || !entry || !('fields' in entry) || later.refreshToken === held.refreshToken) throw error
    if (clock() < goodUntil(later, undefined)) {
      return { tokens: later, fields: entry.fields, isOwn: false, madeAt: refreshedAtOf(entry.fields) }
    }
    throw new Error('another program renewed it meanwhile', { cause: error })
  }
}

/** A connection that broke is tried once more at once: the first one through a proxy often does. */
async function askForTokens(
  id: VendorId,
  tokens: TokenSet,
  fields: Fields,
  { loadVendor, reach, clock, signal }: RefreshContext,
): Promise<TokenSet> {
  const vendor = await loadVendor(id)
  const ask = (): Promise<TokenSet> =>
    vendor.refresh(tokens, fields, {
      ...reach(),
      clock,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS_MAX)]),
    })
  try {
    return await ask()
  } catch (error) {
    if (!isBrokenConnection(error) || signal.aborted) throw error
    return await ask()
  }
}

function isBrokenConnection(error: unknown): boolean {
  if (error instanceof OauthError) return error.status === undefined && error.code === undefined && !error.isFinal
  return !(error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
}
