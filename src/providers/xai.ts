import { codex } from './codex.ts'
import { bearerHeaders } from './headers.ts'
import type { Provider } from './provider.ts'
import { xaiInput } from './quirks/xai-input.ts'
import { xaiRefused } from './quirks/xai-refused.ts'
import { xaiTools } from './quirks/xai-tools.ts'

/**
 * xAI's Responses API by a login with Grok, at the API or at the proxy of Grok's own client.
 *
 * @see https://docs.x.ai/docs/api-reference
 */
export const xai: Provider = {
  id: 'xai',
  title: 'xAI',
  protocol: codex.protocol,
  quirks: [xaiRefused, xaiTools, xaiInput],
  plainTools: true,
  storesNothing: true,
  neverCounts: true,
  url: ({ baseUrl }) => `${baseUrl}/responses`,
  headers: ({ secret }) => bearerHeaders(secret),
}
