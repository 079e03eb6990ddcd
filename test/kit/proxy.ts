import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../src/accounts/account.ts'
import { createModelRegistry } from '../../src/cli/model-registry.ts'
import type { Config } from '../../src/config/config.ts'
import type { ConfigListener } from '../../src/config/live.ts'
import type { EdgeContext } from '../../src/edge/context.ts'
import { createGuard } from '../../src/edge/guard.ts'
import { createResponsesSockets } from '../../src/edge/responses-socket.ts'
import { createSilenceWatch } from '../../src/edge/keep-alive.ts'
import { createApp, listen, type ListeningServer } from '../../src/edge/server.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { parseObject, type Fields } from '../../src/lib/json.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { createLog } from '../../src/lib/log.ts'
import { createResponseStore } from '../../src/state/response-store.ts'
import { createPool } from '../../src/pool/pool.ts'
import { NO_LOGINS } from './logins.ts'
import { ask, MODEL, pathFor, type Wish } from './requests.ts'

/** The key that the tests' clients show, where the proxy wants one. */
export const CLIENT_KEY = 'client-key-3f9a71c2'

let accounts = 0

/** The provider of each protocol, and what its base URLs end in. */
const PROVIDERS: Readonly<Record<Protocol, { readonly provider: string; readonly root: string }>> = {
  anthropic: { provider: 'claude', root: '' },
  'openai-chat': { provider: 'openai-compatibility', root: '/v1' },
  'openai-responses': { provider: 'codex', root: '/v1' },
  gemini: { provider: 'gemini', root: '' },
}

/** An account of an upstream that speaks the protocol; its secret is unlike every other text. */
export function accountAt(url: string, protocol: Protocol, own: Partial<Account> = {}): Account {
  accounts++
  const { provider, root } = PROVIDERS[protocol]
  return {
    id: String(accounts).padStart(16, '0'),
    provider,
    label: `account-${accounts}`,
    secret: `sk-secret-${accounts}-7d2e90b4`,
    baseUrl: url + root,
    headers: {},
    priority: 0,
    models: [{ name: 'upstream-model', alias: MODEL }],
    excludedModels: [],
    source: 'config',
    ...own,
  }
}

const PLAIN: Config = {
  host: '127.0.0.1',
  port: 0,
  authDir: join(tmpdir(), 'cliproxy-test-nothing-is-written-here'),
  apiKeys: [],
  debug: true,
  logsTotalMbMax: 0,
  requestRetry: 0,
  maxRetryCredentials: 0,
  maxRetryIntervalSeconds: 0,
  disableCooling: false,
  transientErrorCooldownSeconds: 0,
  routing: { strategy: 'fill-first' },
  forceModelPrefix: false,
  passthroughHeaders: false,
  keepAliveSeconds: 0,
  nonstreamKeepAliveSeconds: 0,
  shutdownGraceSeconds: 5,
  bodyBytesMax: 64 * 1024 * 1024,
  demo: false,
  oauthClients: {},
  oauthModels: {},
  refreshWorkers: 4,
  quotaExceeded: { switchProject: false, switchPreviewModel: false },
  isGeminiCliServed: false,
  responsesStore: { ttlHours: 0, megabytesMax: 0 },
  management: { isRemoteAllowed: false },
  accounts: [],
}

/** An answer that was read to its end. */
export interface Read {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty when the text is no JSON object. */
  readonly body: Fields
}

