import type { VendorId } from '../../accounts/oauth/vendor.ts'
import { CLIENT_NAMES } from '../run/clients/client.ts'
import { alignRows } from '../table.ts'

/** One flag, whichever commands have it. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What its value is called; absent: it takes none. */
  readonly value?: string
  readonly help: string
}

/** Every flag by its long name. A name means the same in all commands that have it. */
export const FLAGS = {
  config: { type: 'string', short: 'c', value: 'FILE', help: 'the configuration file' },
  host: { type: 'string', value: 'ADDRESS', help: 'listen on this address instead of the file’s' },
  port: { type: 'string', short: 'p', value: 'PORT', help: 'listen on this port instead of the file’s' },
  'no-browser': { type: 'boolean', help: 'only print the address of the login’s page' },
  device: { type: 'boolean', help: 'a code to type in on any device, in place of a page on this one' },
  'callback-port': { type: 'string', value: 'PORT', help: 'wait for the browser on this port instead of the vendor’s' },
  'project-id': { type: 'string', value: 'ID', help: 'Google’s project: one, several with commas, or ALL' },
  'key-file': { type: 'string', value: 'FILE', help: 'the key file of the service account' },
  prefix: { type: 'string', value: 'NAME', help: 'serve the account’s models as NAME/model' },
  'dry-run': { type: 'boolean', help: 'say what would be written, and write nothing' },
  json: { type: 'boolean', help: 'print JSON' },
  yes: { type: 'boolean', short: 'y', help: 'remove without asking' },
  model: { type: 'string', short: 'm', value: 'MODEL', help: 'the model that the client begins with' },
  print: { type: 'boolean', help: 'print what to export, and start nothing' },
  version: { type: 'boolean', short: 'v', help: 'print the version' },
  help: { type: 'boolean', short: 'h', help: 'print this' },
} as const satisfies Record<string, Flag>

export type FlagName = keyof typeof FLAGS

/** Flags that every command has. */
export const GENERAL_FLAGS: readonly FlagName[] = ['version', 'help']

const LISTENING: readonly FlagName[] = ['config', 'host', 'port']

export interface Command {
  readonly summary: string
  /** What stands behind its name, in the words of the help. */
  readonly words: string
  readonly flags: readonly FlagName[]
  /** Lines of its help, below the usage. */
  readonly notes: readonly string[]
}

/** Whose logins can be made, and what each of them is for people. */
export const VENDORS = {
  claude: 'Anthropic’s Claude Pro, Max and Team',
  codex: 'OpenAI’s ChatGPT plans, as Codex uses them',
  gemini: 'Google’s Gemini Code Assist, as Gemini CLI uses it',
  qwen: 'Alibaba’s Qwen Code',
  kimi: 'Moonshot’s Kimi Code',
  xai: 'xAI’s Grok',
  vertex: 'Google’s Vertex AI: imports the key file of a service account',
} as const satisfies Record<VendorId, string>

/** The vendors that a flag of `login` says something to; flags that are not here are for all. */
export const FLAG_VENDORS: Readonly<Partial<Record<FlagName, readonly VendorId[]>>> = {
  device: ['codex', 'qwen', 'kimi', 'xai'],
  'callback-port': ['claude', 'codex', 'gemini'],
  'project-id': ['gemini'],
  'key-file': ['vertex'],
  prefix: ['vertex'],
}

/** What `accounts` can do, and whether it does that to one account. */
export const ACCOUNT_ACTIONS = {
  disable: { isNamed: true, help: 'take it out of service; its file stays' },
  enable: { isNamed: true, help: 'take it into service again' },
  remove: { isNamed: true, help: 'delete its file' },
  test: { isNamed: true, help: 'ask its vendor something cheap' },
  encrypt: { isNamed: false, help: 'encrypt all files of logins, as auth-encryption says' },
  decrypt: { isNamed: false, help: 'write all files of logins in plain JSON again' },
} as const satisfies Record<string, { readonly isNamed: boolean; readonly help: string }>

export type AccountAction = keyof typeof ACCOUNT_ACTIONS

