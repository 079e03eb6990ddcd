import { Elysia, type AnyElysia } from 'elysia'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { readObject, readString } from '../lib/json.ts'
import type { EdgeContext } from './context.ts'
import { createCountHandler } from './count-tokens.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { isLocalPeer } from './local-peer.ts'
import { pathOf } from './path.ts'
import { codeAssistCountSchema, codeAssistSchema } from './schemas.ts'
import { createModelHandler, type Admit, type PeerSource } from './serve-model.ts'

/**
 * The API that Gemini CLI asks after a login with Google, for those who point `CODE_ASSIST_ENDPOINT` here. It shows
 * Google's token, which is none of the proxy's keys: programs on this machine are let in without one where the config
 * says so. Who is served by this proxy needs no tier and no project of Google's.
 */
export function codeAssistRoutes(context: EdgeContext, codec: Codec): AnyElysia {
  const admit = admitLocal(context)
  const generate = createModelHandler(context, { codec, schema: codeAssistSchema, admit })
  const count = createCountHandler(context, { codec, schema: codeAssistCountSchema, requestIn: countedRequest, admit })
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
        return answerFor(() => admit(request, server), method, codec)
    }
  }
  return new Elysia().post('/v1internal:method', ({ request, server }) => serve(request, server), { parse: 'none' })
}

/** Where the config serves programs on this machine, these need no key; everybody else needs one then. */
function admitLocal(context: EdgeContext): Admit {
  return (request, server) => {
    const { isGeminiCliServed, apiKeys } = context.config()
    if (isGeminiCliServed && isLocalPeer(context, request, server)) return ''
    if (isGeminiCliServed && apiKeys.length === 0) throw new Fault('permission', ONLY_LOCAL)
    try {
      return context.guard().check(request)
    } catch (error) {
      throw error instanceof Fault ? withAdvice(error, isGeminiCliServed) : error
    }
  }
}

const ONLY_LOCAL =
  'This API is served to programs on this machine: ask a loopback address and name it in the Host header, or set api-keys in the config and send one.'

function withAdvice(fault: Fault, isServed: boolean): Fault {
  const advice = isServed
    ? 'Programs on this machine that ask a loopback address need none.'
    : 'To let programs on this machine in without one, set enable-gemini-cli-endpoint: true in the config.'
  return fault.with({ message: `${fault.message} ${advice}` })
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

function answerFor(admit: () => void, method: string, { protocol }: Codec): Response {
  try {
    admit()
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
