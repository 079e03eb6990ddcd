import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseObject, type Fields } from '../../lib/json.ts'
import { errorCode } from '../../lib/error-code.ts'

/** Where other programs' files are looked for. */
export interface Machine {
  /** Absolute. */
  readonly home: string
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What came of reading a file that this program did not write. */
type Reading<T> =
  | { readonly state: 'missing' }
  /** The message holds nothing of the file. */
  | { readonly state: 'broken'; readonly problem: string }
  | ({ readonly state: 'read' } & T)

/** A JSON file of another program. */
export type OtherFile = Reading<{ readonly fields: Fields }>

/** The largest is Claude Code's own state, which keeps the history of projects. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** Reads a JSON file and changes nothing. Never throws. */
export function readOtherFile(path: string): OtherFile {
  const file = readOtherText(path)
  if (file.state !== 'read') return file
  const fields = parseObject(file.text)
  return fields ? { state: 'read', fields } : { state: 'broken', problem: 'holds no JSON object' }
}

/** Reads a file as text and changes nothing. Never throws. */
export function readOtherText(path: string, bytesMax = FILE_BYTES_MAX): Reading<{ readonly text: string }> {
  try {
    const stats = statSync(path)
    // A pipe would keep whoever reads it waiting.
    if (!stats.isFile()) return { state: 'broken', problem: 'cannot be read (it is a folder, a pipe or a device)' }
    if (stats.size > bytesMax) return { state: 'broken', problem: 'is too large to be what it should be' }
    return { state: 'read', text: readFileSync(path, 'utf8') }
  } catch (error) {
    const code = errorCode(error) ?? 'unknown error'
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { state: 'missing' }
      : { state: 'broken', problem: `cannot be read (${code})` }
  }
}

/** The folder of a program: what its variable says, else below the home. */
export function folderOf(
  { home, environment }: Pick<Machine, 'home' | 'environment'>,
  variable: string,
  ...names: readonly string[]
): string {
  const given = environment[variable]?.trim() ?? ''
  return given === '' ? join(home, ...names) : given
}
