import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from './error-code.ts'

/**
 * Writes a file so that a reader sees the old content or the new, never a part; only its owner may read it. Folders
 * that are missing are made.
 *
 * @throws {Error} of the file system; then nothing is left behind.
 */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${crypto.randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** How far a durable write has come. */
export type WriteStep = 'drafted' | 'synced' | 'placed' | 'folder-synced'

export interface DurableWrite {
  readonly path: string
  /** Where the content stands before it takes its place: on the same file system, written by one process at a time. */
  readonly draft: string
  readonly content: string
  readonly onStep?: (step: WriteStep) => void
}

/**
 * Writes a file so that it survives a crash at any moment: the content is on the disk as a draft before it takes the
 * place of the old one, and a draft that was left behind is put in place by `placeDraft`. A link is followed. Only the
 * owner may read what is written; folders that are missing are made.
 *
 * @throws {Error} of the file system. A complete draft may be left behind then.
 */
export async function writeFileDurably({ path, draft, content, onStep }: DurableWrite): Promise<void> {
  for (const folder of [dirname(path), dirname(draft)]) await mkdir(folder, { recursive: true, mode: 0o700 })
  // A draft of somebody who was killed may have other rights.
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await keepNewer(file, path)
    onStep?.('drafted')
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(dirname(draft))
  onStep?.('synced')
  placeDraft(path, draft, content)
  onStep?.('placed')
  await syncFolder(dirname(path))
  onStep?.('folder-synced')
}

/** A clock that was set back must not make the draft look older than what it replaces. */
async function keepNewer(draft: FileHandle, path: string): Promise<void> {
  const standing = await stat(path).catch(() => undefined)
  if (!standing || standing.mtimeMs <= (await draft.stat()).mtimeMs) return
  const at = (standing.mtimeMs + 1) / 1000
  await draft.utimes(at, at)
}

/** Puts a draft that is complete in the file's place. @throws {Error} of the file system. */
export function placeDraft(path: string, draft: string, content: string): void {
  const target = existsSync(path) ? realpathSync(path) : path
  try {
    renameSync(draft, target)
  } catch (error) {
    // A file that is mounted by itself cannot be replaced, only filled anew. The draft stands until that is done.
    if (!['EBUSY', 'EXDEV'].includes(errorCode(error) ?? '')) throw error
    fillInPlace(target, content)
    rmSync(draft, { force: true })
  }
}

function fillInPlace(path: string, content: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    // Not `writeSync`: on a disk that is full that may write a part and say nothing.
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  chmodSync(path, 0o600)
}

/** Makes names in a folder durable, where the system can: Windows opens no folders. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch {
    // Then a crash may lose the new name, and the draft or the old file stands.
  }
}
