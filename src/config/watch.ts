import { type FSWatcher, readFileSync, realpathSync, watch } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Editors and tools write in several steps; this long must be quiet before the file is read. */
const QUIET_MS = 150
/** A folder that is never quiet (logs in it) must not hold the news back longer than this. */
const WAIT_MS_MAX = 1000

export interface ConfigWatch {
  /** Stops watching. */
  readonly close: () => void
}

/**
 * Calls `onChange` when the content of the file at `path` is another one than before, or when the file went away.
 *
 * The folder is watched, not the file: a watched file is lost with the first atomic rename. Of a link, the folder of its
 * target is watched as well, so that both a swapped link and an edited target are seen.
 *
 * @throws {Error} when the system grants no watch.
 */
export function watchConfig(path: string, onChange: () => void): ConfigWatch {
  const file = resolve(path)
  const watchers = new Map<string, FSWatcher>()
  let known = contentHash(file)
  let timer: ReturnType<typeof setTimeout> | undefined
  /** When the first event came that nobody has looked into yet. */
  let waitingSince: number | undefined

  const look = (): void => {
    waitingSince = undefined
    watchFolders()
    const hash = contentHash(file)
    if (hash === known || hash === 'empty') return
    known = hash
    onChange()
  }
  const onEvent = (): void => {
    const now = performance.now()
    waitingSince ??= now
    clearTimeout(timer)
    timer = setTimeout(look, Math.min(QUIET_MS, Math.max(0, waitingSince + WAIT_MS_MAX - now)))
  }
  const watchFolders = (): void => {
    const folders = foldersOf(file)
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) {
      if (watchers.has(folder)) continue
      const watcher = watch(folder, { persistent: false }, onEvent)
      watcher.on('error', onEvent)
      watchers.set(folder, watcher)
    }
  }

  watchFolders()
  return {
    close: () => {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

/** The folder of the file, and of what it links to. */
function foldersOf(file: string): ReadonlySet<string> {
  const folders = new Set([dirname(file)])
  try {
    folders.add(dirname(realpathSync(file)))
  } catch {
    // While the file is away there is no target.
  }
  return folders
}

/** Undefined while the file is not there. An empty file is one that somebody is about to write. */
function contentHash(file: string): number | bigint | 'empty' | undefined {
  try {
    const content = readFileSync(file)
    return content.length === 0 ? 'empty' : Bun.hash(content)
  } catch {
    return undefined
  }
}
