import { parseArgs } from 'node:util'
import { nearest } from '../../lib/nearest.ts'
import { CLIENT_NAMES } from '../run/clients/client.ts'
import {
  ACCOUNT_ACTIONS,
  COMMAND_ALIASES,
  COMMANDS,
  FLAG_ALIASES,
  FLAG_VENDORS,
  FLAGS,
  FOREIGN_FLAGS,
  GENERAL_FLAGS,
  VENDORS,
  type Command,
  type CommandName,
  type Flag,
  type FlagName,
} from './commands.ts'
import type { ConfigFlag, Invocation, ListeningFlags, Misuse } from './invocation.ts'

/** The command line, taken apart. */
interface Given {
  /** Behind the command's name. */
  readonly words: readonly string[]
  readonly flags: ReadonlyMap<FlagName, string>
  /** Behind `--`. */
  readonly rest: readonly string[]
}

/** Says no: the message is for people. */
class Refusal extends Error {
  readonly topic: CommandName | undefined

  constructor(message: string, topic?: CommandName) {
    super(message)
    this.topic = topic
  }
}

/**
 * Reads the command line, without the program's own name. Never throws. Long flags may have one dash (`-config FILE`), and
 * the logins may be flags (`-claude-login`), as CLIProxyAPI has them.
 */
export function readArguments(args: readonly string[]): Invocation {
  try {
    return readCommand(args)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return misuse(error)
  }
}

/** What each command makes of its words and flags. @throws {Refusal} */
const READERS: { readonly [C in CommandName]: (given: Given) => Invocation } = {
  serve: (given) => ({ command: 'serve', ...listening(wordless('serve', given)) }),
  check: (given) => ({ command: 'check', ...listening(wordless('check', given)) }),
  models: (given) => ({ command: 'models', ...listening(wordless('models', given)) }),
  doctor: (given) => ({ command: 'doctor', ...listening(wordless('doctor', given)) }),
  login: readLogin,
  import: (given) => ({
    command: 'import',
    ...configFlag(wordless('import', given)),
    isDryRun: given.flags.has('dry-run'),
  }),
  accounts: readAccounts,
  run({ words, flags, rest }) {
    const client = oneOf('run', 'client', words[0], CLIENT_NAMES)
    if (words.length > 1)
      throw new Refusal(
        `run takes one client; what is for ${client} stands behind --: cliproxy run ${client} -- ${words.slice(1).join(' ')}`,
        'run',
      )
    return {
      command: 'run',
      client,
      ...listening({ words, flags, rest }),
      model: flags.get('model'),
      isPrint: flags.has('print'),
      args: rest,
    }
  },
  help({ words: [topic, ...further] }) {
    if (topic === undefined) return { command: 'help' }
    if (further.length > 0) throw new Refusal(`help takes one command, but there is ${further.join(' ')} too`)
    return { command: 'help', topic: commandFor(topic) }
  },
  version: () => ({ command: 'version' }),
}

function readCommand(args: readonly string[]): Invocation {
  const end = args.indexOf('--')
  const { words: all, flags, unknown } = readFlags(end < 0 ? args : args.slice(0, end))
  const [word = 'serve', ...words] = all
  // The word may be the value of the flag that nobody has.
  if (unknown !== undefined) throw unknownFlag(unknown, isKey(word, COMMANDS) ? word : 'serve')
  const isHelp = flags.has('help')
  const command = isHelp && word === 'help' ? commandFor(words[0] ?? 'help') : commandFor(word)
  if (isHelp) return { command: 'help', topic: all.length === 0 ? undefined : command }
  if (flags.has('version')) return { command: 'version' }
  const allowed: readonly FlagName[] = COMMANDS[command].flags
  for (const name of flags.keys()) if (!allowed.includes(name)) throw unknownFlag(name, command)
  const rest = end < 0 ? [] : args.slice(end + 1)
  if (rest.length > 0 && command !== 'run') throw new Refusal(`${command} takes nothing behind --`, command)
  return READERS[command]({ words, flags, rest })
}

interface Read {
  readonly words: readonly string[]
  readonly flags: ReadonlyMap<FlagName, string>
  /** The first flag that nobody has. */
  readonly unknown?: string
}

