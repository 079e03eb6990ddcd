import { Elysia, type AnyElysia } from 'elysia'
import { Fault } from '../ir/fault.ts'
import { clientProtocolFor } from './client-protocol.ts'
import { codexModelList } from './codex-models.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { GEMINI_VERSIONS, readGeminiPath } from './gemini-path.ts'
import { modelEntry, modelList } from './models.ts'
import { pathOf, queryOf } from './path.ts'

/** What there is, for whoever looks around or asks in vain. */
export const ENDPOINTS: readonly string[] = [
  'POST /v1/chat/completions',
  'POST /v1/completions',
  'POST /v1/responses',
  'POST /v1/responses/input_tokens',
  'POST /v1/responses/compact',
  'GET /v1/responses (WebSocket)',
  'GET /v1/responses/{id}',
  'POST /v1/messages',
  'POST /v1/messages/count_tokens',
  'POST /v1beta/models/{model}:generateContent',
  'POST /v1beta/models/{model}:streamGenerateContent',
  'POST /v1beta/models/{model}:countTokens',
  'POST /v1internal:{method}',
  'GET /v1/models',
  'GET /v1beta/models',
  'GET /healthz',
]

/** What clients ask beside models' answers: health, the welcome, the lists of models. */
export function infoRoutes(context: EdgeContext): AnyElysia {
  const list = (request: Request): Response =>
    guarded(context, request, () => {
      const models = context.models()
      // Only Codex says which version of it asks.
      const isCodex = new URLSearchParams(queryOf(request.url)).has('client_version')
      return Response.json(isCodex ? codexModelList(models) : modelList(models, clientProtocolFor(request)))
    })
  const entry = (request: Request): Response =>
    guarded(context, request, () => {
      const path = pathOf(request.url)
      const { model: id = '', action = '' } = readGeminiPath(path) ?? {}
      if (action !== '') throw new Fault('method-not-allowed', `GET is not allowed on ${path}: use POST.`)
      const found = modelEntry(context.models(), id, clientProtocolFor(request))
      if (found) return Response.json(found)
      const message = `No account serves the model '${id}'. GET /v1/models lists the models that are served.`
      throw new Fault('not-found', message, { code: 'model_not_found' })
    })
  const routes = new Elysia()
    .get('/healthz', () => Response.json({ status: 'ok', version: context.version }))
    .get('/', () => Response.json({ message: `cliproxy ${context.version}`, endpoints: ENDPOINTS }))
    .get('/openai/v1/models', ({ request }) => list(request))
    .get('/backend-api/codex/models', ({ request }) =>
      guarded(context, request, () => Response.json(codexModelList(context.models()))),
    )
  for (const version of GEMINI_VERSIONS) {
    routes
      .get(`/${version}/models`, ({ request }) => list(request))
      .get(`/${version}/models/*`, ({ request }) => entry(request))
      .get(`/${version}/publishers/google/models`, ({ request }) => list(request))
      .get(`/${version}/publishers/*`, ({ request }) => entry(request))
  }
  return routes
}

function guarded(context: EdgeContext, request: Request, answer: () => Response): Response {
  try {
    context.guard().check(request)
    return answer()
  } catch (error) {
    return faultResponse(asFault(error), clientProtocolFor(request))
  }
}
