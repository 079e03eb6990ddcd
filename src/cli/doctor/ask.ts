import type { Account, ModelEntry } from '../../accounts/account.ts'
import type { Config } from '../../config/config.ts'
import { Fault } from '../../ir/fault.ts'
import { errorText } from '../../lib/error-text.ts'
import { fetchProxyFor } from '../../lib/fetch-proxy.ts'
import { readNumber } from '../../lib/json.ts'
import { providerFor } from '../../providers/index.ts'
import { askSmall, smallestOf } from '../small-call.ts'
import type { Probe } from './accounts.ts'

/** Upstreams that are asked at once. */
const PARALLEL_MAX = 8

/** How long an upstream may take. */
const ANSWER_MS_MAX = 10_000

/** Origins that are asked for the time. */
const ORIGINS_MAX = 3
const DATE_MS_MAX = 5000

/** Asks an account's upstream. @throws {Error} as `listModels` does. */
export type ListModels = (account: Account, signal: AbortSignal) => Promise<readonly ModelEntry[]> | undefined

/** How an account's upstream is asked. */
export interface Asking {
  readonly list: ListModels
  /** The well-known models of an account that lists none. */
  readonly modelsOf: (account: Account) => readonly ModelEntry[]
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Asks each account's upstream, some at a time; the answers are in the order of the accounts. */
export async function probeAccounts(accounts: readonly Account[], asking: Asking): Promise<readonly Probe[]> {
  const probes = new Map<Account, Probe>()
  const due = [...accounts].toReversed()
  const work = async (): Promise<void> => {
    for (let account = due.pop(); account; account = due.pop()) probes.set(account, await probeAccount(account, asking))
  }
  await Promise.all(Array.from({ length: PARALLEL_MAX }, work))
  return accounts.map((account) => probes.get(account) ?? { kind: 'unasked' })
}

async function probeAccount(account: Account, asking: Asking): Promise<Probe> {
  const { login } = account
  const provider = providerFor(account)
  if (provider.readModels) return await probeByList(account, asking)
  if (provider.countsTokens) return await probeByCount(account, asking)
  // Its token at least can be had, be it by a refresh.
  return login ? await probeToken(login) : { kind: 'unasked' }
}

async function probeByList(account: Account, { list }: Asking): Promise<Probe> {
  try {
    const models = await list(account, AbortSignal.timeout(ANSWER_MS_MAX))
    return { kind: 'answered', said: `lists ${models?.length ?? 0} models` }
  } catch (error) {
    return failureOf(error)
  }
}

/** A count of tokens costs nothing. */
async function probeByCount(account: Account, { modelsOf, clock }: Asking): Promise<Probe> {
  const model = smallestOf(account.models ?? modelsOf(account))
  if (!model) return { kind: 'unasked' }
  try {
    await askSmall('count', { account, model: model.name, signal: AbortSignal.timeout(ANSWER_MS_MAX), clock })
    return { kind: 'answered', said: `counts tokens of ${model.name}` }
  } catch (error) {
    if (error instanceof Fault && error.upstream) return { kind: 'refused', status: error.upstream.status }
    return failureOf(error)
  }
}

async function probeToken(login: NonNullable<Account['login']>): Promise<Probe> {
  try {
    await login.token()
    return { kind: 'unasked' }
  } catch (error) {
    return failureOf(error)
  }
}

/** Neither a list of models nor a fault names a secret. */
function failureOf(error: unknown): Probe {
  const { cause } = error instanceof Error ? error : {}
  const status = readNumber(cause)
  return status === undefined ? { kind: 'failed', message: errorText(error) } : { kind: 'refused', status }
}

/** What an upstream says the time is: its `date` header. @throws when it cannot be reached. */
export type AskDate = (url: string, proxyUrl: string | undefined) => Promise<string | null>

/** Sends no key. */
export async function askDate(url: string, proxyUrl: string | undefined): Promise<string | null> {
  const signal = AbortSignal.timeout(DATE_MS_MAX)
  const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal, proxy: fetchProxyFor(proxyUrl) })
  await response.body?.cancel()
  return response.headers.get('date')
}

/** How far this clock is ahead of the first upstream's that answers, and how many there are to ask. */
export async function measureSkew(
  accounts: readonly Account[],
  ask: AskDate,
  clock: () => number,
): Promise<{ readonly asked: number; readonly skewMs?: number }> {
  const origins = new Map<string, string | undefined>()
  for (const { baseUrl, proxyUrl } of accounts) {
    const url = URL.parse(baseUrl)
    if (url && origins.size < ORIGINS_MAX) origins.set(url.origin, proxyUrl)
  }
  for (const [origin, proxyUrl] of origins) {
    const before = clock()
    const date = await ask(origin, proxyUrl).catch(() => null)
    const theirs = Date.parse(date ?? '')
    if (Number.isFinite(theirs)) return { asked: origins.size, skewMs: (before + clock()) / 2 - theirs }
  }
  return { asked: origins.size }
}

/** Why nobody could listen at the config's address; undefined when it can be done. */
export function tryToBind({ host, port }: Pick<Config, 'host' | 'port'>): string | undefined {
  try {
    Bun.listen({ hostname: host === '' ? '0.0.0.0' : host, port, socket: { data: () => undefined } }).stop(true)
    return undefined
  } catch (error) {
    return errorText(error)
  }
}

/** How long a client may take to say its version. */
const VERSION_MS_MAX = 15_000
const PIPE_MS_MAX = 1000

/** What an installed program says its version is; '' when it does not; undefined when it is not installed. */
export async function versionOf(program: string): Promise<string | undefined> {
  const path = Bun.which(program)
  if (path === null) return undefined
  const child = Bun.spawn([path, '--version'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: VERSION_MS_MAX,
  })
  // What it started itself may keep the pipe open.
  const closed = child.exited.then(async () => {
    await Bun.sleep(PIPE_MS_MAX)
    return ''
  })
  const text = await Promise.race([new Response(child.stdout).text(), closed])
  return /\d+\.\d+[\w.-]*/.exec(text)?.[0] ?? ''
}
