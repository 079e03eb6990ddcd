import type { Codec } from '../ir/codec.ts'
import { readBody } from './body.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { createBodyCheck } from './schema-check.ts'
import { countTokensSchema } from './schemas.ts'
import { beginExchange, demandOf, endExchange, reportDefect, type ModelHandler } from './serve-model.ts'

/** POST /v1/messages/count_tokens: the upstream's own count where it has one, else an estimate. */
export function createCountHandler(context: EdgeContext, codec: Codec): ModelHandler {
  const check = createBodyCheck(countTokensSchema)
  return async (request, server) => {
    const exchange = beginExchange(context, request, server, codec)
    const { trace } = exchange
    try {
      context.guard().check(request)
      const body = await readBody(request, context.config().bodyBytesMax, check)
      const demand = demandOf(request, codec, body)
      trace.model = demand.model
      const inputTokens = await context.gateway.countTokens(demand, trace)
      exchange.status = 200
      exchange.firstByteAt = performance.now()
      return Response.json({ input_tokens: inputTokens })
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
