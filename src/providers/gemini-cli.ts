import { gemini } from './gemini.ts'
import { bearerHeaders } from './headers.ts'
import type { Call, Provider } from './provider.ts'

/**
 * Google's Code Assist by a login with Google, as Gemini CLI has it: Gemini's bodies in an envelope, the model and the
 * project beside them.
 *
 * @see https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/code_assist/converter.ts
 */
export const geminiCli: Provider = {
  id: 'gemini-cli',
  title: 'Gemini CLI',
  protocol: gemini.protocol,
  countsTokens: () => true,
  countBody: ({ contents }, { model }) => ({ request: { model: `models/${model}`, contents } }),
  quirks: [],
  wrap: (request, { model, facts }) => ({ model, project: facts['projectId'], request }),
  url: ({ baseUrl, operation, stream }) => `${baseUrl}/v1internal:${methodFor(operation, stream)}`,
  headers: ({ secret }) => bearerHeaders(secret),
  standInFor: (model) => PREVIEWS[model],
}

function methodFor(operation: Call['operation'], stream: boolean): string {
  if (operation === 'count-tokens') return 'countTokens'
  return stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
}

/**
 * The preview of each model: its quota is another one.
 *
 * @see https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/config/models.ts
 */
const PREVIEWS: Readonly<Record<string, string | undefined>> = {
  'gemini-2.5-pro': 'gemini-3.1-pro-preview',
  'gemini-2.5-flash': 'gemini-3-flash-preview',
}
