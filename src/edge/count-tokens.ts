import type { JsonObject } from '../ir/json.ts'
import { readBody } from './body.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { createBodyCheck } from './schema-check.ts'
import {
  admitByKey,
  beginExchange,
  demandOf,
  endExchange,
  reportDefect,
  type ModelEndpoint,
  type ModelHandler,
} from './serve-model.ts'

export interface CountEndpoint extends ModelEndpoint {
  /** The request that is to be counted, where the body only holds it. */
  readonly requestIn?: (body: JsonObject) => JsonObject | undefined
}

/** The handler of an endpoint that counts tokens: the upstream's own count where it has one, else an estimate. */
export function createCountHandler(context: EdgeContext, endpoint: CountEndpoint): ModelHandler {
  const { codec, schema, requestIn, conversations, admit = admitByKey(context) } = endpoint
  const check = createBodyCheck(schema)
  return async (request, server, named) => {
    const exchange = beginExchange(context, request, server, codec)
    const { trace } = exchange
    try {
      const client = admit(request, server)
      const read = await readBody(request, context.config().bodyBytesMax, check)
      const counted = requestIn?.(read.whole())
      const body = counted ? { text: JSON.stringify(counted), fields: counted, whole: () => counted } : read
      const asked = demandOf(request, codec, body, client, named)
      trace.model = asked.model
      const demand = conversations ? await conversations.resume(asked) : asked
      const answer = await context.gateway.countTokens(demand, trace)
      exchange.status = 200
      exchange.firstByteAt = performance.now()
      return new Response(answer, { headers: { 'content-type': 'application/json' } })
    } catch (error) {
      const fault = asFault(error)
      reportDefect(context, error, fault)
      trace.fault = fault
      exchange.status = fault.status
      return faultResponse(fault, codec.protocol)
    } finally {
      endExchange(context, exchange)
    }
  }
}
