import type { Pool } from '../pool/pool.ts'
import type { AnswerContext, StreamEncoder } from '../ir/codec.ts'
import { readObject } from '../lib/json.ts'
import type { Answer, PendingAnswer, Tried, Writer } from './answer.ts'
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
  /** Nothing is written to the client before the answer has come, but by whoever waits for it. */
  generate(demand: Demand, trace: Trace): PendingAnswer
  /**
   * The input tokens that the demand would cost, as the JSON that the client's protocol tells them in: the upstream's own
   * count where it has one, else an estimate. @throws {Fault}
   */
  countTokens(demand: Demand, trace: Trace): Promise<string>
}

export function createGateway(options: GatewayOptions): Gateway {
  const { state, pool, clock, random } = options
  const ask = async (
    demand: Demand,
    trace: Trace,
    writer: Writer,
    byAccount: (one: Try) => Promise<Tried>,
  ): Promise<Answer> => {
    const startedAt = performance.now()
    const { router, limits } = state()
    const route = router.route(demand.model)
    const request = lazyRequest(demand, route)
    trace.timings.select = performance.now() - startedAt
    return await attempt({
      pool,
      route,
      limits,
      clock,
      random,
      signal: demand.signal,
      run: (lease) => byAccount({ ...writer, demand, route, request, trace, lease, clock }),
    })
  }
  const writerFor = (demand: Demand, trace: Trace): Writer => {
    const context = contextFor(demand, trace, options)
    let encoder: StreamEncoder | undefined
    return { context, encoder: () => (encoder ??= demand.codec.streamEncoder(context)) }
  }
  return {
    generate(demand, trace) {
      const writer = writerFor(demand, trace)
      return { answer: ask(demand, trace, writer, generateByAccount), encoder: writer.encoder }
    },
    async countTokens(demand, trace) {
      const answer = await ask(demand, trace, writerFor(demand, trace), countByAccount)
      return answer.type === 'whole' ? answer.text : ''
    },
  }
}

function contextFor({ model, fields }: Demand, { onLoss }: Trace, { clock, newId }: GatewayOptions): AnswerContext {
  return {
    model,
    createdAt: Math.floor(clock() / 1000),
    newId,
    includeUsage: readObject(fields['stream_options'])?.['include_usage'] === true,
    asked: fields,
    onLoss,
  }
}