/** Every command by its name. */
export const COMMANDS = {
  serve: {
    summary: 'run the proxy (the default)',
    words: '',
    flags: LISTENING,
    notes: [
      'Without --config: ./config.yaml, else ~/.cli-proxy-api/config.yaml, else the defaults.',
      'Keys such as ANTHROPIC_API_KEY and OPENAI_API_KEY are taken from the environment (env-accounts: false stops that).',
    ],
  },
  check: {
    summary: 'validate the configuration; print what would be served, by whom',
    words: '',
    flags: LISTENING,
    notes: [],
  },
  models: { summary: 'list the models that would be served', words: '', flags: LISTENING, notes: [] },
  login: {
    summary: 'log in with a subscription; the login is kept in auth-dir',
    words: 'VENDOR',
    flags: ['config', 'no-browser', 'device', 'callback-port', 'project-id', 'key-file', 'prefix'],
    notes: ['Vendors:', ...rows(Object.entries(VENDORS))],
  },
  import: {
    summary: 'take over the logins of Claude Code, Codex, Gemini CLI, Qwen Code and Kimi CLI on this machine',
    words: '',
    flags: ['config', 'dry-run'],
    notes: ['The other programs’ files are only read.'],
  },
  accounts: {
    summary: 'show the accounts; disable, enable, remove, test, encrypt or decrypt them',
    words: '[ACTION [NAME]]',
    flags: ['config', 'json', 'yes'],
    notes: [
      'Actions:',
      ...rows(
        Object.entries(ACCOUNT_ACTIONS).map(([name, { isNamed, help }]) => [isNamed ? `${name} NAME` : name, help]),
      ),
      '',
      'NAME: the name of the file, with or without .json, or its beginning; or the account’s email.',
    ],
  },
  run: {
    summary: 'start a client on this proxy',
    words: 'CLIENT',
    flags: [...LISTENING, 'model', 'print'],
    notes: [
      `Clients: ${CLIENT_NAMES.join(', ')}.`,
      'What stands behind -- goes to the client: cliproxy run claude -- --continue',
      'The proxy runs as long as the client when none listens yet. The client’s own configuration stays as it is.',
    ],
  },
  doctor: {
    summary: 'look for what is wrong with the configuration, the accounts and the clients',
    words: '',
    flags: LISTENING,
    notes: [],
  },
  help: { summary: 'print this, or what a command takes', words: '[COMMAND]', flags: [], notes: [] },
  version: { summary: 'print the version', words: '', flags: [], notes: [] },
} as const satisfies Record<string, Command>

export type CommandName = keyof typeof COMMANDS

/** A flag of CLIProxyAPI that is a command of ours. */
export interface CommandAlias {
  readonly words: readonly string[]
  /** A flag that the command is then given. */
  readonly flag?: FlagName
  /** It takes a value, which is that flag's. */
  readonly value?: string
}

/** @see behaviour of CLIProxyAPI: its command line. */
export const COMMAND_ALIASES: Readonly<Record<string, CommandAlias>> = {
  login: { words: ['login', 'gemini'] },
  'claude-login': { words: ['login', 'claude'] },
  'codex-login': { words: ['login', 'codex'] },
  'codex-device-login': { words: ['login', 'codex'], flag: 'device' },
  'qwen-login': { words: ['login', 'qwen'] },
  'kimi-login': { words: ['login', 'kimi'] },
  'xai-login': { words: ['login', 'xai'] },
  'vertex-import': { words: ['login', 'vertex'], flag: 'key-file', value: 'FILE' },
}

/** What CLIProxyAPI calls flags of ours. */
export const FLAG_ALIASES: Readonly<Record<string, FlagName>> = {
  project_id: 'project-id',
  'oauth-callback-port': 'callback-port',
  'vertex-import-prefix': 'prefix',
}

/** Flags of CLIProxyAPI that people have in their scripts, and that nothing here answers to. */
export const FOREIGN_FLAGS: readonly string[] = [
  'antigravity-login',
  'iflow-login',
  'iflow-cookie',
  'password',
  'tui',
  'standalone',
  'local-model',
  'home-jwt',
  'home-disable-cluster-discovery',
]

/** Rows of a help, indented. */
export function rows(cells: readonly (readonly string[])[]): readonly string[] {
  return alignRows(cells).map((line) => `  ${line}`)
}
