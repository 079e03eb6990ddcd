import { accessSync, constants, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isLoopback } from '../lib/addresses.ts'
import { readObject } from '../lib/json.ts'
import { accountsOfFile, finishAccounts, proxyFor } from './accounts.ts'
import type { Config, ManagementConfig } from './config.ts'
import { accountsOfEnvironment } from './environment.ts'
import { strategyFor } from './formats.ts'
import { expandHome, homeOf } from './home.ts'
import type { Environment } from './interpolate.ts'
import { loginSettings } from './logins.ts'
import { type ConfigProblem, ConfigProblems, type Path, pathText, problemText } from './problems.ts'
import { type ConfigFile, configFile } from './schema.ts'
import { type Finding, type Reading, readBySchema } from './schema-reader.ts'
import { openSource, type Source } from './source.ts'

/** What the command line says beside the file; it counts more. */
export interface Overrides {
  readonly host?: string
  readonly port?: number
}

export interface LoadOptions {
  readonly overrides?: Overrides
  /** Where `./config.yaml` is looked for and relative paths begin; the working directory when absent. */
  readonly folder?: string
}

export interface LoadedConfig {
  readonly config: Config
  /** One line each; none holds a secret. */
  readonly warnings: readonly string[]
  /** The file that was read; absent: there was none, and everything is default. */
  readonly path?: string
}

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 8317

/**
 * Reads the configuration: the file at `path`, else `./config.yaml`, else `~/.cli-proxy-api/config.yaml`, else the
 * defaults; then the accounts of the environment.
 *
 * @throws {ConfigProblems} with everything that is wrong, when anything is.
 */
export async function loadConfig(
  path: string | undefined,
  environment: Environment,
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  const { overrides = {}, folder = process.cwd() } = options
  const home = homeOf(environment)
  const found = findFile(path, folder, home)
  const source = await openSource(found?.text ?? '{}')
  const origin = found?.path ?? 'the defaults'
  if (source.value !== null && !readObject(source.value) && source.faults.length === 0) {
    throw new ConfigProblems([{ origin, path: '', message: 'is no mapping; allowed: lines of the form "key: value"' }])
  }
  const reading = readBySchema(configFile, source.value ?? {}, { environment, spellingOf: source.spellingOf })
  const file = reading.value ?? {}
  const hasKeyProblems = reading.problems.some((problem) => problem.path[0] === 'api-keys')
  const problems = [...reading.problems, ...judgeFile(file, { overrides, folder, hasKeyProblems })]
  const warnings = await warningsOf(origin, source, reading)
  if (problems.length > 0 || source.faults.length > 0) {
    throw new ConfigProblems(await placeProblems(origin, source, problems, overrides), warnings)
  }
  const { config, warnings: later } = makeConfig(file, { environment, overrides, folder, home, path: found?.path })
  return { config, warnings: [...warnings, ...later], path: found?.path }
}

interface FoundFile {
  readonly path: string
  readonly text: string
}

