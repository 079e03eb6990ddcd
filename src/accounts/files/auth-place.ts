import { join } from 'node:path'

/** Folder of this program's own files within `auth-dir`. */
const OWN = '.cliproxy'

/** Where what belongs to one login's file is kept; CPA looks into none of it. */
export interface AuthPlace {
  readonly file: string
  /** What is to become the file. Its name does not end in `.json`. */
  readonly draft: string
  /** Held by whoever changes the file. */
  readonly lock: string
  /** How its last refresh went. */
  readonly status: string
}

/** @param name base name of the login's file. */
export function placeFor(folder: string, name: string): AuthPlace {
  // A name may be as long as the system allows; a hash with a suffix never is.
  const hash = new Bun.CryptoHasher('sha256').update(name).digest('hex').slice(0, 32)
  return {
    file: join(folder, name),
    draft: join(draftsOf(folder), `${name}.draft`),
    lock: join(folder, OWN, 'locks', `${hash}.lock`),
    status: join(folder, OWN, 'status', `${hash}.json`),
  }
}

/** Folder of all drafts. */
export function draftsOf(folder: string): string {
  return join(folder, OWN, 'drafts')
}

/** The login's file that a draft belongs to. */
export function draftedName(draft: string): string | undefined {
  return draft.endsWith('.draft') ? draft.slice(0, -'.draft'.length) : undefined
}

/** True for what may be the name of a login's file: a base name that ends in `.json`. */
export function isAuthName(name: string): boolean {
  return /^[^/\\\p{Cc}]+\.json$/iu.test(name)
}
