import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthEncryption } from '../../config/config.ts'
import { errorText } from '../../lib/error-text.ts'
import { type Fields, parseObject } from '../../lib/json.ts'
import { spliceFields } from '../../lib/json-scan.ts'
import { type ProcessLock, tryLock, waitForLock } from '../../lib/process-lock.ts'
import { placeDraft, writeFileDurably, type WriteStep } from '../../lib/write-file.ts'
import { type AuthCipher, createAuthCipher, isEncrypted } from './auth-cipher.ts'
import { draftedName, draftsOf, isAuthName, placeFor } from './auth-place.ts'
import { errorCode } from '../../lib/error-code.ts'

/** One file of the folder. */
export type AuthEntry =
  | { readonly name: string; readonly fields: Fields; readonly isEncrypted: boolean }
  /** It cannot be read; the message says why and holds nothing of it. */
  | { readonly name: string; readonly problem: string }

/** With the text of the file as it was before it was encrypted. */
type TextEntry = AuthEntry & { readonly text?: string }

/** What a file is to be written as, in place of what the config says. */
export type AuthForm = 'encrypted' | 'plain'

/** The files of logins in `auth-dir`. */
export interface AuthFolder {
  readonly path: string
  /** All files, by name; empty ones and other folders are passed over. */
  list(): readonly AuthEntry[]
  /** Undefined when there is no such file, or an empty one. */
  read(name: string): AuthEntry | undefined
  /**
   * Writes the file durably and at once: a reader, also after a crash, sees the old content or the new. Mode 0600;
   * encrypted when the config says so.
   *
   * @throws {Error} when it cannot be written, or another process uses it for too long.
   */
  write(name: string, fields: Fields): Promise<void>
  /**
   * Changes a file that is there, while no other process of this program changes it. Fields that the change does not
   * touch survive as they were written, also by an editor while the change was made. A change that gives undefined leaves
   * the file alone.
   *
   * @throws {Error} when there is no such file or it cannot be read, when it cannot be written, when somebody removed it or
   * changed the same fields meanwhile, or another process uses it for too long; and what the change throws.
   */
  update(name: string, change: AuthChange, form?: AuthForm): Promise<void>
  remove(name: string): Promise<void>
}

export type AuthChange = (fields: Fields) => Fields | undefined | Promise<Fields | undefined>

export interface AuthFolderOptions {
  /** Absolute. */
  readonly path: string
  /** New content is encrypted with this key; what is encrypted is read with it. */
  readonly encryption?: AuthEncryption
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Told of each step of a write: tests end the process there. */
  readonly onStep?: (step: WriteStep) => void
}

/** Another process that refreshes the login holds its file no longer than this. */
const LOCK_MS_MAX = 90_000

/** The largest files are those of service accounts: a few KB. */
const FILE_BYTES_MAX = 1024 * 1024

/**
 * Opens the folder; it need not be there. Drafts that a process left behind when it was killed are put in their place,
 * unless somebody else is writing them.
 *
 * @throws {Error} when the key of the encryption is not there.
 */
export function openAuthFolder({ path, encryption, environment, onStep }: AuthFolderOptions): AuthFolder {
  const cipher = encryption && createAuthCipher(encryption, environment)
  recoverAll(path)

  const readWithText = (name: string): TextEntry | undefined => {
    const raw = readRaw(path, name)
    if (raw === undefined || typeof raw !== 'string') return raw
    return raw.trim() === '' ? undefined : decode(name, raw, cipher)
  }
  const read = (name: string): AuthEntry | undefined => {
    const entry = readWithText(name)
    if (!entry || 'problem' in entry) return entry
    return { name, fields: entry.fields, isEncrypted: entry.isEncrypted }
  }
  let hasMet = false
  /** Meets one encrypted file, so that the next one is stretched with the same salt: each other one costs a start time. */
  const meetEncrypted = (): void => {
    if (hasMet) return
    hasMet = true
    for (const name of namesIn(path)) {
      const entry = read(name)
      if (entry && 'isEncrypted' in entry && entry.isEncrypted) return
    }
  }
  const put = async (name: string, text: string, form: AuthForm): Promise<void> => {
    if (form === 'encrypted' && !cipher)
      throw new Error('there is no key to encrypt with; set auth-encryption in the config')
    if (form === 'encrypted') meetEncrypted()
    const content = form === 'encrypted' && cipher ? JSON.stringify(cipher.encrypt(name, text)) : text
    const { file, draft } = placeFor(path, name)
    await writeFileDurably({ path: file, draft, content: `${content.trimEnd()}\n`, onStep })
  }
  const usualForm: AuthForm = cipher ? 'encrypted' : 'plain'

  return {
    path,
    list: () => namesIn(path).flatMap((name) => read(name) ?? []),
    read,
    async write(name, fields) {
      await holding(path, name, () => put(name, JSON.stringify(fields), usualForm))
    },
    async update(name, change, form = usualForm) {
      await holding(path, name, async () => {
        const entry = readWithText(name)
        if (!entry) throw new Error('the file is gone')
        if ('problem' in entry) throw new Error(entry.problem)
        const changed = await change(entry.fields)
        if (!changed) return
        const changes = changesOf(entry.fields, changed)
        await put(name, spliceFields(newestText(entry.fields, readWithText(name), changes), changes), form)
      })
    },
    async remove(name) {
      await holding(path, name, () => {
        const { file, draft, status } = placeFor(path, name)
        for (const each of [file, draft, status]) rmSync(each, { force: true })
      })
    },
  }
}

