import type { AnyElysia } from 'elysia'
import { managementRoutes } from '../admin/routes.ts'
import type { Account } from '../accounts/account.ts'
import type { Config } from '../config/config.ts'
import { isLoopback } from '../lib/addresses.ts'
import { createLiveConfig } from '../config/live.ts'
import type { LoadedConfig } from '../config/load.ts'
import { createGuard } from '../edge/guard.ts'
import { createSilenceWatch } from '../edge/keep-alive.ts'
import { reportDefect } from '../edge/serve-model.ts'
import { createApp, listen, type ListeningServer } from '../edge/server.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { ServedModel } from '../gateway/route.ts'
import type { Log } from '../lib/log.ts'
import { createPool } from '../pool/pool.ts'
import { keepStandingsFile, standingsPath } from '../pool/standings-file.ts'
import { bannerText } from './banner.ts'
import { createModelRegistry } from './model-registry.ts'
import { openLog } from './open-log.ts'
import { openLogins } from './open-logins.ts'
import { warmUp } from './warm-up.ts'

export interface ServeOptions {
  readonly loaded: LoadedConfig
  /** Reads the config again. */
  readonly reload: () => Promise<LoadedConfig>
  readonly print: (text: string) => void
  readonly version: string
}

/** How long after a change of models the list is asked for again. */
const LEARN_MS = 60 * 60 * 1000

/**
 * Runs the proxy until it is told to end.
 *
 * @returns the exit code: 0 after a drain, 1 when it cannot listen.
 */
export async function serve({ loaded, reload, print, version }: ServeOptions): Promise<number> {
  const { config } = loaded
  let proxy: RunningProxy | undefined
  const log = openLog(config, () => (proxy?.config() ?? config).debug)
  try {
    proxy = startProxy({ loaded, reload, version, log })
  } catch (error) {
    log.write(
      'error',
      `cannot listen on ${config.host}:${config.port}: ${error instanceof Error ? error.message : String(error)}; another port: --port N`,
    )
    log.flush()
    return 1
  }
  const { server } = proxy
  for (const warning of loaded.warnings) log.write('warn', warning)
  const banner = { config, logins: proxy.logins(), path: loaded.path, url: server.url, models: proxy.models() }
  print(bannerText({ ...banner, version }))
  void proxy.begin()
  const { config: current } = proxy
  const code = await untilTold(server, () => current().shutdownGraceSeconds * 1000, log)
  await proxy.close()
  log.flush()
  return code
}

export interface ProxyOptions extends Omit<ServeOptions, 'print'> {
  readonly log: Log
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
 * @throws when it cannot listen; then nothing goes on.
 */
export function startProxy({ loaded, reload, version, log, routes = [] }: ProxyOptions): RunningProxy {
  const { config } = loaded
  const report = (line: string): void => log.write('warn', line)
  const live = createLiveConfig({ loaded, reload, report, schedule: setImmediate })
  const pool = createPool({ clock: Date.now, random: Math.random })
  const logins = openLogins({ config: live.current, report, isLive: true })
  const registry = createModelRegistry({ live, logins, pool, log })
  const gateway = createGateway({ state: registry.state, pool, clock: Date.now, random: Math.random, newId })
  let guard = createGuard(config.apiKeys)
  live.subscribe((next) => {
    guard = createGuard(next.apiKeys)
  })
  const context = {
    config: live.current,
    guard: () => guard,
    gateway,
    models: () => registry.state().router.list(),
    silences: createSilenceWatch(Date.now),
    log,
    version,
    isLoopback: isLoopback(config.host),
    inFlight: { count: 0 },
  }
  const management = managementRoutes({
    config: live.current,
    isLoopback: context.isLoopback,
    logins,
    pool,
    clock: Date.now,
  })
  process.on('unhandledRejection', (reason) => reportDefect({ log }, reason))
  let server: ListeningServer
  try {
    server = listen(createApp(context, [management, ...routes]), config)
  } catch (error) {
    live.close()
    void logins.close()
    throw error
  }
  const learning = new AbortController()
  let timer: ReturnType<typeof setInterval> | undefined
  const endStandings = keepStandingsFile({
    path: standingsPath(config.authDir),
    standings: () => pool.standings(),
    report,
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
    },
  }
}

/** Drains at the first signal, ends at once at the second. */
async function untilTold(server: ListeningServer, graceMs: () => number, log: Log): Promise<number> {
  return await new Promise((resolve) => {
    let isDraining = false
    const told = (signal: string): void => {
      if (isDraining) {
        log.write('warn', `${signal} again: ends at once`)
        void server.stop()
        resolve(1)
        return
      }
      isDraining = true
      log.write('info', `${signal}: no new connections; answers in flight have ${graceMs() / 1000} s`)
      void server.drain(graceMs()).then(() => resolve(0))
    }
    process.on('SIGTERM', () => told('SIGTERM'))
    process.on('SIGINT', () => told('SIGINT'))
  })
}

function newId(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll('-', '')
}
