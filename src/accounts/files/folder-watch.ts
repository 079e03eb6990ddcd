import { type FSWatcher, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { afterQuiet } from '../../lib/after-quiet.ts'
import { isAuthName } from './auth-place.ts'

/** How often it is seen to that the folder is still the watched one; a folder without a watch is read as often. */
const LOOK_MS = 1500
/** Some file systems tell of nothing although they grant a watch: every so many looks the folder is read anyway. */
const LOOKS_PER_READING = 20

export interface FolderWatch {
  /** Stops watching. */
  close(): void
}

/**
 * Calls `onChange` soon after a file in the folder may have changed, and `onLook` every one and a half seconds. The folder may
 * come, go and be replaced. Nothing of this keeps the process alive.
 */
export function watchFolder(path: string, onChange: () => void, onLook: () => void): FolderWatch {
  let watcher: FSWatcher | undefined
  /** What the watched folder is, whatever it is called. */
  let identity: string | undefined
  let looks = 0

  const events = afterQuiet(onChange)
  const onEvent = (name: string | null): void => {
    if (name === null || isAuthName(name)) events.poke()
  }
  const drop = (): void => {
    watcher?.close()
    watcher = undefined
    identity = undefined
  }
  /** @returns true when the folder is another one than before. */
  const follow = (): boolean => {
    const found = identityOf(path)
    if (watcher && found === identity) return false
    drop()
    if (found === undefined) return true
    try {
      watcher = watch(path, { persistent: false }, (_event, name) => onEvent(name))
      watcher.on('error', drop)
      identity = found
    } catch {
      // The system grants no watch: the folder is read at each look.
    }
    return true
  }
  follow()
  const looking = setInterval(() => {
    looks++
    if (follow() || !watcher || looks % LOOKS_PER_READING === 0) onChange()
    onLook()
  }, LOOK_MS)
  looking.unref()
  return {
    close() {
      events.end()
      clearInterval(looking)
      drop()
    },
  }
}

/** What tells each file from its next state without reading it, by name. */
export function stampsOf(folder: string, names: readonly string[]): ReadonlyMap<string, string> {
  const stamps = new Map<string, string>()
  for (const name of names) {
    try {
      const stats = statSync(join(folder, name))
      const { mtimeMs, ctimeMs, size, ino } = stats
      // An empty file is one that somebody is about to write. Pipes and devices are told of, and not read.
      if (size > 0 || !stats.isFile()) stamps.set(name, [mtimeMs, ctimeMs, size, ino].join(' '))
    } catch {
      // It went away, or it is a link to nothing.
    }
  }
  return stamps
}

/** A folder that is made anew may get the number of the old one, but not the time. */
function identityOf(path: string): string | undefined {
  try {
    const { ino, birthtimeMs } = statSync(path)
    return `${ino} ${birthtimeMs}`
  } catch {
    return undefined
  }
}
