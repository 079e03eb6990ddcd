import type { LoadedConfig } from '../config/load.ts'
import { createPool } from '../pool/pool.ts'
import { createModelRegistry } from './model-registry.ts'
import { openLog } from './open-log.ts'
import { openLogins } from './open-logins.ts'

/** How long the upstreams may take to list their models. */
const LEARN_MS_MAX = 20_000

/**
 * `cliproxy models`: one line for each model that would be served, learned from the upstreams where the config lists none.
 *
 * @returns the exit code: 0 when there is one at least.
 */
export async function runModels({ config }: LoadedConfig, print: (text: string) => void): Promise<0 | 1> {
  const log = openLog({ logsTotalMbMax: 0 }, () => false)
  const { book } = openLogins({ config: () => config, report: (line) => log.write('warn', line), isLive: false })
  const registry = createModelRegistry({
    live: { current: () => config, subscribe: () => () => undefined },
    logins: book,
    pool: createPool({ clock: Date.now, random: Math.random }),
    log,
  })
  await registry.learn(AbortSignal.timeout(LEARN_MS_MAX))
  await book.close()
  const models = registry.state().router.list()
  for (const { id, provider, entry } of models)
    print(`${id}\t${provider}${entry.name === id ? '' : `\t→ ${entry.name}`}\n`)
  return models.length > 0 ? 0 : 1
}
