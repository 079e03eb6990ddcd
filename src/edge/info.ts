import { Elysia, type AnyElysia } from 'elysia'
import { Fault } from '../ir/fault.ts'
import type { Protocol } from '../ir/protocol.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { asksAsAnthropic, modelEntry, modelList } from './models.ts'
import { decodePath } from './serve-model.ts'

const ENDPOINTS = [
  'POST /v1/chat/completions',
  'POST /v1/completions',
  'POST /v1/messages',
  'POST /v1/messages/count_tokens',
  'GET /v1/models',
  'GET /healthz',
]

/** What clients ask beside models' answers: health, the welcome, the lists of models. */
export function infoRoutes(context: EdgeContext): AnyElysia {
  return new Elysia()
    .get('/healthz', () => Response.json({ status: 'ok', version: context.version }))
    .get('/', () => Response.json({ message: `cliproxy ${context.version}`, endpoints: ENDPOINTS }))
    .get('/v1/models', ({ request }) =>
      guarded(context, request, () => Response.json(modelList(context.models(), asksAsAnthropic(request.headers)))),
    )
    .get('/v1/models/*', ({ request, params }) =>
      guarded(context, request, () => {
        const id = decodePath(params['*'])
        const entry = modelEntry(context.models(), id, asksAsAnthropic(request.headers))
        if (!entry)
          throw new Fault(
            'not-found',
            `No account serves the model '${id}'. GET /v1/models lists the models that are served.`,
            { code: 'model_not_found' },
          )
        return Response.json(entry)
      }),
    )
}

function guarded(context: EdgeContext, request: Request, answer: () => Response): Response {
  try {
    context.guard().check(request)
    return answer()
  } catch (error) {
    return faultResponse(asFault(error), clientProtocolFor(request))
  }
}

/** The protocol in whose words a client is told that there is nothing here. */
export function clientProtocolFor(request: Request): Protocol {
  const { url, headers } = request
  if (url.includes('/v1/messages') || asksAsAnthropic(headers)) return 'anthropic'
  return 'openai-chat'
}