function findFile(path: string | undefined, folder: string, home: string): FoundFile | undefined {
  const candidates = path === undefined ? ['config.yaml', resolve(home, '.cli-proxy-api', 'config.yaml')] : [path]
  for (const candidate of candidates) {
    try {
      return { path: candidate, text: readFileSync(resolve(folder, candidate), 'utf8') }
    } catch (cause) {
      const { code } = readObject(cause) ?? {}
      if (path === undefined && (code === 'ENOENT' || code === 'ENOTDIR')) continue
      const reason = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(code)})`
      throw new ConfigProblems([{ origin: candidate, path: '', message: `${reason}; allowed: a readable YAML file` }])
    }
  }
  return undefined
}

/** What is wrong although every value fits the schema. */
function judgeFile(
  file: ConfigFile,
  { overrides, folder, hasKeyProblems }: Required<LoadOptions> & { readonly hasKeyProblems: boolean },
): readonly Finding[] {
  const findings: Finding[] = []
  const complain = (path: Path, message: string): void => {
    findings.push({ path, of: 'value', message })
  }
  const host = overrides.host ?? file.host ?? DEFAULT_HOST
  if (!isLoopback(host) && clientKeysOf(file).length === 0 && !hasKeyProblems) {
    const reach = host === '' ? 'every network of this machine' : host
    complain(
      ['host'],
      `opens the proxy to ${reach}, and without api-keys everybody there could spend your accounts; ` +
        'allowed: set api-keys, or host: 127.0.0.1',
    )
  }
  const { tls } = file
  if (tls?.enable === true) {
    for (const field of ['cert', 'key'] as const) {
      const given = tls[field]
      if (given === undefined) complain(['tls'], `is enabled and has no ${field}; allowed: the path of a PEM file`)
      else if (!isReadable(resolve(folder, given))) complain(['tls', field], 'names no file that can be read')
    }
  }
  return findings
}

/** Without doubles. v6.0 of CPA kept them under `auth.providers`. */
function clientKeysOf(file: ConfigFile): readonly string[] {
  const older = (file.auth?.providers ?? []).flatMap((provider) => provider['api-keys'] ?? [])
  return [...new Set([...(file['api-keys'] ?? []), ...older])]
}

async function placeProblems(
  origin: string,
  source: Source,
  findings: readonly Finding[],
  overrides: Overrides,
): Promise<readonly ConfigProblem[]> {
  const locate = await source.locator()
  const problems: ConfigProblem[] = source.faults.map((fault) => ({ origin, path: '', ...fault }))
  for (const { path, of, message } of findings) {
    const isFlag = path.length === 1 && path[0] === 'host' && overrides.host !== undefined
    if (isFlag) problems.push({ origin: '--host', path: '', message })
    else problems.push({ origin, position: locate(path, of), path: pathText(path), message })
  }
  return problems.toSorted((a, b) => {
    const lines = (a.position?.line ?? 0) - (b.position?.line ?? 0)
    return lines === 0 ? (a.position?.column ?? 0) - (b.position?.column ?? 0) : lines
  })
}

async function warningsOf(origin: string, source: Source, reading: Reading<ConfigFile>): Promise<readonly string[]> {
  const { unknownKeys, later, disguise } = reading
  const warnings: string[] = []
  if (unknownKeys.length > 0) {
    const locate = await source.locator()
    for (const { path, of, message } of unknownKeys) {
      warnings.push(problemText({ origin, position: locate(path, of), path: pathText(path), message }))
    }
  }
  if (later.size > 0) warnings.push(`${origin}: accepted and not served yet: ${[...later].join(', ')}`)
  if (disguise.size > 0) {
    const names = [...disguise].join(', ')
    warnings.push(`${origin}: accepted and not served, since clients are never disguised here: ${names}`)
  }
  return warnings
}

interface Surroundings {
  readonly environment: Environment
  readonly overrides: Overrides
  readonly folder: string
  readonly home: string
  readonly path: string | undefined
}

function makeConfig(file: ConfigFile, around: Surroundings): Omit<LoadedConfig, 'path'> {
  const { environment, overrides, folder, home } = around
  const warnings: string[] = []
  const host = (overrides.host ?? file.host ?? DEFAULT_HOST).replace(/^\[(.*)\]$/, '$1')
  const port = overrides.port ?? file.port ?? DEFAULT_PORT
  const apiKeys = clientKeysOf(file)
  const drafts = [...accountsOfFile(file)]
  if (file['env-accounts'] !== false) {
    const found = accountsOfEnvironment(environment, { host, port, apiKeys, known: drafts })
    drafts.push(...found.drafts)
    warnings.push(...found.warnings)
  }
  const strategy = strategyFor(file.routing?.strategy ?? 'round-robin')
  if (strategy === 'weighted')
    warnings.push('routing.strategy: weighted-round-robin is not served yet; round-robin is used')
  const proxyUrl = proxyFor(file['proxy-url'])
  const { tls } = file
  const hasTls = tls?.enable === true
  const authDir = resolve(folder, expandHome(file['auth-dir'] ?? '~/.cli-proxy-api', home))
  const config: Config = {
    host,
    port,
    tls: hasTls ? { cert: resolve(folder, tls.cert ?? ''), key: resolve(folder, tls.key ?? '') } : undefined,
    authDir,
    apiKeys,
    debug: file.debug ?? false,
    logFolder: file['logging-to-file'] === true ? logFolderFor(authDir, around) : undefined,
    logsTotalMbMax: file['logs-max-total-size-mb'] ?? 0,
    requestRetry: atLeastZero(file['request-retry']),
    maxRetryCredentials: atLeastZero(file['max-retry-credentials']),
    maxRetryIntervalSeconds: atLeastZero(file['max-retry-interval']),
    disableCooling: file['disable-cooling'] ?? false,
    transientErrorCooldownSeconds: file['transient-error-cooldown-seconds'] ?? 0,
    routing: { strategy: strategy === 'fill-first' ? 'fill-first' : 'round-robin' },
    forceModelPrefix: file['force-model-prefix'] ?? false,
    passthroughHeaders: file['passthrough-headers'] ?? false,
    keepAliveSeconds: atLeastZero(file.streaming?.['keepalive-seconds'], 15),
    nonstreamKeepAliveSeconds: atLeastZero(file['nonstream-keepalive-interval']),
    shutdownGraceSeconds: file['shutdown-grace-seconds'] ?? 30,
    bodyBytesMax: (file['body-limit-mb'] ?? 64) * 1024 * 1024,
    demo: file.demo ?? false,
    proxyUrl,
    ...loginSettings(file, folder, home),
    management: managementOf(file, environment),
    accounts: finishAccounts(drafts, proxyUrl),
  }
  return { config, warnings }
}

/** @see behaviour of CLIProxyAPI: a password in the environment lets remote peers in as well. */
function managementOf({ 'remote-management': given }: ConfigFile, environment: Environment): ManagementConfig {
  const password = environment['MANAGEMENT_PASSWORD']?.trim()
  const hasPassword = password !== undefined && password !== ''
  return {
    secretKey: given?.['secret-key'],
    password: hasPassword ? password : undefined,
    isRemoteAllowed: hasPassword || (given?.['allow-remote'] ?? false),
  }
}

/** CPA's places: `$WRITABLE_PATH/logs`, else `logs` beside the config, else `logs` in the auth folder. */
function logFolderFor(authDir: string, { environment, folder, path }: Surroundings): string {
  const writable = environment['WRITABLE_PATH'] ?? environment['writable_path']
  if (writable !== undefined && writable.trim() !== '') return resolve(folder, writable.trim(), 'logs')
  const beside = path === undefined ? folder : dirname(resolve(folder, path))
  return resolve(isWritable(beside) ? beside : authDir, 'logs')
}

/** CPA takes every negative number for zero. */
function atLeastZero(value: number | undefined, absent = 0): number {
  return Math.max(0, value ?? absent)
}

function isReadable(path: string): boolean {
  return isAccessible(path, constants.R_OK)
}

function isWritable(path: string): boolean {
  return isAccessible(path, constants.W_OK)
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
