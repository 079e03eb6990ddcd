import { errorText } from '../lib/error-text.ts'
import type { Config } from './config.ts'
import type { LoadedConfig } from './load.ts'
import { ConfigProblems } from './problems.ts'
import { type ConfigWatch, watchConfig } from './watch.ts'

/** The configuration of a running program, which follows its file. */
export interface LiveConfig {
  readonly current: () => Config
  /** Calls back after each change, with the new and the previous one; gives a function that ends this. */
  readonly subscribe: (listener: ConfigListener) => () => void
  /** Stops following the file. */
  readonly close: () => void
}

export type ConfigListener = (config: Config, previous: Config) => void

export interface LiveConfigOptions {
  /** What the program started with. Without a path there is nothing to follow. */
  readonly loaded: LoadedConfig
  /** Reads the file again. @throws {ConfigProblems} */
  readonly reload: () => Promise<LoadedConfig>
  /** Takes one line for the log. */
  readonly report: (line: string) => void
  /** Runs what starts the watching; at once when absent. A program that is to listen soon has better things to do first. */
  readonly schedule?: (start: () => void) => void
}

/** These are read once, when the program begins to listen and to write its log. */
const FIXED = ['host', 'port', 'tls', 'authDir', 'authEncryption', 'logFolder', 'logsTotalMbMax'] as const

/** Follows the file: a valid change takes effect at once, an invalid one is reported and the old configuration stays. */
export function createLiveConfig({ loaded, reload, report, schedule = runNow }: LiveConfigOptions): LiveConfig {
  const listeners = new Set<ConfigListener>()
  const { path } = loaded
  let config = loaded.config
  let isClosed = false
  /** A reload is under way; another change came meanwhile. */
  let isLoading = false
  let isStale = false

  const take = (next: LoadedConfig): void => {
    for (const warning of next.warnings) report(warning)
    const changed = changedFields(config, next.config)
    const fixed = FIXED.filter((field) => changed.includes(field))
    if (fixed.length > 0) report(`${path}: ${fixed.join(', ')} changed; this takes effect with the next start`)
    const previous = config
    config = { ...next.config, ...Object.fromEntries(FIXED.map((field) => [field, previous[field]])) }
    const effective = changedFields(previous, config)
    report(`${path}: read again; changed: ${effective.length === 0 ? 'nothing' : effective.join(', ')}`)
    if (effective.length > 0) tellListeners(config, previous)
  }
  const tellListeners = (next: Config, previous: Config): void => {
    for (const listener of listeners) {
      try {
        listener(next, previous)
      } catch (cause) {
        report(`${path}: a part of the program could not follow the change: ${errorText(cause)}`)
      }
    }
  }
  const readOnce = async (): Promise<void> => {
    try {
      const next = await reload()
      // Another file, or none, was found instead: nobody asked for that one's settings.
      if (next.path !== path) report(`${path}: the file is gone; the configuration stays as it was`)
      else if (!isClosed) take(next)
    } catch (cause) {
      report(`${path}: the change is not valid; the configuration stays as it was`)
      for (const line of linesOf(cause)) report(line)
    }
  }
  const follow = async (): Promise<void> => {
    isStale = isLoading
    if (isLoading || isClosed) return
    isLoading = true
    await readOnce()
    isLoading = false
    if (isStale) await follow()
  }

  let watching: ConfigWatch | undefined
  schedule(() => {
    if (path !== undefined && !isClosed) watching = tryWatch(path, () => void follow(), report)
  })
  return {
    current: () => config,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      isClosed = true
      watching?.close()
      listeners.clear()
    },
  }
}

function runNow(start: () => void): void {
  start()
}

function tryWatch(path: string, onChange: () => void, report: (line: string) => void): ConfigWatch | undefined {
  try {
    return watchConfig(path, onChange)
  } catch (cause) {
    report(`${path}: changes are not followed, since the system grants no watch: ${errorText(cause)}`)
    return undefined
  }
}

/** Names only: the values may be secrets. */
function changedFields(before: Config, after: Config): readonly (keyof Config)[] {
  const fields = new Set([...keysOf(before), ...keysOf(after)])
  return [...fields].filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
}

function keysOf(config: Config): readonly (keyof Config)[] {
  const keys: (keyof Config)[] = []
  let key: keyof Config
  for (key in config) keys.push(key)
  return keys
}

function linesOf(cause: unknown): readonly string[] {
  return cause instanceof ConfigProblems ? cause.lines : [errorText(cause)]
}
