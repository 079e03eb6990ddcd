import { Elysia, type AnyElysia } from 'elysia'
import type { Codec } from '../ir/codec.ts'
import type { EdgeContext } from './context.ts'
import { chatSchema, completionsSchema } from './schemas.ts'
import { createModelHandler } from './serve-model.ts'

/** OpenAI's Chat API, also where Azure has it, and its older completions. */
export function openaiRoutes(context: EdgeContext, chat: Codec, completions: Codec): AnyElysia {
  const chatHandler = createModelHandler(context, { codec: chat, schema: chatSchema })
  const completionsHandler = createModelHandler(context, { codec: completions, schema: completionsSchema })
  return new Elysia()
    .post('/v1/chat/completions', ({ request, server }) => chatHandler(request, server), { parse: 'none' })
    .post('/openai/v1/chat/completions', ({ request, server }) => chatHandler(request, server), { parse: 'none' })
    .post('/v1/completions', ({ request, server }) => completionsHandler(request, server), { parse: 'none' })
}
