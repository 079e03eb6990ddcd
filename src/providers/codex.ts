import type { JsonObject } from '../ir/json.ts'
import { bearerHeaders } from './headers.ts'
import { readOpenaiModels } from './openai-compatibility.ts'
import type { Call, Provider } from './provider.ts'

/**
 * OpenAI's Responses API by key, and everybody who serves the same.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export const codex: Provider = {
  id: 'codex',
  title: 'Codex',
  protocol: 'openai-responses',
  // Gateways of others do not serve this endpoint.
  countsTokens: ({ baseUrl }) => /^https:\/\/api\.openai\.com(?:\/|$)/.test(baseUrl),
  countBody: countableBody,
  quirks: [],
  url: ({ baseUrl, operation }) => `${rootFor(baseUrl)}${PATHS[operation]}`,
  compactUrl: ({ baseUrl }) => `${rootFor(baseUrl)}/responses/compact`,
  headers: ({ secret }) => bearerHeaders(secret),
  readModels: readOpenaiModels,
}

const PATHS: Readonly<Record<Call['operation'], string>> = {
  generate: '/responses',
  'count-tokens': '/responses/input_tokens',
  'list-models': '/models',
}

/** Base URLs as people write them: OpenAI's without its version, others' with the endpoint. */
function rootFor(baseUrl: string): string {
  return baseUrl === 'https://api.openai.com' ? `${baseUrl}/v1` : baseUrl.replace(/\/responses$/, '')
}

/** What a count is made of. @see https://platform.openai.com/docs/api-reference/responses/input-tokens */
const COUNTED: ReadonlySet<string> = new Set([
  'conversation',
  'input',
  'instructions',
  'parallel_tool_calls',
  'previous_response_id',
  'reasoning',
  'text',
  'tool_choice',
  'tools',
  'truncation',
])

function countableBody(body: JsonObject, { model }: Call): JsonObject {
  return { ...Object.fromEntries(Object.entries(body).filter(([key]) => COUNTED.has(key))), model }
}
