import { isatty } from 'node:tty'
import type { Config } from '../config/config.ts'
import { createLog, type Log } from '../lib/log.ts'
import { createLogFile } from '../lib/log-file.ts'
import { writeError } from './standard-streams.ts'

/** The process's log: on stderr, or in rotating files where the config says so. */
export function openLog(
  { logFolder, logsTotalMbMax }: Pick<Config, 'logFolder' | 'logsTotalMbMax'>,
  isDebug: () => boolean,
): Log {
  const sink = logFolder === undefined ? writeError : createLogFile(logFolder, logsTotalMbMax * 1024 * 1024, Date.now)
  const log = createLog({
    sink,
    isTerminal: logFolder === undefined && isatty(2),
    isDebug,
    clock: Date.now,
  })
  process.on('exit', () => log.flush())
  return log
}
