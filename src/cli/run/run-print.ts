import type { LoadedConfig } from '../../config/load.ts'
import { shellWord } from '../../lib/shell-word.ts'
import type { Client } from './clients/client.ts'
import { modelsServedAt, originFor, probeListener } from '../probe-listener.ts'

export interface PrintOptions {
  readonly client: Client
  /** What the user asked for. */
  readonly model: string | undefined
  readonly key: string
  readonly loaded: LoadedConfig
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The variable that stands for a key which is not to be shown. */
const KEY_VARIABLE = 'CLIPROXY_KEY'

/** What to type, and to put into the client's settings, to have what `cliproxy run` does. A key of the proxy is not shown. */
export async function recipeFor(options: PrintOptions): Promise<string> {
  const { client, key, loaded } = options
  const base = originFor(loaded.config)
  const isRunning = (await probeListener(base)).kind === 'proxy'
  const served = isRunning ? await modelsServedAt(base, key) : configuredModels(loaded)
  const model = options.model ?? client.chooseModel(served)
  return recipeText({
    ...options,
    model,
    base,
    isRunning,
    shell: process.platform === 'win32' ? 'powershell' : 'posix',
  })
}

export interface RecipeOptions extends PrintOptions {
  readonly base: string
  /** The proxy listens. */
  readonly isRunning: boolean
  readonly shell: Shell
}

export type Shell = 'posix' | 'powershell'

/** The recipe as lines that a shell takes; what is no command is a comment. */
export function recipeText({ client, model, key, loaded, environment, base, isRunning, shell }: RecipeOptions): string {
  const { variables, snippet, command } = client.recipe({ base, key: KEY_MARK, model })
  const hasKey = loaded.config.apiKeys.length > 0
  const misleading = client.misleading.filter(
    (name) => environment[name] !== undefined && !Object.hasOwn(variables, name),
  )
  const lines: string[] = []
  if (!isRunning) lines.push(`# nothing listens at ${base} yet: cliproxy starts it`)
  if (hasKey) lines.push(`# ${KEY_VARIABLE}: one of the api-keys in ${loaded.path ?? 'the config'}`)
  for (const name of misleading) lines.push(shell === 'posix' ? `unset ${name}` : `Remove-Item Env:${name}`)
  for (const [name, value] of Object.entries(variables)) {
    if (value !== KEY_MARK) lines.push(assignment(shell, name, literal(shell, value)))
    else if (!hasKey) lines.push(assignment(shell, name, literal(shell, key)))
    else if (name !== KEY_VARIABLE)
      lines.push(assignment(shell, name, shell === 'posix' ? `"$${KEY_VARIABLE}"` : `$env:${KEY_VARIABLE}`))
    else lines.push(shell === 'posix' ? `export ${KEY_VARIABLE}` : `# set $env:${KEY_VARIABLE} too`)
  }
  if (snippet) {
    lines.push(`# in ${snippet.path}:`, ...snippet.text.split('\n').map((line) => `#   ${line}`.trimEnd()))
  }
  lines.push(command.map((word) => quote(shell, word)).join(' '))
  return `${lines.join('\n')}\n`
}

/** Stands for the key until it is known how that is written. */
const KEY_MARK = '\0key'

/** @param value as it stands in the line */
function assignment(shell: Shell, name: string, value: string): string {
  return shell === 'posix' ? `export ${name}=${value}` : `$env:${name} = ${value}`
}

function literal(shell: Shell, value: string): string {
  return shell === 'posix' ? quote(shell, value) : `'${value.replaceAll("'", "''")}'`
}

/** A word as the shell takes it; a text of PowerShell's is always in quotes where it is no word of a command. */
function quote(shell: Shell, word: string): string {
  if (shell === 'powershell') return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "''")}'`
  return shellWord(word)
}

/** What the config lists; the models of other accounts are only known to a proxy that runs. */
function configuredModels({ config }: LoadedConfig): readonly string[] {
  return config.accounts.flatMap(({ models = [] }) => models.map(({ alias }) => alias))
}
