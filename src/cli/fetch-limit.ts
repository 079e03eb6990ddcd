/** Bun reads it once, when the process starts. */
const VARIABLE = 'BUN_CONFIG_MAX_HTTP_REQUESTS'

/** The most that Bun takes. */
const REQUESTS_MAX = '65535'

/**
 * Lets more than 256 requests to upstreams be in flight, by starting the process anew with the variable that says so.
 * Where the system cannot replace a process (Windows), the limit stays unless the user sets the variable.
 */
export function raiseFetchLimit(): void {
  if (process.env[VARIABLE] !== undefined || process.platform === 'win32' || typeof process.execve !== 'function')
    return
  const isCompiled = Bun.main.startsWith('/$bunfs/')
  const script = isCompiled ? [] : [...process.execArgv, Bun.main]
  try {
    process.execve(process.execPath, [process.execPath, ...script, ...process.argv.slice(2)], {
      ...process.env,
      [VARIABLE]: REQUESTS_MAX,
    })
  } catch {
    // A system that forbids it leaves us the 256 requests of the default.
  }
}
