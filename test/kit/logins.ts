import type { AuthEntry, AuthFolder } from '../../src/accounts/files/auth-folder.ts'
import type { NewAuthFile } from '../../src/accounts/files/auth-kinds.ts'
import type { ImportKind } from '../../src/accounts/import/plan.ts'
import type { LoginBook } from '../../src/accounts/login-book.ts'
import type { NewLogin, TokenSet, VendorId } from '../../src/accounts/oauth/vendor.ts'
import { isObject, readText, type Fields } from '../../src/lib/json.ts'

/** A folder of logins in memory. */
export interface MemoryFolder extends AuthFolder {
  /** What its files hold now, by name. */
  readonly files: Map<string, Fields>
  /** Files that cannot be read, by name, and why. */
  readonly broken: Map<string, string>
}

export function memoryFolder(files: Readonly<Record<string, Fields>> = {}): MemoryFolder {
  const kept = new Map(Object.entries(files))
  const broken = new Map<string, string>()
  const read = (name: string): AuthEntry | undefined => {
    const problem = broken.get(name)
    if (problem !== undefined) return { name, problem }
    const fields = kept.get(name)
    return fields && { name, fields, isEncrypted: false }
  }
  return {
    path: '/memory',
    files: kept,
    broken,
    list: () => [...kept.keys(), ...broken.keys()].toSorted().flatMap((name) => read(name) ?? []),
    read,
    async write(name, fields) {
      kept.set(name, fields)
    },
    async update(name, change) {
      const entry = read(name)
      if (!entry || 'problem' in entry) throw new Error(`${name} ${entry ? entry.problem : 'is not there'}`)
      const changed: unknown = await Promise.resolve(change(entry.fields))
      if (isObject(changed)) kept.set(name, changed)
    },
    async remove(name) {
      kept.delete(name)
      broken.delete(name)
    },
  }
}

const TYPES: readonly VendorId[] = ['claude', 'codex', 'gemini', 'qwen', 'kimi', 'xai', 'vertex']

/** A kind whose files hold the tokens at their top, whatever the vendor. */
export function plainKindFor(fields: Fields): ImportKind | undefined {
  const vendor = TYPES.find((type) => type === fields['type'])
  return (
    vendor && {
      vendor,
      readTokens: readPlainTokens,
      writeTokens: (old, tokens, now) => ({
        ...old,
        ...plainTokens(tokens),
        last_refresh: new Date(now).toISOString(),
      }),
    }
  )
}

/** Names a file by vendor and email, else by the time. */
export function composePlainFile(vendor: VendorId, { tokens, profile }: NewLogin, now: number): NewAuthFile {
  const who = readText(profile['email']) ?? String(now)
  return { name: `${vendor}-${who}.json`, fields: { type: vendor, ...profile, ...plainTokens(tokens) } }
}

function plainTokens({ accessToken, refreshToken, expiresAt, fields }: TokenSet): Fields {
  return {
    ...fields,
    access_token: accessToken,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(expiresAt === undefined ? {} : { expired: new Date(expiresAt).toISOString() }),
  }
}

function readPlainTokens(fields: Fields): TokenSet | undefined {
  const accessToken = readText(fields['access_token'])
  if (accessToken === undefined) return undefined
  const expiresAt = Date.parse(readText(fields['expired']) ?? '')
  return {
    accessToken,
    refreshToken: readText(fields['refresh_token']),
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  }
}

/** A book without logins. */
export const NO_LOGINS: LoginBook = {
  accounts: () => [],
  rows: () => [],
  subscribe: () => () => undefined,
  close: () => Promise.resolve(),
}