/** A proxy that listens, and everything it said. */
export interface TestProxy {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  readonly server: ListeningServer
  readonly context: EdgeContext
  /** All log lines so far. */
  log(): string
  /** The log's line of the next request that ends. */
  nextLine(): Promise<Fields>
  /** A change of the config file. */
  change(config: Partial<Config>): void
  fetch(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Read>
  /** Asks as a client of the protocol. */
  ask(protocol: Protocol, wish?: Wish, headers?: Record<string, string>): Promise<Read>
  get(path: string, headers?: Record<string, string>): Promise<Read>
  /** @throws {Error} when a secret or an internal failure shows in the log. */
  stop(): Promise<void>
}

export interface ProxyOptions extends Partial<Config> {
  readonly clock?: () => number
  readonly random?: () => number
}

export function startProxy({ clock = Date.now, random = () => 0, ...own }: ProxyOptions = {}): TestProxy {
  let config: Config = { ...PLAIN, ...own }
  const listeners = new Set<ConfigListener>()
  const secrets = new Set<string>()
  const keep = (): void => {
    for (const { secret } of config.accounts) if (secret !== '') secrets.add(secret)
    for (const key of config.apiKeys) secrets.add(key)
  }
  keep()
  const { log, text, nextLine } = capturedLog()
  const pool = createPool({ clock, random })
  const subscribe = (listener: ConfigListener): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const registry = createModelRegistry({ live: { current: () => config, subscribe }, logins: NO_LOGINS, pool, log })
  let guard = createGuard(config.apiKeys, config.host)
  subscribe((next) => {
    guard = createGuard(next.apiKeys, next.host)
  })
  let ids = 0
  const newId = (prefix: string): string => `${prefix}${String(++ids).padStart(24, '0')}`
  const context: EdgeContext = {
    config: () => config,
    guard: () => guard,
    gateway: createGateway({ state: registry.state, pool, clock, random, newId }),
    models: () => registry.state().router.list(),
    silences: createSilenceWatch(Date.now),
    responses: createResponseStore({
      folder: config.authDir,
      limits: () => config.responsesStore,
      clock,
      report: (line) => log.write('warn', line),
    }),
    log,
    isLoopback: false,
    version: '0.0.0-test',
    inFlight: { count: 0 },
  }
  const server = listen(createApp(context), createResponsesSockets(context), config)
  const url = server.url.origin
  const read = async (path: string, init: RequestInit): Promise<Read> => readAll(await fetch(url + path, init), secrets)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Read> =>
    read(path, { method: 'POST', body: bodyOf(body), headers: { 'content-type': 'application/json', ...headers } })
  return {
    url,
    port: Number(server.url.port),
    server,
    context,
    log: text,
    nextLine,
    change(next) {
      const previous = config
      config = { ...config, ...next }
      keep()
      for (const listener of listeners) listener(config, previous)
    },
    fetch: (path, init) => fetch(url + path, init),
    post,
    ask: (protocol, wish = {}, headers = {}) => post(pathFor(protocol, wish), ask(protocol, wish), headers),
    get: (path, headers = {}) => read(path, { headers }),
    async stop() {
      await server.stop()
      await context.responses.close()
      for (const secret of secrets) if (text().includes(secret)) throw new Error(`the log holds a secret:\n${text()}`)
      if (text().includes('internal failure')) throw new Error(`the log tells of a defect:\n${text()}`)
    },
  }
}

/** Reads an answer to its end. @throws {Error} when a secret shows in it. */
async function readAll(response: Response, secrets: ReadonlySet<string>): Promise<Read> {
  const text = await response.text()
  for (const secret of secrets) if (text.includes(secret)) throw new Error(`the answer holds a secret: ${text}`)
  return { status: response.status, headers: response.headers, text, body: parseObject(text) ?? {} }
}

function bodyOf(body: unknown): string | Blob {
  if (body instanceof Uint8Array) return new Blob([body.slice()])
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** A log that is kept instead of shown. */
function capturedLog(): Pick<EdgeContext, 'log'> & { text: () => string; nextLine: () => Promise<Fields> } {
  let written = ''
  let onLine: ((line: Fields) => void) | undefined
  const sink = (text: string): void => {
    written += text
    for (const line of text.split('\n')) {
      const fields = parseObject(line)
      if (fields?.['status'] === undefined) continue
      onLine?.(fields)
      onLine = undefined
    }
  }
  const log = createLog({ sink, isTerminal: false, isDebug: () => true, clock: Date.now })
  return {
    log,
    text: () => {
      log.flush()
      return written
    },
    nextLine: () => {
      log.flush()
      return new Promise((resolve) => {
        const flushing = setInterval(() => log.flush(), 1)
        onLine = (line) => {
          clearInterval(flushing)
          resolve(line)
        }
      })
    },
  }
}
