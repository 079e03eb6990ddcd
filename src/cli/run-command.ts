import { version } from '../../package.json'
import type { LoadedConfig } from '../config/load.ts'
import { helpText, readArguments, type CommonFlags } from './arguments.ts'
import { writeError, writeOutput } from './standard-streams.ts'

/**
 * Runs what the command line asks for.
 *
 * @param args without the program's own name.
 * @returns the exit code, once the command is done.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const invocation = readArguments(args)
  switch (invocation.command) {
    case 'help':
      writeOutput(helpText(version))
      return 0
    case 'version':
      writeOutput(`cliproxy ${version}\n`)
      return 0
    case 'misuse':
      writeError(`${invocation.message}\n`)
      return 2
    case 'check': {
      const { runCheck } = await import('./check.ts')
      return await runCheck(() => load(invocation), writeOutput)
    }
    case 'models': {
      const { runModels } = await import('./models.ts')
      return await orProblems(async () => await runModels(await load(invocation), writeOutput))
    }
    case 'serve': {
      const { serve } = await import('./serve.ts')
      return await orProblems(
        async () =>
          await serve({ loaded: await load(invocation), reload: () => load(invocation), print: writeOutput, version }),
      )
    }
  }
}

async function load({ config, host, port }: CommonFlags): Promise<LoadedConfig> {
  const { loadConfig } = await import('../config/load.ts')
  return await loadConfig(config, process.env, { overrides: { host, port } })
}

/** Tells what is wrong with the config, instead of a stack. */
async function orProblems(run: () => Promise<number>): Promise<number> {
  const { ConfigProblems } = await import('../config/problems.ts')
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error
    writeError([error.message, ...error.warnings.map((warning) => `warning: ${warning}`), ''].join('\n'))
    return 1
  }
}
