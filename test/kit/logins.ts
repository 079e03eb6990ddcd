import type { AuthEntry, AuthFolder } from '../../src/accounts/files/auth-folder.ts'
import type { LoginBook } from '../../src/accounts/login-book.ts'
import { isObject, type Fields } from '../../src/lib/json.ts'

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

/** A book without logins. */
export const NO_LOGINS: LoginBook = {
  accounts: () => [],
  rows: () => [],
  subscribe: () => () => undefined,
  close: () => Promise.resolve(),
}
