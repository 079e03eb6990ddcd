import { bearerHeaders } from './headers.ts'
import type { Call, Provider } from './provider.ts'
import { includeUsage } from './quirks/include-usage.ts'
import { kimiMessages } from './quirks/kimi-messages.ts'
import { kimiModel } from './quirks/kimi-model.ts'
import { maxTokens } from './quirks/max-tokens.ts'

/**
 * Kimi's coding plan by a login with Kimi.
 *
 * @see https://github.com/MoonshotAI/kimi-cli
 */
export const kimi: Provider = {
  id: 'kimi',
  title: 'Kimi',
  protocol: 'openai-chat',
  quirks: [includeUsage, kimiModel, kimiMessages],
  neverCounts: true,
  url: ({ baseUrl }) => `${baseUrl}/chat/completions`,
  headers: kimiHeaders,
}

/** The same for clients of Anthropic's protocol, which Kimi speaks beside Chat. */
export const kimiAnthropic: Provider = {
  ...kimi,
  protocol: 'anthropic',
  quirks: [maxTokens, kimiModel],
  url: ({ baseUrl }) => `${baseUrl}/messages`,
  headers: (call) => ({ 'anthropic-version': '2023-06-01', ...kimiHeaders(call) }),
}

/** A token belongs to the device that it was made on. */
function kimiHeaders({ secret, facts }: Call): Record<string, string> {
  const { deviceId } = facts
  return { ...bearerHeaders(secret), ...(deviceId === undefined ? {} : { 'x-msh-device-id': deviceId }) }
}
