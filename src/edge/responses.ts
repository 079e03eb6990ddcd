import { Elysia, type AnyElysia } from 'elysia'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { EdgeContext } from './context.ts'
import { createCountHandler } from './count-tokens.ts'
import { faultResponse } from './fault-response.ts'
import { responsesCountSchema, responsesSchema } from './schemas.ts'
import { createModelHandler } from './serve-model.ts'

/** Where clients ask: OpenAI's own path, Azure's, and that of Codex with a login. */
const PATHS = ['/v1/responses', '/openai/v1/responses', '/backend-api/codex/responses'] as const

/**
 * OpenAI's Responses API.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export function responsesRoutes(context: EdgeContext, codec: Codec): AnyElysia {
  const generate = createModelHandler(context, { codec, schema: responsesSchema })
  const count = createCountHandler(context, { codec, schema: responsesCountSchema })
  const refuse = (fault: Fault): Response => faultResponse(fault, codec.protocol)
  const routes = new Elysia()
  for (const path of PATHS) {
    routes
      .post(path, ({ request, server }) => generate(request, server), { parse: 'none' })
      .post(`${path}/input_tokens`, ({ request, server }) => count(request, server), { parse: 'none' })
      .post(`${path}/compact`, () => refuse(NO_COMPACTION), { parse: 'none' })
      .post(`${path}/*`, () => refuse(NO_STORE), { parse: 'none' })
      .get(`${path}/*`, () => refuse(NO_STORE))
      .delete(`${path}/*`, () => refuse(NO_STORE))
  }
  return routes
}

const NO_COMPACTION = new Fault(
  'not-implemented',
  'Compaction is not served here: ask the model itself for a summary with POST /v1/responses.',
)

const NO_STORE = new Fault(
  'not-implemented',
  'Stored responses are not served here: they are with the vendor that made them. Send the whole conversation as input, with store: false.',
)
