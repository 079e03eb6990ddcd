import { raiseFetchLimit } from './cli/fetch-limit.ts'

// Before anything else is loaded: it may start the process anew.
raiseFetchLimit()

const { runCommand } = await import('./cli/run-command.ts')
process.exit(await runCommand(process.argv.slice(2)))
