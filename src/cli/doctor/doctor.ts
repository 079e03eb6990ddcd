import { existsSync } from 'node:fs'
import type { LoginBook } from '../../accounts/login-book.ts'
import type { Config } from '../../config/config.ts'
import { pointsAt } from '../../config/environment.ts'
import { homeOf } from '../../config/home.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { ConfigProblems, problemText } from '../../config/problems.ts'
import { listModels } from '../../gateway/list-models.ts'
import { errorText } from '../../lib/error-text.ts'
import { catalogueFor } from '../../providers/catalogue.ts'
import { isLoopback } from '../../lib/addresses.ts'
import { CLIENT_NAMES } from '../run/clients/client.ts'
import { judgeAccount, judgeLogin, judgeNumber, judgeWay } from './accounts.ts'
import { askDate, measureSkew, probeAccounts, tryToBind, versionOf, type AskDate, type ListModels } from './ask.ts'
import { judgeClient, targetsOf } from './clients.ts'
import { judgeConfig, judgeExposure } from './config.ts'
import { judgeAuthFolder, judgeSecretFile } from './files.ts'
import { findingLine, summaryLine, type Finding } from './finding.ts'
import { freeBytesAt, lookAtAuthFolder, lookAtSecretFiles } from './look.ts'
import { judgeClock, judgeMachine, judgePort } from './machine.ts'
import { openLogins } from '../open-logins.ts'
import { originFor, probeListener } from '../probe-listener.ts'
import { readFileIfAny } from '../../lib/read-file.ts'

export interface DoctorCommand {
  /** Loads the config. @throws {ConfigProblems} */
  readonly load: () => Promise<LoadedConfig>
  readonly print: (text: string) => void
}

/** What the doctor asks; the real world when absent. */
export interface DoctorWorld {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** @throws {Error} when they cannot be read. */
  readonly openLogins: (config: Config) => DoctorLogins
  readonly list: ListModels
  readonly askDate: AskDate
  /** '' when it does not say; undefined: it is not installed. */
  readonly versionOf: (program: string) => Promise<string | undefined>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

type DoctorLogins = Pick<LoginBook, 'accounts' | 'rows' | 'close'>

const REAL_WORLD: DoctorWorld = {
  environment: process.env,
  home: homeOf(process.env),
  openLogins: (config) => openLogins({ config: () => config, report: ignore, isLive: false }).book,
  list: listModels,
  askDate,
  versionOf,
  clock: Date.now,
}

/**
 * `cliproxy doctor`: looks for what is wrong and says how to mend it, a line for each finding.
 *
 * @returns the exit code: 0 when there is no problem.
 */
export async function runDoctor({ load, print }: DoctorCommand, world: DoctorWorld = REAL_WORLD): Promise<0 | 1> {
  const all: Finding[] = []
  const tell = (findings: readonly Finding[]): void => {
    all.push(...findings)
    for (const finding of findings) print(findingLine(finding))
  }
  const loaded = await tryToLoad(load, tell)
  if (loaded) {
    tell(lookAtSecretFiles(loaded.config, loaded.path).flatMap(judgeSecretFile))
    tell(judgeAuthFolder(lookAtAuthFolder(loaded.config.authDir)))
    tell(await judgeAddress(loaded.config))
  }
  tell(
    judgeMachine({
      platform: process.platform,
      hasProc: existsSync('/proc/self/exe'),
      freeBytes: loaded && freeBytesAt(loaded.config.authDir),
      fetchLimit: world.environment['BUN_CONFIG_MAX_HTTP_REQUESTS'],
    }),
  )
  if (loaded) await examineAccounts(loaded.config, world, tell)
  tell(await examineClients(loaded?.config, world))
  print(summaryLine(all))
  return all.some(({ level }) => level === 'problem') ? 1 : 0
}

type Tell = (findings: readonly Finding[]) => void

async function tryToLoad(load: DoctorCommand['load'], tell: Tell): Promise<LoadedConfig | undefined> {
  try {
    const loaded = await load()
    tell(judgeConfig({ path: loaded.path, problems: [], warnings: loaded.warnings }))
    return loaded
  } catch (cause) {
    if (!(cause instanceof ConfigProblems)) throw cause
    tell(judgeConfig({ problems: cause.problems.map(problemText), warnings: cause.warnings }))
    return undefined
  }
}

async function judgeAddress(config: Config): Promise<readonly Finding[]> {
  const { host, port, tls } = config
  const origin = originFor(config)
  const listener = port === 0 ? ({ kind: 'nobody' } as const) : await probeListener(origin)
  const bindFailure = listener.kind === 'nobody' && port !== 0 ? tryToBind(config) : undefined
  return [
    ...judgePort({ origin, port, listener, bindFailure }),
    ...judgeExposure({ host, isLoopback: isLoopback(host), hasTls: tls !== undefined }),
  ]
}

async function examineAccounts(config: Config, world: DoctorWorld, tell: Tell): Promise<void> {
  const book = openBook(config, world, tell)
  const rows = book?.rows() ?? []
  tell(rows.map((row) => judgeLogin(row, world.clock())))
  const accounts = [...config.accounts, ...(book?.accounts() ?? [])]
  tell(judgeNumber(accounts.length))
  tell(accounts.flatMap((account) => judgeWay(account)))
  const [probes, clock] = await Promise.all([
    probeAccounts(accounts, { list: world.list, modelsOf: catalogueFor, clock: world.clock }),
    measureSkew(accounts, world.askDate, world.clock),
  ])
  await book?.close()
  tell(
    accounts.map((account, index) =>
      judgeAccount({
        account,
        login: rows.find(({ accountIds }) => accountIds.includes(account.id)),
        probe: probes[index] ?? { kind: 'unasked' },
      }),
    ),
  )
  tell(judgeClock(clock))
}

function openBook(config: Config, world: DoctorWorld, tell: Tell): DoctorLogins | undefined {
  try {
    return world.openLogins(config)
  } catch (error) {
    const text = `they cannot be read: ${errorText(error)}`
    tell([{ level: 'problem', subject: 'logins', text, mend: 'see auth-dir and auth-encryption in the config' }])
    return undefined
  }
}

/** What goes wrong with a login stands in its row, too. */
function ignore(): void {}

async function examineClients(config: Config | undefined, world: DoctorWorld): Promise<readonly Finding[]> {
  const { environment, home } = world
  const isOurs = (url: string): boolean => config !== undefined && pointsAt(url, config.host, config.port)
  const versions = await Promise.all(CLIENT_NAMES.map(world.versionOf))
  return CLIENT_NAMES.map((name, index) =>
    judgeClient({
      name,
      version: versions[index],
      targets: targetsOf(name, { environment, home, readFile: readFileIfAny }),
      isOurs,
    }),
  )
}
