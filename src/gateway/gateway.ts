import type { Pool } from '../pool/pool.ts'
import type { Answer, Tried } from './answer.ts'
import { attempt, type RetryLimits } from './attempt.ts'
import { countByAccount } from './count.ts'
import type { Demand } from './demand.ts'
import { generateByAccount } from './generate.ts'
import type { Router } from './route.ts'
import type { Trace } from './trace.ts'
import { lazyRequest, type Try } from './try.ts'

/** What the gateway reads anew with each request, so that a change of config takes effect at once. */
export interface GatewayState {
  readonly router: Router
  readonly limits: RetryLimits
}

export interface GatewayOptions {
  readonly state: () => GatewayState
  readonly pool: Pool
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly random: () => number
  readonly newId: (prefix: string) => string
}

/** Answers what clients ask, by the accounts of the pool. */
export interface Gateway {
  /** @throws {Fault} what the client is to be told; nothing was written to it yet. */
  generate(demand: Demand, trace: Trace): Promise<Answer>
  /** Input tokens that the demand would cost: the upstream's own count where it has one, else an estimate. @throws {Fault} */
  countTokens(demand: Demand, trace: Trace): Promise<number>
}

export function createGateway(options: GatewayOptions): Gateway {
  const { state, pool, clock, random, newId } = options
  const ask = (demand: Demand, trace: Trace, byAccount: (one: Try) => Promise<Tried>): Promise<Answer> => {
    const startedAt = performance.now()
    const { router, limits } = state()
    const route = router.route(demand.model)
    const request = lazyRequest(demand, route)
    trace.timings.select = performance.now() - startedAt
    return attempt({
      pool,
      route,
      limits,
      clock,
      random,
      signal: demand.signal,
      run: (lease) => byAccount({ demand, route, request, trace, lease, clock, newId }),
    })
  }
  return {
    generate: (demand, trace) => ask(demand, trace, generateByAccount),
    async countTokens(demand, trace) {
      const answer = await ask(demand, trace, countByAccount)
      return answer.type === 'whole' ? Number(answer.text) : 0
    },
  }
}
