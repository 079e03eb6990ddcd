import { homedir } from 'node:os'
import { resolve } from 'node:path'

/** The user's home: what the environment says, else what the system does. */
export function homeOf(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['HOME'] ?? environment['USERPROFILE'] ?? homedir()
}

/** A path with `~` at its beginning means the user’s home. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? resolve(home, path.slice(2)) : path
}
