import { bearerHeaders, readOpenaiModels } from './openai-compatibility.ts'
import type { Provider } from './provider.ts'

/**
 * OpenAI's Responses API by key.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export const codex: Provider = {
  id: 'codex',
  title: 'Codex',
  protocol: 'openai-responses',
  baseUrl: 'https://api.openai.com/v1',
  quirks: [],
  url: ({ baseUrl, operation }) => `${baseUrl}${operation === 'list-models' ? '/models' : '/responses'}`,
  headers: ({ secret }) => bearerHeaders(secret),
  readModels: readOpenaiModels,
}
