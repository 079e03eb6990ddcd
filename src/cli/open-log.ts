import { writeSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { createLog, type Log } from '../lib/log.ts'
import { createLogFile } from '../lib/log-file.ts'

/** The process's log: on stderr, or in rotating files where the config says so. */
export function openLog(
  { logFolder, logsTotalMbMax }: Pick<Config, 'logFolder' | 'logsTotalMbMax'>,
  isDebug: () => boolean,
): Log {
  const sink = logFolder === undefined ? writeStderr : createLogFile(logFolder, logsTotalMbMax * 1024 * 1024, Date.now)
  const log = createLog({
    sink,
    isTerminal: logFolder === undefined && process.stderr.isTTY,
    isDebug,
    clock: Date.now,
  })
  process.on('exit', () => log.flush())
  return log
}

/** A reader of stderr that went away must not end the proxy. */
function writeStderr(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // Nobody is left to be told.
  }
}
