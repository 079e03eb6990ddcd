import { parseArgs } from 'node:util'
import { nearest } from '../lib/nearest.ts'

/** What the command line asks for. */
export type Invocation =
  | (CommonFlags & { readonly command: 'serve' | 'check' | 'models' })
  | { readonly command: 'help' | 'version' }
  /** It asks for nothing that exists: the message goes to stderr, and the program ends with exit code 2. */
  | { readonly command: 'misuse'; readonly message: string }

export interface CommonFlags {
  readonly config?: string
  readonly host?: string
  readonly port?: number
}

interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What its value is called; absent: it takes none. */
  readonly value?: string
  readonly help: string
}

const FLAGS = {
  config: { type: 'string', short: 'c', value: 'FILE', help: 'the configuration file' },
  host: { type: 'string', value: 'ADDRESS', help: 'listen on this address instead of the file’s' },
  port: { type: 'string', short: 'p', value: 'PORT', help: 'listen on this port instead of the file’s' },
  version: { type: 'boolean', short: 'v', help: 'print the version' },
  help: { type: 'boolean', short: 'h', help: 'print this' },
} as const satisfies Record<string, Flag>

const COMMANDS = {
  serve: 'run the proxy (the default)',
  check: 'validate the configuration; print what would be served, by whom',
  models: 'list the models that would be served',
} as const

/** Flags of CLIProxyAPI that people have in their scripts. */
const FOREIGN_FLAGS = [
  'login',
  'claude-login',
  'codex-login',
  'codex-device-login',
  'antigravity-login',
  'kimi-login',
  'xai-login',
  'qwen-login',
  'iflow-login',
  'iflow-cookie',
  'vertex-import',
  'vertex-import-prefix',
  'project_id',
  'no-browser',
  'oauth-callback-port',
  'password',
  'tui',
  'standalone',
  'local-model',
  'home-jwt',
  'home-disable-cluster-discovery',
]

/** What `--help` prints. */
export function helpText(version: string): string {
  const flags = Object.entries<Flag>(FLAGS).map(([name, { short, value, help }]): [string, string] => [
    `${short === undefined ? '   ' : `-${short},`} --${name}${value === undefined ? '' : ` ${value}`}`,
    help,
  ])
  return [
    `cliproxy ${version}: one address for your LLM clients, in front of the LLM accounts you already pay for`,
    '',
    'Usage: cliproxy [COMMAND] [FLAGS]',
    '',
    'Commands:',
    ...columns(Object.entries(COMMANDS)),
    '',
    'Flags:',
    ...columns(flags),
    '',
    'Without --config: ./config.yaml, else ~/.cli-proxy-api/config.yaml, else the defaults.',
    'Keys such as ANTHROPIC_API_KEY and OPENAI_API_KEY are taken from the environment (env-accounts: false stops that).',
    '',
  ].join('\n')
}

/**
 * Reads the command line, without the program's own name. Never throws. Long flags may have one dash (`-config FILE`), as
 * CLIProxyAPI has them.
 */
export function readArguments(args: readonly string[]): Invocation {
  const { tokens } = parseArgs({ args: args.map(withTwoDashes), options: FLAGS, strict: false, tokens: true })
  const values = new Map<string, string>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, value } = token
    if (!isKey(name, FLAGS)) return unknownFlag(name)
    const flag: Flag = FLAGS[name]
    if (flag.value === undefined && value !== undefined) return misuse(`--${name} takes no value`)
    if (flag.value !== undefined && (value === undefined || isFlag(value))) {
      return misuse(`--${name} needs a value: --${name} ${flag.value}`)
    }
    values.set(name, value ?? '')
  }
  return invocationFor(words, values)
}

function invocationFor(words: readonly string[], values: ReadonlyMap<string, string>): Invocation {
  const [command = 'serve', ...rest] = words
  if (values.has('help') || command === 'help') return { command: 'help' }
  if (values.has('version') || command === 'version') return { command: 'version' }
  if (!isKey(command, COMMANDS)) return misuse(`there is no command ${command}${hint(command, Object.keys(COMMANDS))}`)
  if (rest.length > 0) return misuse(`${command} takes no further words, but there is ${rest.join(' ')}`)
  const port = values.get('port')
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) {
    return misuse(`--port is ${port}; allowed: a whole number from 0 to 65535`)
  }
  return {
    command,
    config: values.get('config'),
    host: values.get('host'),
    port: port === undefined ? undefined : Number(port),
  }
}

/** `-config` and `-config=F` are long flags; `-c` is a short one. */
function withTwoDashes(argument: string): string {
  return /^-[a-zA-Z][\w-]/.test(argument) ? `-${argument}` : argument
}

function isFlag(text: string): boolean {
  return /^--?[a-zA-Z]/.test(text)
}

function isKey<T extends object>(name: string, table: T): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name)
}

function unknownFlag(name: string): Invocation {
  if (FOREIGN_FLAGS.includes(name)) return misuse(`--${name} of CLIProxyAPI is not served yet`)
  const dashed = name.length === 1 ? `-${name}` : `--${name}`
  return misuse(`there is no flag ${dashed}${hint(name, Object.keys(FLAGS), '--')}`)
}

function misuse(message: string): Invocation {
  return { command: 'misuse', message: `${message}\ncliproxy --help lists commands and flags` }
}

function hint(word: string, words: readonly string[], dashes = ''): string {
  const [near] = nearest(word, words, 1)
  return near === undefined ? '' : `; did you mean ${dashes}${near}?`
}

/** Rows of two columns, indented, the second one aligned. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`)
}
