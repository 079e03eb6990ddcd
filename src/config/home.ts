import { resolve } from 'node:path'

/** A path with `~` at its beginning means the user’s home. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? resolve(home, path.slice(2)) : path
}
