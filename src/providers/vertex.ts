import type { JsonObject } from '../ir/json.ts'
import { presentFields } from '../lib/json.ts'
import { googleHeaders, modelPath, withVersion } from './gemini.ts'
import { bearerHeaders } from './headers.ts'
import type { Provider } from './provider.ts'
import { noCallIds } from './quirks/no-call-ids.ts'

/**
 * Vertex AI by API key. It lists no models to a key.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/start/api-keys
 */
export const vertex: Provider = {
  id: 'vertex',
  title: 'Vertex AI',
  protocol: 'gemini',
  countsTokens: () => true,
  countBody: countableBody,
  quirks: [noCallIds],
  url: (call) => `${withVersion(call.baseUrl, 'v1')}/publishers/google${modelPath(call)}`,
  headers: googleHeaders,
}

/**
 * Vertex AI by a service account: its project and region stand in the path.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
 */
export const vertexOauth: Provider = {
  ...vertex,
  id: 'vertex-oauth',
  url(call) {
    const { projectId = '', location = '' } = call.facts
    return `${withVersion(call.baseUrl, 'v1')}/projects/${projectId}/locations/${location}/publishers/google${modelPath(call)}`
  },
  headers: ({ secret }) => bearerHeaders(secret),
}

/** @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens */
function countableBody(body: JsonObject): JsonObject {
  const { contents, systemInstruction, system_instruction: system, tools, generationConfig } = body
  return presentFields({ contents, systemInstruction: systemInstruction ?? system, tools, generationConfig }) ?? {}
}