/** The folder's files that may be logins, sorted, or why it cannot be read; none when there is no folder. */
export function readNames(folder: string): { readonly names: readonly string[] } | { readonly problem: string } {
  try {
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && isAuthName(entry.name))
      .map(({ name }) => name)
      .toSorted()
    return { names }
  } catch (error) {
    const code = errorCode(error) ?? 'unknown error'
    return code === 'ENOENT' ? { names: [] } : { problem: code }
  }
}

function namesIn(folder: string): readonly string[] {
  const found = readNames(folder)
  return 'names' in found ? found.names : []
}

/**
 * What the changes are to be made in: a change may take as long as a vendor needs to answer, and editors and other
 * programs know nothing of locks. A login that was removed or made anew meanwhile must stay so.
 *
 * @throws {Error} when the changes have no place there.
 */
function newestText(before: Fields, now: TextEntry | undefined, changes: Fields): string {
  if (!now) throw new Error('the file was removed meanwhile')
  if ('problem' in now) throw new Error(`the file was changed meanwhile: ${now.problem}`)
  const isTaken = Object.keys(changes).some((key) => JSON.stringify(before[key]) !== JSON.stringify(now.fields[key]))
  if (isTaken) throw new Error('another program changed the same fields meanwhile')
  return now.text ?? '{}'
}

/** Undefined when there is no such file. */
function readRaw(folder: string, name: string): string | TextEntry | undefined {
  if (!isAuthName(name)) return undefined
  try {
    const file = join(folder, name)
    const stats = statSync(file)
    // A pipe or a device would keep whoever reads it waiting.
    if (!stats.isFile()) return { name, problem: 'it is no file' }
    if (stats.size > FILE_BYTES_MAX) return { name, problem: `it is larger than ${FILE_BYTES_MAX / 1024 / 1024} MB` }
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = errorCode(error) ?? 'unknown error'
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { name, problem: `it cannot be read (${code})` }
  }
}

function decode(name: string, raw: string, cipher: AuthCipher | undefined): TextEntry {
  // Editors on Windows begin a file with a mark of its byte order.
  const plain = raw.replace(/^\uFEFF/, '')
  const outer = parseObject(plain)
  if (!outer) return { name, problem: 'it is no JSON object' }
  if (!isEncrypted(outer)) return { name, fields: outer, isEncrypted: false, text: plain }
  if (!cipher) return { name, problem: 'it is encrypted, and auth-encryption in the config names no key' }
  try {
    const text = cipher.decrypt(name, outer)
    const fields = parseObject(text)
    return fields
      ? { name, fields, isEncrypted: true, text }
      : { name, problem: 'what was encrypted is no JSON object' }
  } catch (error) {
    return { name, problem: errorText(error) }
  }
}

/** What `spliceFields` is to do: fields that are the same are left out, so that they keep their bytes. */
function changesOf(before: Fields, after: Fields): Fields {
  const changes: Record<string, unknown> = {}
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changes[key] = undefined
  for (const [key, value] of Object.entries(after))
    if (!Object.hasOwn(before, key) || JSON.stringify(before[key]) !== JSON.stringify(value)) changes[key] = value
  return changes
}

/** Runs while nobody else changes the file, after what a killed process left behind is in its place. */
async function holding<T>(folder: string, name: string, run: () => T | Promise<T>): Promise<T> {
  if (!isAuthName(name))
    throw new Error(`${JSON.stringify(name)} is no name of a login's file; allowed: a base name that ends in .json`)
  const lock = await waitForLock(placeFor(folder, name).lock, LOCK_MS_MAX)
  try {
    recover(folder, name)
    return await run()
  } finally {
    lock.release()
  }
}

function recoverAll(folder: string): void {
  let drafts: readonly string[]
  try {
    drafts = readdirSync(draftsOf(folder))
  } catch {
    return
  }
  for (const name of drafts.map(draftedName)) {
    if (name === undefined || !isAuthName(name)) continue
    let lock: ProcessLock | undefined
    try {
      lock = tryLock(placeFor(folder, name).lock)
      if (lock) recover(folder, name)
    } catch {
      // Whoever changes the file next tries again, and says what is wrong.
    } finally {
      lock?.release()
    }
  }
}

/**
 * Puts a draft in its place when it is complete and nothing newer stands there. A draft of a file that is gone is of no
 * use: somebody removed that login.
 */
function recover(folder: string, name: string): void {
  const { file, draft } = placeFor(folder, name)
  if (!existsSync(draft)) return
  const content = readFileSync(draft, 'utf8')
  // A part of an object is none, so what parses is whole.
  const isWanted = existsSync(file) && (isNewer(draft, file) || isBeginning(file, content))
  if (isWanted && parseObject(content)) placeDraft(file, draft, content)
  else rmSync(draft, { force: true })
}

function isNewer(draft: string, file: string): boolean {
  return statSync(draft).mtimeMs >= statSync(file).mtimeMs
}

/** True for what is left of a file that was being filled when the process was killed or the disk was full. */
function isBeginning(file: string, content: string): boolean {
  const stats = statSync(file)
  return stats.isFile() && stats.size < Buffer.byteLength(content) && content.startsWith(readFileSync(file, 'utf8'))
}
