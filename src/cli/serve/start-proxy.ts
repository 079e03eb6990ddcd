import type { AnyElysia } from 'elysia'
import type { Account } from '../../accounts/account.ts'
import { managementRoutes } from '../../admin/routes.ts'
import type { Config } from '../../config/config.ts'
import { createLiveConfig, type LiveConfig } from '../../config/live.ts'
import type { LoadedConfig } from '../../config/load.ts'
import type { EdgeContext } from '../../edge/context.ts'
import { createGuard } from '../../edge/guard.ts'
import { createSilenceWatch } from '../../edge/keep-alive.ts'
import { createResponsesSockets } from '../../edge/responses-socket.ts'
import { reportDefect } from '../../edge/serve-model.ts'
import { createApp, listen, type ListeningServer } from '../../edge/server.ts'
import { createGateway } from '../../gateway/gateway.ts'
import type { ServedModel } from '../../gateway/route.ts'
import { isLoopback } from '../../lib/addresses.ts'
import type { Log } from '../../lib/log.ts'
import { createPool } from '../../pool/pool.ts'
import { keepStandingsFile, standingsPath } from '../../pool/standings-file.ts'
import { createResponseStore } from '../../state/response-store.ts'
import { createModelRegistry } from '../model-registry.ts'
import { openLogins } from '../open-logins.ts'
import { warmUp } from './warm-up.ts'

/** How long after a change of models the list is asked for again. */
const LEARN_MS = 60 * 60 * 1000

export interface ProxyOptions {
  readonly loaded: LoadedConfig
  /** Reads the config again. */
  readonly reload: () => Promise<LoadedConfig>
  readonly version: string
  readonly log: Log
  /** Listen on any free port when another program has the config's. */
  readonly isAnyPort?: boolean
  /** Served beside the proxy's own routes. */
  readonly routes?: readonly AnyElysia[]
}

/** A proxy that listens in this process. */
export interface RunningProxy {
  readonly server: ListeningServer
  readonly config: () => Config
  readonly models: () => readonly ServedModel[]
  /** The accounts of logins. */
  readonly logins: () => readonly Account[]
  /** Warms up, and learns the models of the upstreams now and from time to time; resolves when they are learned once. */
  begin(): Promise<void>
  /** Ends what goes on in the background, once a refresh in flight is over; the server is stopped by itself. */
  close(): Promise<void>
}

/**
 * Starts a proxy that listens.
 *
 * @throws {ConfigProblems} when the key of encrypted logins is not there; whatever says that it cannot listen. Then
 * nothing goes on.
 */
export function startProxy(options: ProxyOptions): RunningProxy {
  const { loaded, reload, log } = options
  const live = createLiveConfig({
    loaded,
    reload,
    report: (line) => log.write('warn', line),
    schedule: setImmediate,
  })
  try {
    return startFollowing(live, options)
  } catch (error) {
    live.close()
    throw error
  }
}

/** @throws as {@link startProxy} does; then only the config is still followed. */
function startFollowing(live: LiveConfig, options: ProxyOptions): RunningProxy {
  const { config } = options.loaded
  const { log, routes = [], isAnyPort = false } = options
  const { pool, logins, registry, context } = assembleProxy(live, options)
  const { isLoopback: isLocal, responses } = context
  const management = managementRoutes({ config: live.current, isLoopback: isLocal, logins, pool, clock: Date.now })
  let server: ListeningServer
  try {
    const app = createApp(context, [management, ...routes])
    const ports = isAnyPort ? [config.port, 0] : [config.port]
    server = listenAtFirst(ports, (port) => listen(app, createResponsesSockets(context), { ...config, port }))
  } catch (error) {
    void logins.close()
    throw error
  }
  const noteRejection = (reason: unknown): void => reportDefect({ log }, reason)
  process.on('unhandledRejection', noteRejection)
  const learning = new AbortController()
  let timer: ReturnType<typeof setInterval> | undefined
  const endStandings = keepStandingsFile({
    path: standingsPath(config.authDir),
    standings: () => pool.standings(),
    report: (line) => log.write('warn', line),
  })
  return {
    server,
    config: live.current,
    models: context.models,
    logins: () => logins.accounts(),
    begin() {
      void warmUp(context).catch(() => undefined)
      timer = setInterval(() => void registry.learn(learning.signal), LEARN_MS)
      return registry.learn(learning.signal)
    },
    async close() {
      clearInterval(timer)
      learning.abort()
      live.close()
      endStandings()
      // A token that is on its way must be kept: the old one may be dead already.
      await logins.close()
      await responses.close()
      process.off('unhandledRejection', noteRejection)
    },
  }
}

/** @throws whatever says that it cannot listen at the last of the ports. */
function listenAtFirst(
  [port = 0, ...others]: readonly number[],
  listenAt: (port: number) => ListeningServer,
): ListeningServer {
  try {
    return listenAt(port)
  } catch (error) {
    if (others.length === 0) throw error
    return listenAtFirst(others, listenAt)
  }
}

/** The parts of a proxy, which know each other and do not listen yet. */
function assembleProxy(live: LiveConfig, { loaded, version, log }: ProxyOptions) {
  const { config } = loaded
  const report = (line: string): void => log.write('warn', line)
  const pool = createPool({ clock: Date.now, random: Math.random })
  const { book: logins } = openLogins({ config: live.current, report, isLive: true })
  const registry = createModelRegistry({ live, logins, pool, log })
  let guard = createGuard(config.apiKeys, config.host)
  live.subscribe((next) => {
    guard = createGuard(next.apiKeys, next.host)
  })
  const responses = createResponseStore({
    folder: config.authDir,
    limits: () => live.current().responsesStore,
    clock: Date.now,
    report,
  })
  const context: EdgeContext & { readonly responses: typeof responses } = {
    config: live.current,
    guard: () => guard,
    gateway: createGateway({ state: registry.state, pool, clock: Date.now, random: Math.random, newId }),
    models: () => registry.state().router.list(),
    silences: createSilenceWatch(Date.now),
    responses,
    log,
    version,
    isLoopback: isLoopback(config.host),
    inFlight: { count: 0 },
  }
  return { pool, logins, registry, context }
}

function newId(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll('-', '')
}
