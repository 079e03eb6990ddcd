/** `bun start`: installs what is missing, then becomes the proxy. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { installDependencies, ROOT } from './command.ts'

installDependencies('production')

const argv = ['--no-env-file', join(ROOT, 'src', 'main.ts'), ...process.argv.slice(2)]
const env = { ...process.env, NODE_ENV: 'production' }
// Windows has no execve: there a parent stays and waits.
if (process.platform !== 'win32') process.execve?.(process.execPath, [process.execPath, ...argv], env)
process.exit(spawnSync(process.execPath, argv, { env, stdio: 'inherit' }).status ?? 1)
