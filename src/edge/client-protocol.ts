import type { Protocol } from '../ir/protocol.ts'
import { GEMINI_VERSIONS, readGeminiPath } from './gemini-path.ts'
import { pathOf } from './path.ts'

/**
 * The protocol in whose words a client is answered where several share a path, or where there is nothing: by the path,
 * else by the headers that only clients of one protocol send.
 */
export function clientProtocolFor({ url, headers }: Request): Protocol {
  const path = pathOf(url)
  if (path.includes('/v1/messages')) return 'anthropic'
  if (path.endsWith('/responses') || path.includes('/responses/')) return 'openai-responses'
  if (isGeminiPath(path)) return 'gemini'
  // Clients of Anthropic's API send its version; Claude Code's own agent is known by name.
  if (headers.has('anthropic-version') || (headers.get('user-agent') ?? '').startsWith('claude-cli')) return 'anthropic'
  return headers.has('x-goog-api-key') || headers.has('x-goog-api-client') ? 'gemini' : 'openai-chat'
}

/** False for the paths under `/v1` that Google's newer SDKs share with others. */
function isGeminiPath(path: string): boolean {
  const { action = '' } = readGeminiPath(path) ?? {}
  return action !== '' || ONLY_GEMINI.some((root) => path.startsWith(root))
}

const ONLY_GEMINI = [
  '/v1internal:',
  ...GEMINI_VERSIONS.filter((version) => version !== 'v1').map((version) => `/${version}/`),
]
