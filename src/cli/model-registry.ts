import type { Account, ModelEntry } from '../accounts/account.ts'
import { createModelBook } from '../accounts/learn.ts'
import type { LoginBook } from '../accounts/login-book.ts'
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
  readonly logins: Pick<LoginBook, 'accounts' | 'subscribe'>
  readonly pool: Pool
  readonly log: Log
}

/** Accounts, their models and the routes to them, kept in step with the config. */
export interface ModelRegistry {
  readonly state: () => GatewayState
  /** Asks the upstreams of accounts without a list of models which ones they have, and takes them in. */
  learn(signal: AbortSignal): Promise<void>
}

export function createModelRegistry({ live, logins, pool, log }: ModelRegistryOptions): ModelRegistry {
  const book = createModelBook({
    list: listModels,
    catalogue: catalogueFor,
    folder: live.current().authDir,
    clock: Date.now,
    report: (line) => log.write('warn', line),
  })
  const build = (config: Config): GatewayState => {
    const accounts = accountsOf(config, logins.accounts())
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
    const { switchProject, switchPreviewModel } = config.quotaExceeded
    return {
      router: createRouter(offers, { forceModelPrefix, switchPreviewModel }),
      limits: { requestRetry, maxRetryCredentials, maxRetryIntervalSeconds, switchProject },
    }
  }
  let state = build(live.current())
  const learn = async (signal: AbortSignal): Promise<void> => {
    await book.refresh(accountsOf(live.current(), logins.accounts()), signal)
    if (!signal.aborted) state = build(live.current())
  }
  const follow = (): void => {
    state = build(live.current())
    void learn(AbortSignal.timeout(LEARN_MS_MAX))
  }
  live.subscribe(follow)
  logins.subscribe((renewed) => {
    for (const id of renewed) pool.reset(id)
    follow()
  })
  return { state: () => state, learn }
}

/** How long the upstreams may take to list their models after a change. */
const LEARN_MS_MAX = 60_000

/** The accounts that are served: the demo's only while there is no other, unless the config keeps it. */
function accountsOf(
  { accounts, demo }: Pick<Config, 'accounts' | 'demo'>,
  logins: readonly Account[],
): readonly Account[] {
  const all = [...accounts, ...logins]
  return all.length === 0 || demo ? [...all, DEMO_ACCOUNT] : all
}
