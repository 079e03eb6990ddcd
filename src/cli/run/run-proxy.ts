import { Elysia } from 'elysia'
import { join } from 'node:path'
import { version } from '../../../package.json'
import type { Config } from '../../config/config.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { createLogFile } from '../../lib/log-file.ts'
import { createLog } from '../../lib/log.ts'
import { modelsServedAt, originFor, probeListener, TEMPORARY_PATH } from '../probe-listener.ts'
import { startProxy } from '../serve/start-proxy.ts'

/** A proxy for the time of a run. */
export interface RunProxy {
  /** Without a trailing slash. */
  readonly base: string
  readonly models: readonly string[]
  /** How it came to be, for people. */
  readonly story: string
  stop(): Promise<void>
}

export interface RunProxyOptions {
  readonly loaded: LoadedConfig
  readonly reload: () => Promise<LoadedConfig>
  /** One of the proxy's keys, or a word where it asks for none. */
  readonly key: string
}

/** How long a client waits for the models that the upstreams are asked for. */
const LEARN_MS_MAX = 10_000

/** Bound of the log of such proxies. */
const LOG_BYTES_MAX = 32 * 1024 * 1024

/** The proxy that listens at the config's address, else one in this process. */
export async function findOrStartProxy({ loaded, reload, key }: RunProxyOptions): Promise<RunProxy> {
  const origin = originFor(loaded.config)
  // Port 0 is any free one: nobody can be there yet.
  const listener = loaded.config.port === 0 ? ({ kind: 'nobody' } as const) : await probeListener(origin)
  if (listener.kind === 'proxy') {
    const models = await modelsServedAt(origin, key)
    return { base: origin, models, story: `the proxy at ${origin}`, stop: () => Promise.resolve() }
  }
  return await startOwnProxy(loaded, reload, listener.kind === 'nobody' ? loaded.config.port : 0)
}

/** @param wanted its port, as long as nobody takes it */
async function startOwnProxy(
  loaded: LoadedConfig,
  reload: () => Promise<LoadedConfig>,
  wanted: number,
): Promise<RunProxy> {
  const { authDir, debug } = loaded.config
  const log = createLog({
    sink: logSink(join(authDir, 'logs')),
    isTerminal: false,
    isDebug: () => debug,
    clock: Date.now,
  })
  const temporary = new Elysia().get(TEMPORARY_PATH, () => Response.json({ status: 'ok' }))
  // Only the client on this machine is to reach it, whatever the config opens to others.
  const local = (given: LoadedConfig): LoadedConfig => ({ ...given, config: localOf(given.config, wanted) })
  const again = async (): Promise<LoadedConfig> => local(await reload())
  const own = { loaded: local(loaded), reload: again, version, log, routes: [temporary] }
  const proxy = startProxy({ ...own, isAnyPort: true })
  for (const warning of loaded.warnings) log.write('warn', warning)
  const learned = proxy.begin()
  // What the config lists, or an earlier run learned, is enough to begin with.
  if (proxy.models().length === 0) await Promise.race([learned, Bun.sleep(LEARN_MS_MAX)])
  const base = proxy.server.url.origin
  return {
    base,
    models: proxy.models().map(({ id }) => id),
    story: `a proxy of its own at ${base}, for the time of this run`,
    async stop() {
      // No request is to begin a refresh that nobody waits for any more.
      await proxy.server.stop()
      await proxy.close()
      log.flush()
    },
  }
}

function localOf(config: Config, port: number): Config {
  return { ...config, host: '127.0.0.1', port, tls: undefined }
}

/** The terminal is the client's: what the proxy has to say goes to a file, or nowhere where none can be written. */
function logSink(folder: string): (text: string) => void {
  let sink: ((text: string) => void) | undefined
  let isFailed = false
  return (text) => {
    if (isFailed) return
    try {
      sink ??= createLogFile(folder, LOG_BYTES_MAX, Date.now)
      sink(text)
    } catch {
      isFailed = true
    }
  }
}
