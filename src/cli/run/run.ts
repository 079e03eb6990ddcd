import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { LoadedConfig } from '../../config/load.ts'
import type { Client, ClientName, Launch } from './clients/client.ts'
import { CLIENTS } from './clients/table.ts'
import { findOrStartProxy, type RunProxy, type RunProxyOptions } from './run-proxy.ts'
import { recipeFor } from './run-print.ts'
import { writeError, writeOutput } from '../standard-streams.ts'
import { readFileIfAny } from '../../lib/read-file.ts'

export interface RunCommand {
  readonly client: ClientName
  readonly model?: string
  /** Print what to export, and start nothing. */
  readonly isPrint: boolean
  /** For the client, as they stand behind `--`. */
  readonly args: readonly string[]
  readonly loaded: LoadedConfig
  /** Reads the config again: for a proxy that runs as long as the client. */
  readonly reload: () => Promise<LoadedConfig>
}

/** What a run needs of the world; the real one when absent. */
export interface RunWorld {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Path of a program that is installed. */
  readonly find: (program: string, path: string | undefined) => string | null
  readonly findProxy: (options: RunProxyOptions) => Promise<RunProxy>
  /** Runs a program on this terminal to its end; gives its exit code. */
  readonly spawn: (words: readonly string[], environment: Readonly<Record<string, string>>) => Promise<number>
  readonly print: (text: string) => void
  /** Takes what people are told beside the client's own output. */
  readonly tell: (text: string) => void
}

/** What a client shows where the proxy asks for no key: most want to have one. */
const PLACEHOLDER_KEY = 'any'

/** This process, its terminal and its PATH. */
export const REAL_WORLD: RunWorld = {
  environment: process.env,
  find: (program, path) => Bun.which(program, path === undefined ? undefined : { PATH: path }),
  findProxy: findOrStartProxy,
  spawn: spawnOnTerminal,
  print: writeOutput,
  tell: writeError,
}

/** As shells have it for a program that is not there. */
const NOT_FOUND = 127

/**
 * `cliproxy run`: starts a client on this proxy.
 *
 * @returns the client's exit code, 128 + n when signal n ended it.
 */
export async function runClient(command: RunCommand, world: RunWorld = REAL_WORLD): Promise<number> {
  const { client: name, isPrint, loaded } = command
  const client = CLIENTS[name]
  const key = loaded.config.apiKeys[0] ?? PLACEHOLDER_KEY
  if (isPrint) {
    world.print(await recipeFor({ client, model: command.model, key, loaded, environment: world.environment }))
    return 0
  }
  const program = world.find(name, world.environment['PATH'])
  if (program === null) {
    world.tell(`${client.title} is not installed: there is no ${name} in PATH. npm install -g ${client.package}\n`)
    return NOT_FOUND
  }
  const proxy = await world.findProxy({ loaded, reload: command.reload, key })
  try {
    return await runOn(proxy, { command, client, program, key }, world)
  } finally {
    await proxy.stop()
  }
}

interface Run {
  readonly command: RunCommand
  readonly client: Client
  readonly program: string
  readonly key: string
}

async function runOn(proxy: RunProxy, { command, client, program, key }: Run, world: RunWorld): Promise<number> {
  const isModelGiven = command.args.some((arg) => client.modelFlags.some((flag) => isFlag(arg, flag)))
  const chosen = isModelGiven ? undefined : client.chooseModel(proxy.models)
  const model = command.model ?? chosen
  world.tell(`cliproxy: ${client.title} on ${proxy.story}${modelStory(command, model, isModelGiven)}\n`)
  if (proxy.models.length === 0) world.tell(`cliproxy: no model is known there yet; cliproxy doctor says why\n`)
  // Readable by its owner alone: the files hold the key.
  const folder = mkdtempSync(join(tmpdir(), 'cliproxy-run-'))
  try {
    const { environment } = world
    const { base, models } = proxy
    const launch = client.launch({ base, key, model, models, environment, folder, readFile: readFileIfAny, listFolder })
    furnish(folder, launch)
    const { tls, authEncryption } = command.loaded.config
    const child = childEnvironment(environment, [...OWN_SECRETS, authEncryption?.env, ...client.misleading])
    if (base.startsWith('https:') && tls) child[client.certificateVariable] ??= tls.cert
    return await world.spawn([program, ...launch.args, ...command.args], Object.assign(child, launch.variables))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function modelStory({ model: given }: RunCommand, model: string | undefined, isModelGiven: boolean): string {
  if (isModelGiven) return ''
  if (model === undefined) return ', with its own default model'
  return given === undefined ? `, model ${model} (another: --model M)` : `, model ${model}`
}

/** Variables that only this program reads. A client runs what a model tells it to, `env` among it. */
const OWN_SECRETS = ['MANAGEMENT_PASSWORD', 'GEMINI_OAUTH_CLIENT_SECRET']

/**
 * The user's environment for a client that is to find this machine.
 *
 * @param hidden what it is not to know, or would lead it elsewhere
 */
function childEnvironment(
  environment: RunWorld['environment'],
  hidden: readonly (string | undefined)[],
): Record<string, string> {
  const child: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !hidden.includes(name)) child[name] = value
  }
  if (!hasProxy(environment)) return child
  // A proxy of the network is no way to this machine.
  for (const name of ['NO_PROXY', 'no_proxy']) {
    const given = child[name] ?? ''
    child[name] = given === '' ? OWN_HOSTS : `${given},${OWN_HOSTS}`
  }
  return child
}

const OWN_HOSTS = '127.0.0.1,localhost,::1'

function hasProxy(environment: RunWorld['environment']): boolean {
  return Object.keys(environment).some((name) => /^(?:https?|all)_proxy$/i.test(name))
}

/** Puts into the folder what the client is to find there. */
function furnish(folder: string, { files, links = {} }: Launch): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { mode: 0o600 })
  }
  for (const [name, target] of Object.entries(links)) {
    try {
      symlinkSync(target, join(folder, name), 'junction')
    } catch {
      // Windows links files only for administrators: the client goes without that one.
    }
  }
}

function isFlag(argument: string, flag: string): boolean {
  return argument === flag || argument.startsWith(`${flag}=`)
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Signals that are meant for the client, and that only this process gets when they are sent to it by its id. */
const FORWARDED = ['SIGTERM', 'SIGHUP'] as const

/** Signals of the keyboard: the terminal sends them to the client as well, which knows what they mean. */
const OF_THE_KEYBOARD = ['SIGINT', 'SIGQUIT'] as const

async function spawnOnTerminal(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  let child: Bun.Subprocess | undefined
  const forward = (signal: NodeJS.Signals): void => child?.kill(signal)
  // Before the client is there: a signal in between would end this process alone, and leave the client to nobody.
  for (const signal of FORWARDED) process.on(signal, forward)
  for (const signal of OF_THE_KEYBOARD) process.on(signal, ignore)
  try {
    child = Bun.spawn([...words], { stdio: ['inherit', 'inherit', 'inherit'], env: environment })
    const code = await child.exited
    const { signalCode } = child
    if (signalCode === null) return code
    return 128 + (typeof signalCode === 'number' ? signalCode : constants.signals[signalCode])
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward)
    for (const signal of OF_THE_KEYBOARD) process.off(signal, ignore)
  }
}

function ignore(): void {}
