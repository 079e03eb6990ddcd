import { NO_LOGINS } from '../accounts/login-book.ts'
import { isLoopback } from '../lib/addresses.ts'
import { createLiveConfig } from '../config/live.ts'
import type { LoadedConfig } from '../config/load.ts'
import { createGuard } from '../edge/guard.ts'
import { createSilenceWatch } from '../edge/keep-alive.ts'
import { createResponsesSockets } from '../edge/responses-socket.ts'
import { reportDefect } from '../edge/serve-model.ts'
import { createApp, listen, type ListeningServer } from '../edge/server.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { Log } from '../lib/log.ts'
import { createResponseStore } from '../state/response-store.ts'
import { createPool } from '../pool/pool.ts'
import { bannerText } from './banner.ts'
import { createModelRegistry } from './model-registry.ts'
import { openLog } from './open-log.ts'
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
  const isDebug = (): boolean => live.current().debug
  const log = openLog(config, isDebug)
  const live = createLiveConfig({ loaded, reload, report: (line) => log.write('warn', line), schedule: setImmediate })
  const pool = createPool({ clock: Date.now, random: Math.random })
  const registry = createModelRegistry({ live, logins: NO_LOGINS, pool, log })
  const gateway = createGateway({ state: registry.state, pool, clock: Date.now, random: Math.random, newId })
  let guard = createGuard(config.apiKeys)
  live.subscribe((next) => {
    guard = createGuard(next.apiKeys)
  })
  const responses = createResponseStore({
    folder: config.authDir,
    limits: () => live.current().responsesStore,
    clock: Date.now,
    report: (line) => log.write('warn', line),
  })
  const context = {
    config: live.current,
    guard: () => guard,
    gateway,
    models: () => registry.state().router.list(),
    silences: createSilenceWatch(Date.now),
    responses,
    log,
    version,
    isLoopback: isLoopback(config.host),
    inFlight: { count: 0 },
  }
  process.on('unhandledRejection', (reason) => reportDefect({ log }, reason))
  let server: ListeningServer
  try {
    server = listen(createApp(context), createResponsesSockets(context), config)
  } catch (error) {
    log.write(
      'error',
      `cannot listen on ${config.host}:${config.port}: ${error instanceof Error ? error.message : String(error)}; another port: --port N`,
    )
    log.flush()
    return 1
  }
  for (const warning of loaded.warnings) log.write('warn', warning)
  print(bannerText({ config, path: loaded.path, url: server.url, models: context.models(), version }))
  void warmUp(context).catch(() => undefined)
  const learning = new AbortController()
  void registry.learn(learning.signal)
  const timer = setInterval(() => void registry.learn(learning.signal), LEARN_MS)
  const code = await untilTold(server, () => live.current().shutdownGraceSeconds * 1000, log)
  clearInterval(timer)
  learning.abort()
  live.close()
  await responses.close()
  log.flush()
  return code
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
