import { raiseFetchLimit } from './cli/fetch-limit.ts'

// Before anything else is loaded: it may start the process anew.
raiseFetchLimit()

const { runCommand } = await import('./cli/run-command.ts')
const code = await runCommand(process.argv.slice(2))
if (code !== undefined) process.exit(code)
