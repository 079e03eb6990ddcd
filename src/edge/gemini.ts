import { Elysia, type AnyElysia } from 'elysia'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { readObject } from '../lib/json.ts'
import type { EdgeContext } from './context.ts'
import { createCountHandler } from './count-tokens.ts'
import { faultResponse } from './fault-response.ts'
import { createArrayFraming } from './framing.ts'
import { GEMINI_VERSIONS, readGeminiPath } from './gemini-path.ts'
import { geminiCountSchema, geminiSchema } from './schemas.ts'
import { pathOf, queryOf } from './path.ts'
import { createModelHandler, type PeerSource } from './serve-model.ts'

/**
 * Google's Gemini API, also under the paths of Vertex AI. Model and mode are in the URL.
 *
 * @see https://ai.google.dev/api/generate-content
 */
export function geminiRoutes(context: EdgeContext, codec: Codec): AnyElysia {
  const generate = createModelHandler(context, { codec, schema: geminiSchema })
  const count = createCountHandler(context, { codec, schema: geminiCountSchema, requestIn })
  const serve = (request: Request, server: PeerSource | null): Response | Promise<Response> => {
    const path = pathOf(request.url)
    const { model, action } = readGeminiPath(path) ?? { model: '', action: '' }
    switch (action) {
      case 'generateContent':
        return generate(request, server, { model, stream: false })
      case 'streamGenerateContent':
        return generate(request, server, {
          model,
          stream: true,
          framing: asksForSse(request.url) ? undefined : createArrayFraming,
        })
      case 'countTokens':
        return count(request, server, { model, stream: false })
      default:
        return faultResponse(unservedAction(action, path), codec.protocol)
    }
  }
  const routes = new Elysia()
  for (const version of GEMINI_VERSIONS) {
    for (const root of ['models', 'publishers', 'projects'] as const)
      routes.post(`/${version}/${root}/*`, ({ request, server }) => serve(request, server), { parse: 'none' })
  }
  return routes
}

function unservedAction(action: string, path: string): Fault {
  const served = 'generateContent, streamGenerateContent and countTokens'
  if (action !== '')
    return new Fault('not-implemented', `The method '${action}' is not served here: only ${served} are.`)
  return new Fault(
    'method-not-allowed',
    `POST is not allowed on ${path}: name a method after a colon, one of ${served}.`,
  )
}

/** A count may be asked for the contents alone or for a whole request. @see https://ai.google.dev/api/tokens */
function requestIn({ generateContentRequest, generate_content_request: snake }: JsonObject): JsonObject | undefined {
  return readObject(generateContentRequest ?? snake)
}

function asksForSse(url: string): boolean {
  const query = new URLSearchParams(queryOf(url))
  return (query.get('alt') ?? query.get('$alt')) === 'sse'
}
