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
  const refuse = (fault: Fault, headers?: Record<string, string>): Response =>
    faultResponse(fault, codec.protocol, headers)
  const routes = new Elysia()
  for (const path of PATHS) {
    routes
      .post(path, ({ request, server }) => generate(request, server), { parse: 'none' })
      .get(path, ({ request }) => refuse(...upgradeFault(request, path)))
      .post(`${path}/input_tokens`, ({ request, server }) => count(request, server), { parse: 'none' })
      .post(`${path}/compact`, () => refuse(NO_COMPACTION), { parse: 'none' })
      .all(`${path}/*`, () => refuse(NO_STORE), { parse: 'none' })
  }
  return routes
}

/** Codex goes on without a socket at once when it is told 426, and only then. */
function upgradeFault({ headers, method }: Request, path: string): [Fault, Record<string, string>] {
  if (headers.get('upgrade')?.toLowerCase() === 'websocket') {
    const message = `Responses are not served over a WebSocket: POST to ${path}.`
    return [new Fault('not-implemented', message, { status: 426, code: 'upgrade_required' }), {}]
  }
  return [new Fault('method-not-allowed', `${method} is not allowed on ${path}: use POST.`), { allow: 'POST, OPTIONS' }]
}

const NO_COMPACTION = new Fault(
  'not-implemented',
  'Compaction is not served here: ask the model itself for a summary with POST /v1/responses.',
)

const NO_STORE = new Fault(
  'not-implemented',
  'Stored responses are not served here: they are with the vendor that made them. Send the whole conversation as input, with store: false.',
)