function readFlags(args: readonly string[]): Read {
  const words: string[] = []
  const flags = new Map<FlagName, string>()
  const aliases = new Set<string>()
  let unknown: string | undefined
  for (const token of parseArgs({ args: args.map(withTwoDashes), options: OPTIONS, strict: false, tokens: true })
    .tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name } = token
    const alias = isKey(name, COMMAND_ALIASES) ? COMMAND_ALIASES[name] : undefined
    const known = alias ? alias.flag : flagFor(name)
    if (!alias && !known) {
      unknown ??= name
      continue
    }
    const value = valueFor(name, alias ? alias.value : known && valueName(known), token.value)
    if (value === undefined) continue
    if (alias) aliases.add(name)
    if (known) flags.set(known, value)
  }
  const [first, second] = aliases
  if (first === undefined) return { words, flags, unknown }
  if (second !== undefined) throw new Refusal(`one login at a time: --${first} or --${second}`, 'login')
  const meant = COMMAND_ALIASES[first]?.words ?? []
  if (words.length > 0)
    throw new Refusal(
      `--${first} stands without a command, as in CLIProxyAPI; here it is cliproxy ${meant.join(' ')}`,
      'login',
    )
  return { words: meant, flags, unknown }
}

function flagFor(name: string): FlagName | undefined {
  if (isKey(name, FLAGS)) return name
  return isKey(name, FLAG_ALIASES) ? FLAG_ALIASES[name] : undefined
}

/** Every spelling that is understood. */
const OPTIONS: Record<string, { type: 'string' | 'boolean'; short?: string }> = Object.fromEntries([
  ...Object.entries<Flag>(FLAGS).map(([name, { type, short }]) => [
    name,
    short === undefined ? { type } : { type, short },
  ]),
  ...Object.entries(FLAG_ALIASES).map(([name, flag]) => [name, { type: FLAGS[flag].type }]),
  ...Object.entries(COMMAND_ALIASES).map(([name, { value }]) => [
    name,
    { type: value === undefined ? 'boolean' : 'string' },
  ]),
])

/**
 * The value of a flag; '' for one that takes none, undefined for one that is turned off (`--no-browser=false`).
 *
 * @param wanted what its value is called, if it takes one.
 */
function valueFor(name: string, wanted: string | undefined, value: string | undefined): string | undefined {
  if (wanted === undefined) {
    if (value === 'false') return undefined
    if (value === undefined || value === 'true') return ''
    throw new Refusal(`--${name} takes no value`)
  }
  if (value === undefined || value === '' || isFlag(value))
    throw new Refusal(`--${name} needs a value: --${name} ${wanted}`)
  return value
}

function readLogin({ words, flags, rest }: Given): Invocation {
  const vendor = oneOf('login', 'vendor', words[0], keysOf(VENDORS))
  if (words.length > 1)
    throw new Refusal(`login takes one vendor, but there is ${words.slice(1).join(' ')} too`, 'login')
  const port = portOf(flags, 'callback-port')
  // CLIProxyAPI's 0 is the vendor's own port, and says as much as no flag.
  const callbackPort = port === 0 ? undefined : port
  for (const name of flags.keys()) {
    const vendors = name === 'callback-port' && callbackPort === undefined ? undefined : FLAG_VENDORS[name]
    if (vendors && !vendors.includes(vendor))
      throw new Refusal(`--${name} says nothing to ${vendor}; it is for ${listed(vendors)}`, 'login')
  }
  if (vendor === 'vertex' && !flags.has('key-file'))
    throw new Refusal(
      'login vertex needs the key file of a service account: cliproxy login vertex --key-file FILE',
      'login',
    )
  return {
    command: 'login',
    vendor,
    ...configFlag({ words, flags, rest }),
    noBrowser: flags.has('no-browser'),
    isDevice: flags.has('device'),
    callbackPort,
    projectId: flags.get('project-id'),
    keyFile: flags.get('key-file'),
    prefix: flags.get('prefix'),
  }
}

