import type * as Sqlite from 'bun:sqlite'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from './error-code.ts'
import { errorText } from './error-text.ts'

/** A lock that is held. */
export interface ProcessLock {
  release(): void
}

/** How often somebody who waits looks whether the lock is free. */
const LOOK_MS = 25

/**
 * Takes a lock that one holder on the machine has at a time, if it is free: an exclusive transaction on an empty SQLite
 * file. The system itself releases it when the holder dies, however it dies, so no age of a lock has to be guessed and
 * no living holder is ever overruled. The file stays: whoever removed it could give the lock to two.
 *
 * @throws {Error} when the file cannot be made.
 */
export function tryLock(path: string): ProcessLock | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    makeOwn(path)
    // Loaded when first needed, and without waiting: a start that finds drafts must have them in place before it reads.
    const { Database }: typeof Sqlite = require('bun:sqlite')
    return lockWith(new Database(path, { create: true }))
  } catch (error) {
    const reason = errorText(error)
    throw new Error(`the lock ${path} cannot be taken: ${reason}`, { cause: error })
  }
}

/**
 * Makes the file, if there is none, so that its owner alone may open it: whoever can may hold the lock for ever. A file
 * that is there must not be opened: to close it would give up the locks that this process has on it.
 */
function makeOwn(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

function lockWith(database: Sqlite.Database): ProcessLock | undefined {
  try {
    database.run('PRAGMA busy_timeout = 0')
    database.run('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (errorCode(error)?.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
  return { release: () => database.close() }
}

/**
 * Takes the lock as soon as it is free. The thread is not blocked meanwhile.
 *
 * @throws {Error} when another process holds it for too long, or the file cannot be made.
 */
export async function waitForLock(path: string, timeoutMs: number): Promise<ProcessLock> {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    const lock = tryLock(path)
    if (lock) return lock
    if (performance.now() >= giveUpAt) throw new Error('another process has been using it for too long')
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
