import type { Fields } from '../../src/lib/json.ts'
import type { Served } from './answers.ts'
import { MODEL } from './proxy.ts'

/** Where a protocol's clients ask. */
export const PATHS: Readonly<Record<Served, string>> = {
  anthropic: '/v1/messages',
  'openai-chat': '/v1/chat/completions',
}

/** A small request of the protocol. */
export function ask(protocol: Served, own: Fields = {}): Fields {
  const messages = [{ role: 'user', content: 'Hi' }]
  return protocol === 'anthropic'
    ? { model: MODEL, max_tokens: 100, messages, ...own }
    : { model: MODEL, messages, ...own }
}