function readAccounts(given: Given): Invocation {
  const { words, flags } = given
  const [word, name = '', ...further] = words
  const action = word === undefined ? 'list' : oneOf('accounts', 'action', word, keysOf(ACCOUNT_ACTIONS))
  const isNamed = action !== 'list' && ACCOUNT_ACTIONS[action].isNamed
  if (isNamed && name === '')
    throw new Refusal(
      `accounts ${action} needs the name of an account: cliproxy accounts ${action} NAME; cliproxy accounts lists them`,
      'accounts',
    )
  const extra = isNamed ? further : words.slice(1)
  if (extra.length > 0)
    throw new Refusal(`accounts ${action} takes no further words, but there is ${extra.join(' ')}`, 'accounts')
  if (flags.has('json') && action !== 'list')
    throw new Refusal(`--json is for the list alone: cliproxy accounts --json`, 'accounts')
  if (flags.has('yes') && action !== 'remove') throw new Refusal(`--yes is for accounts remove alone`, 'accounts')
  return {
    command: 'accounts',
    ...configFlag(given),
    action,
    name,
    isJson: flags.has('json'),
    isSure: flags.has('yes'),
  }
}

function wordless(command: CommandName, given: Given): Given {
  if (given.words.length > 0)
    throw new Refusal(`${command} takes no further words, but there is ${given.words.join(' ')}`, command)
  return given
}

function configFlag({ flags }: Given): ConfigFlag {
  return { config: flags.get('config') }
}

function listening({ flags }: Given): ListeningFlags {
  return { config: flags.get('config'), host: flags.get('host'), port: portOf(flags, 'port') }
}

function portOf(flags: Given['flags'], name: FlagName): number | undefined {
  const port = flags.get(name)
  if (port === undefined) return undefined
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Refusal(`--${name} is ${port}; allowed: a whole number from 0 to 65535`)
  return Number(port)
}

function oneOf<const W extends string>(
  command: CommandName,
  what: string,
  word: string | undefined,
  words: readonly W[],
): W {
  if (word === undefined) throw new Refusal(`${command} needs a ${what}: ${listed(words)}`, command)
  const found = words.find((known) => known === word)
  if (found === undefined)
    throw new Refusal(`there is no ${what} ${word}${hint(word, words)}; allowed: ${listed(words)}`, command)
  return found
}

function commandFor(word: string): CommandName {
  if (isKey(word, COMMANDS)) return word
  throw new Refusal(`there is no command ${word}${hint(word, keysOf(COMMANDS))}; allowed: ${listed(keysOf(COMMANDS))}`)
}

function unknownFlag(name: string, command: CommandName): Refusal {
  if (FOREIGN_FLAGS.includes(name)) return new Refusal(`--${name} of CLIProxyAPI is not served yet`)
  const allowed: readonly FlagName[] = [...COMMANDS[command].flags, ...GENERAL_FLAGS]
  const dashed = name.length === 1 ? `-${name}` : `--${name}`
  const others = keysOf(COMMANDS).filter((other) => holds(COMMANDS[other], name))
  const says = isKey(name, FLAGS)
    ? `${command} has no flag ${dashed}, but ${listed(others, 'and')} ${others.length > 1 ? 'have' : 'has'}`
    : `there is no flag ${dashed}${hint(name, allowed, '--')}`
  const behind = command === 'run' ? '; what is for the client stands behind --' : ''
  return new Refusal(`${says}; allowed: ${listed(allowed.map((flag) => `--${flag}`))}${behind}`, command)
}

function holds(command: Command, name: string): boolean {
  return command.flags.some((flag) => flag === name)
}

function valueName(name: FlagName): string | undefined {
  const flag: Flag = FLAGS[name]
  return flag.value
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

function keysOf<T extends object>(table: T): readonly Extract<keyof T, string>[] {
  return Object.keys(table).filter((name) => isKey(name, table))
}

function misuse({ message, topic }: Refusal): Misuse {
  const more =
    topic === undefined ? 'cliproxy --help lists commands and flags' : `cliproxy help ${topic} says what it takes`
  return { command: 'misuse', message: `${message}\n${more}` }
}

function listed(words: readonly string[], last = 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

function hint(word: string, words: readonly string[], dashes = ''): string {
  const [near] = nearest(word, words, 1)
  return near === undefined ? '' : `; did you mean ${dashes}${near}?`
}
