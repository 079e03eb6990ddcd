import { Elysia, type AnyElysia } from 'elysia'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { readObject, readString } from '../lib/json.ts'
import type { EdgeContext } from './context.ts'
import { createCountHandler } from './count-tokens.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { pathOf } from './path.ts'
import { codeAssistCountSchema, codeAssistSchema } from './schemas.ts'
import { createModelHandler, type PeerSource } from './serve-model.ts'

/**
 * The API that Gemini CLI asks after a login with Google, for those who point `CODE_ASSIST_ENDPOINT` here and show one
 * of the proxy's keys in place of Google's token. Who is served by this proxy needs no tier and no project of Google's.
 */
export function codeAssistRoutes(context: EdgeContext, codec: Codec): AnyElysia {
  const generate = createModelHandler(context, { codec, schema: codeAssistSchema })
  const count = createCountHandler(context, { codec, schema: codeAssistCountSchema, requestIn: countedRequest })
  const serve = (request: Request, server: PeerSource | null): Response | Promise<Response> => {
    const path = pathOf(request.url)
    const method = path.slice(path.indexOf(':') + 1)
    switch (method) {
      case 'generateContent':
        return generate(request, server, { stream: false })
      case 'streamGenerateContent':
        return generate(request, server, { stream: true })
      case 'countTokens':
        return count(request, server)
      default:
        return answerFor(context, request, method, codec)
    }
  }
  return new Elysia().post('/v1internal:method', ({ request, server }) => serve(request, server), { parse: 'none' })
}

const TIER = { id: 'standard-tier', name: 'cliproxy', description: 'Served by your own proxy.', isDefault: true }
const PROJECT = 'cliproxy'

/** What the CLI asks beside models' answers, about the user's standing with Google. */
const ANSWERS: Readonly<Record<string, JsonObject>> = {
  loadCodeAssist: { currentTier: TIER, allowedTiers: [TIER], cloudaicompanionProject: PROJECT, gcpManaged: false },
  onboardUser: {
    name: 'operations/cliproxy',
    done: true,
    response: { cloudaicompanionProject: { id: PROJECT, name: PROJECT } },
  },
  retrieveUserQuota: { buckets: [] },
  listExperiments: { experimentIds: [], flags: [] },
  fetchAdminControls: {},
  getCodeAssistGlobalUserSetting: { cloudaicompanionProject: PROJECT, freeTierDataCollectionOptin: false },
  setCodeAssistGlobalUserSetting: { cloudaicompanionProject: PROJECT, freeTierDataCollectionOptin: false },
  recordCodeAssistMetrics: {},
  recordClientEvent: {},
}

function answerFor(context: EdgeContext, request: Request, method: string, { protocol }: Codec): Response {
  try {
    context.guard().check(request)
    const answer = Object.hasOwn(ANSWERS, method) ? ANSWERS[method] : undefined
    if (answer) return Response.json(answer)
    throw new Fault('not-implemented', `The method '${method}' of Code Assist is not served here.`)
  } catch (error) {
    return faultResponse(asFault(error), protocol)
  }
}

/** A count names its model inside, as a path. */
function countedRequest({ request }: JsonObject): JsonObject | undefined {
  const counted = readObject(request)
  return counted && { request: counted, model: readString(counted['model'])?.replace(/^models\//, '') }
}
