import type { JsonObject } from './json.ts'

/** The four wire protocols that clients and upstreams speak. A vendor's dialect is never a protocol of its own. */
export type Protocol = 'anthropic' | 'openai-chat' | 'openai-responses' | 'gemini'

/** All protocols, in the order of tables and reports. */
export const PROTOCOLS = [
  'openai-chat',
  'openai-responses',
  'anthropic',
  'gemini',
] as const satisfies readonly Protocol[]

/**
 * Fields that a decoder found and did not read, kept where they were found, under the protocol that wrote them.
 * Only that protocol's encoder may put them back on the wire; OpenAI's two protocols share a few, see
 * `protocols/shared/openai-sisters.ts`.
 */
export type Extras = { readonly [P in Protocol]?: JsonObject }
