import { Elysia, type AnyElysia } from 'elysia'
import type { Codec } from '../ir/codec.ts'
import { createCountHandler } from './count-tokens.ts'
import type { EdgeContext } from './context.ts'
import { countTokensSchema, messagesSchema } from './schemas.ts'
import { createModelHandler } from './serve-model.ts'

/** Anthropic's Messages API. */
export function anthropicRoutes(context: EdgeContext, codec: Codec): AnyElysia {
  const messages = createModelHandler(context, { codec, schema: messagesSchema })
  const count = createCountHandler(context, { codec, schema: countTokensSchema })
  return new Elysia()
    .post('/v1/messages', ({ request, server }) => messages(request, server), { parse: 'none' })
    .post('/v1/messages/count_tokens', ({ request, server }) => count(request, server), { parse: 'none' })
}
