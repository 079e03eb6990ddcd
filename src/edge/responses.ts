import { Elysia, type AnyElysia } from 'elysia'
import { createConversations } from '../gateway/conversation.ts'
import { createSharedMemory } from '../gateway/response-memory.ts'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { EdgeContext } from './context.ts'
import { createCountHandler } from './count-tokens.ts'
import { faultResponse } from './fault-response.ts'
import { responsesCountSchema, responsesSchema } from './schemas.ts'
import { createModelHandler } from './serve-model.ts'
import { serveStored } from './stored-responses.ts'

/** Where clients ask: OpenAI's own path, Azure's, and that of Codex with a login. */
export const RESPONSES_PATHS = ['/v1/responses', '/openai/v1/responses', '/backend-api/codex/responses'] as const

/**
 * OpenAI's Responses API.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export function responsesRoutes(context: EdgeContext, codec: Codec): AnyElysia {
  const conversations = createConversations(createSharedMemory(context.responses), () => context.config().bodyBytesMax)
  const generate = createModelHandler(context, { codec, schema: responsesSchema, conversations })
  const count = createCountHandler(context, { codec, schema: responsesCountSchema, conversations })
  // A compaction is an answer like any other, but that no request builds on its id.
  const compact = createModelHandler(context, {
    codec,
    schema: responsesSchema,
    ask: (demand, trace) => context.gateway.compact(demand, trace),
    conversations: { ...conversations, keep: (_asked, _demand, pending) => pending },
  })
  const refuse = (fault: Fault): Response => faultResponse(fault, codec.protocol)
  const routes = new Elysia()
  for (const path of RESPONSES_PATHS) {
    routes
      .post(path, ({ request, server }) => generate(request, server), { parse: 'none' })
      .post(`${path}/input_tokens`, ({ request, server }) => count(request, server), { parse: 'none' })
      .post(`${path}/compact`, ({ request, server }) => compact(request, server), { parse: 'none' })
      .post(`${path}/*`, () => refuse(NO_BACKGROUND), { parse: 'none' })
      .get(`${path}/*`, ({ request }) => serveStored(context, request, path))
      .delete(`${path}/*`, ({ request }) => serveStored(context, request, path))
  }
  return routes
}

const NO_BACKGROUND = new Fault(
  'not-implemented',
  'Responses are not made in the background here, so there is nothing to cancel: send stream: true, and hang up to cancel.',
)
