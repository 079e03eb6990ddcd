import { type FSWatcher, readFileSync, realpathSync, watch } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { afterQuiet } from '../lib/after-quiet.ts'

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

  const look = (): void => {
    watchFolders()
    const hash = contentHash(file)
    if (hash === known || hash === 'empty') return
    known = hash
    onChange()
  }
  const events = afterQuiet(look)
  const watchFolders = (): void => {
    const folders = foldersOf(file)
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) {
      if (watchers.has(folder)) continue
      const watcher = watch(folder, { persistent: false }, events.poke)
      watcher.on('error', events.poke)
      watchers.set(folder, watcher)
    }
  }

  watchFolders()
  return {
    close: () => {
      events.end()
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
