import type { Pool } from '../pool/pool.ts'
import type { AnswerContext, StreamEncoder } from '../ir/codec.ts'
import { readObject } from '../lib/json.ts'
import type { Answer, PendingAnswer, Tried, Writer } from './answer.ts'
import { attempt, type RetryLimits } from './attempt.ts'
import { compactByAccount, compactionOf } from './compact.ts'
import { countByAccount } from './count.ts'
import type { Demand } from './demand.ts'
import { generateByAccount } from './generate.ts'
import type { Router } from './route.ts'
import type { Trace } from './trace.ts'
import { encodeFaultEvent, writeKeepAlive } from './translate.ts'
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
   * A shorter conversation in the place of the demand's, for clients of the Responses API.
   *
   * @throws {Fault} invalid-request when it is to be streamed.
   */
  compact(demand: Demand, trace: Trace): PendingAnswer
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
  const answerBy = (demand: Demand, trace: Trace, byAccount: (one: Try) => Promise<Tried>): PendingAnswer => {
    const { keepAlive, ...writer } = createWriter(demand, trace, contextFor(demand, trace, options))
    return {
      answer: ask(demand, trace, writer, byAccount),
      keepAlive,
      faultEvents: (fault) => encodeFaultEvent(fault, writer.encoder()),
    }
  }
  return {
    generate: (demand, trace) => answerBy(demand, trace, generateByAccount),
    compact: (demand, trace) => answerBy(compactionOf(demand), trace, compactByAccount),
    async countTokens(demand, trace) {
      const writer = createWriter(demand, trace, contextFor(demand, trace, options))
      const answer = await ask(demand, trace, writer, countByAccount)
      return answer.type === 'whole' ? answer.text : ''
    },
  }
}

function createWriter(
  { codec, fields }: Demand,
  trace: Trace,
  context: AnswerContext,
): Writer & Pick<PendingAnswer, 'keepAlive'> {
  let encoder: StreamEncoder | undefined
  let hasBegun = false
  let hasGivenWay = false
  const encoderOnce = (): StreamEncoder => (encoder ??= codec.streamEncoder(context))
  return {
    context,
    encoder: encoderOnce,
    giveWay() {
      hasGivenWay = !hasBegun
      return hasGivenWay
    },
    keepAlive() {
      // Clients name a stored answer by the vendor's id for it, and refuse an id that changes in mid-stream.
      const isVendors = trace.path === 'relay' && fields['store'] !== false
      if (hasGivenWay || (isVendors && !hasBegun)) return undefined
      const events = writeKeepAlive(encoderOnce())
      hasBegun ||= events !== undefined
      return events
    },
  }
}

function contextFor(
  { model, fields, asked = fields }: Demand,
  { onLoss }: Trace,
  { clock, newId }: GatewayOptions,
): AnswerContext {
  return {
    model,
    createdAt: Math.floor(clock() / 1000),
    newId,
    includeUsage: readObject(fields['stream_options'])?.['include_usage'] === true,
    asked,
    onLoss,
  }
}
