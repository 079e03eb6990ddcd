import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The project's folder. */
export const ROOT = join(import.meta.dir, '..')

/** Runs this very Bun with arguments, its output shown; gives the exit code. */
export function runBun(args: readonly string[]): number {
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1
}

/** Runs a tool of `node_modules/.bin`, its output shown, on a machine with or without Node; gives the exit code. */
export function runTool(name: string, args: readonly string[]): number {
  return runBun(['run', '--bun', '--silent', name, ...args])
}

/**
 * Brings `node_modules` to what `bun.lock` says: a few milliseconds when it is there already. Ends the process when it
 * cannot. `production` leaves out what only development needs.
 */
export function installDependencies(scope: 'all' | 'production'): void {
  const quiet = ['--frozen-lockfile', '--silent']
  const code = runBun(['install', ...quiet, ...(scope === 'production' ? ['--production'] : [])])
  if (code === 0) return
  console.error('The dependencies could not be installed: see above. The first start needs the network.')
  process.exit(code)
}
