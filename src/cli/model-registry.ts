import type { Account, ModelEntry } from '../accounts/account.ts'
import { createModelBook } from '../accounts/learn.ts'
import type { Config } from '../config/config.ts'
import type { LiveConfig } from '../config/live.ts'
import type { GatewayState } from '../gateway/gateway.ts'
import { listModels } from '../gateway/list-models.ts'
import { createRouter } from '../gateway/route.ts'
import type { Log } from '../lib/log.ts'
import type { Pool } from '../pool/pool.ts'
import { catalogueFor } from '../providers/catalogue.ts'
import { DEMO_ACCOUNT } from '../providers/demo.ts'

export interface ModelRegistryOptions {
  readonly live: Pick<LiveConfig, 'current' | 'subscribe'>
  readonly pool: Pool
  readonly log: Log
}

/** Accounts, their models and the routes to them, kept in step with the config. */
export interface ModelRegistry {
  readonly state: () => GatewayState
  /** Asks the upstreams of accounts without a list of models which ones they have, and takes them in. */
  learn(signal: AbortSignal): Promise<void>
}

export function createModelRegistry({ live, pool, log }: ModelRegistryOptions): ModelRegistry {
  const book = createModelBook({
    list: listModels,
    catalogue: catalogueFor,
    folder: live.current().authDir,
    clock: Date.now,
    report: (line) => log.write('warn', line),
  })
  const build = (config: Config): GatewayState => {
    const accounts = accountsOf(config)
    pool.configure({
      strategy: config.routing.strategy,
      disableCooling: config.disableCooling,
      transientErrorCooldownSeconds: config.transientErrorCooldownSeconds,
    })
    pool.prune(accounts)
    const offers = accounts.map((account): { account: Account; models: readonly ModelEntry[] } => ({
      account,
      models: book.modelsOf(account),
    }))
    const { requestRetry, maxRetryCredentials, maxRetryIntervalSeconds, forceModelPrefix } = config
    return {
      router: createRouter(offers, { forceModelPrefix }),
      limits: { requestRetry, maxRetryCredentials, maxRetryIntervalSeconds },
    }
  }
  let state = build(live.current())
  const learn = async (signal: AbortSignal): Promise<void> => {
    await book.refresh(accountsOf(live.current()), signal)
    if (!signal.aborted) state = build(live.current())
  }
  live.subscribe((config) => {
    state = build(config)
    void learn(AbortSignal.timeout(60_000))
  })
  return { state: () => state, learn }
}

/** The accounts that are served: the demo's only while there is no other, unless the config keeps it. */
function accountsOf({ accounts, demo }: Pick<Config, 'accounts' | 'demo'>): readonly Account[] {
  return accounts.length === 0 || demo ? [...accounts, DEMO_ACCOUNT] : accounts
}
