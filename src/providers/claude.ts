import type { JsonObject } from '../ir/json.ts'
import { readText } from '../lib/json.ts'
import { bearerHeaders } from './headers.ts'
import { readEntries, readTokens, readUnixSeconds } from './listed.ts'
import type { Call, ListedModel, Provider } from './provider.ts'
import { maxTokens } from './quirks/max-tokens.ts'
import { ownThinking } from './quirks/own-thinking.ts'

const OFFICIAL = 'https://api.anthropic.com'

/**
 * Anthropic's Messages API by key, and everybody who serves the same.
 *
 * @see https://docs.anthropic.com/en/api/overview
 */
export const claude: Provider = {
  id: 'claude',
  title: 'Claude',
  protocol: 'anthropic',
  countsTokens: () => true,
  countBody: countableBody,
  quirks: [maxTokens],
  url: ({ baseUrl, operation }) => `${baseUrl.endsWith('/v1') ? baseUrl : `${baseUrl}/v1`}${PATHS[operation]}`,
  headers: ({ baseUrl, secret }) => ({ 'anthropic-version': '2023-06-01', ...keyHeaders(baseUrl, secret) }),
  readModels,
}

/**
 * The same by a login with Claude. Anthropic tells such tokens from keys by a beta header.
 *
 * @see behaviour of CLIProxyAPI, `internal/runtime/executor/claude_executor_auth.go`
 */
export const claudeOauth: Provider = {
  ...claude,
  id: 'claude-oauth',
  quirks: [...claude.quirks, ownThinking],
  headers: ({ secret }) => ({
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'oauth-2025-04-20',
    ...bearerHeaders(secret),
  }),
  // Whether such a token may list models is documented nowhere: the catalogue serves.
  readModels: undefined,
}

const PATHS: Readonly<Record<Call['operation'], string>> = {
  generate: '/messages',
  'count-tokens': '/messages/count_tokens',
  'list-models': '/models?limit=1000',
}

/** What an answer is asked for with, and its endpoint for counts refuses. @see https://docs.anthropic.com/en/api/messages-count-tokens */
const NOT_COUNTED: ReadonlySet<string> = new Set([
  'max_tokens',
  'stream',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'metadata',
  'service_tier',
])

function countableBody(body: JsonObject, { model }: Call): JsonObject | undefined {
  if (!Object.keys(body).some((key) => NOT_COUNTED.has(key))) return undefined
  return { ...Object.fromEntries(Object.entries(body).filter(([key]) => !NOT_COUNTED.has(key))), model }
}

/** Gateways of others look for the key in either place; Anthropic itself refuses a key as a bearer token. */
function keyHeaders(baseUrl: string, secret: string): Record<string, string> {
  if (secret === '') return {}
  const isOfficial = baseUrl === OFFICIAL || baseUrl.startsWith(`${OFFICIAL}/`)
  return isOfficial ? { 'x-api-key': secret } : { 'x-api-key': secret, authorization: `Bearer ${secret}` }
}

/** @see https://docs.anthropic.com/en/api/models-list */
function readModels(body: unknown): readonly ListedModel[] {
  return readEntries(body).flatMap((model) => {
    const { id, display_name: displayName, created_at: createdAt, max_input_tokens: input, max_tokens: output } = model
    const name = readText(id)
    if (name === undefined) return []
    return [
      {
        name,
        displayName: readText(displayName),
        contextTokens: readTokens(input),
        outputTokens: readTokens(output),
        createdAt: readUnixSeconds(createdAt),
      },
    ]
  })
}
