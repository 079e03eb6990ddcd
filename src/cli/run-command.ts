import { version } from '../../package.json'
import type { LoadedConfig } from '../config/load.ts'
import { readArguments } from './arguments/arguments.ts'
import type { Invocation, ListeningFlags } from './arguments/invocation.ts'
import { writeError, writeOutput } from './standard-streams.ts'
import { lines } from './table.ts'

/**
 * Runs what the command line asks for.
 *
 * @param args without the program's own name.
 * @returns the exit code, once the command is done.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const invocation = readArguments(args)
  switch (invocation.command) {
    case 'help': {
      const { commandHelp, helpText } = await import('./arguments/help.ts')
      writeOutput(invocation.topic === undefined ? helpText(version) : commandHelp(invocation.topic))
      return 0
    }
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
    case 'doctor': {
      const { runDoctor } = await import('./doctor/doctor.ts')
      return await runDoctor({ load: () => load(invocation), print: writeOutput })
    }
    default:
      return await orProblems(async () => await runConfigured(invocation, await load(invocation)))
  }
}

type Configured = Exclude<Invocation, { command: 'help' | 'version' | 'misuse' | 'check' | 'doctor' }>

/** Runs a command that needs a valid config. What it does not need is not loaded. */
async function runConfigured(invocation: Configured, loaded: LoadedConfig): Promise<number> {
  const reload = (): Promise<LoadedConfig> => load(invocation)
  switch (invocation.command) {
    case 'serve': {
      const { serve } = await import('./serve/serve.ts')
      return await serve({ loaded, reload, print: writeOutput, version })
    }
    case 'models': {
      const { runModels } = await import('./models.ts')
      return await runModels(loaded, writeOutput)
    }
    case 'login': {
      const { runLogin } = await import('./login/login.ts')
      return await runLogin({ ...invocation, loaded })
    }
    case 'import': {
      const { runImport } = await import('./accounts/import.ts')
      const { importTools } = await import('./accounts/account-tools.ts')
      return await runImport({ ...invocation, loaded }, importTools())
    }
    case 'accounts': {
      const { runAccounts } = await import('./accounts/accounts.ts')
      const { accountTools } = await import('./accounts/account-tools.ts')
      return await runAccounts({ ...invocation, loaded }, accountTools())
    }
    case 'run': {
      const { runClient } = await import('./run/run.ts')
      return await runClient({ ...invocation, loaded, reload })
    }
  }
}

async function load({ config, host, port }: ListeningFlags): Promise<LoadedConfig> {
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
    writeError(lines(error.lines))
    return 1
  }
}
