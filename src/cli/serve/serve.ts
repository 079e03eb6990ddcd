import type { LoadedConfig } from '../../config/load.ts'
import { ConfigProblems } from '../../config/problems.ts'
import type { ListeningServer } from '../../edge/server.ts'
import { errorText } from '../../lib/error-text.ts'
import type { Log } from '../../lib/log.ts'
import { bannerText } from './banner.ts'
import { openLog } from '../open-log.ts'
import { startProxy, type RunningProxy } from './start-proxy.ts'

export interface ServeOptions {
  readonly loaded: LoadedConfig
  /** Reads the config again. */
  readonly reload: () => Promise<LoadedConfig>
  readonly print: (text: string) => void
  readonly version: string
}

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
    if (error instanceof ConfigProblems) throw error
    log.write('error', `cannot listen on ${config.host}:${config.port}: ${errorText(error)}; another port: --port N`)
    log.flush()
    return 1
  }
  const { server, config: current } = proxy
  // Before anything is printed: who reads that it listens may tell it to end at once.
  const ended = untilTold(server, () => current().shutdownGraceSeconds * 1000, log)
  for (const warning of loaded.warnings) log.write('warn', warning)
  const banner = { config, logins: proxy.logins(), path: loaded.path, url: server.url, models: proxy.models() }
  print(bannerText({ ...banner, version }))
  void proxy.begin()
  const code = await ended
  await proxy.close()
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
