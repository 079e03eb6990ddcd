import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import { hasQuoted } from '../../lib/json-scan.ts'
import { isObject, readText } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { mendElements } from './mend-elements.ts'
import { readField } from './read-field.ts'

/**
 * Anthropic refuses a conversation with thinking that it did not sign. A client may have asked Kimi before, which speaks
 * the same protocol and never reads what it signs.
 *
 * @see behaviour of CLIProxyAPI, `internal/signature`: the lengths of Kimi's signatures, of whole answers and of streams
 */
export const ownThinking: Quirk = {
  name: 'own-thinking',
  fields(body, _call, source) {
    const messages = readField('messages', body, source, (json) => hasQuoted(json, 'thinking'))
    const mended = mendElements(messages, (message, at) => mendMessage(message, at, source.onLoss))
    return mended && { messages: mended }
  },
}

const KIMI_CHARS: ReadonlySet<number> = new Set([4340, 12_946])
const PLAIN_BASE64 = /^[A-Za-z0-9+/]*$/

function isForeign(signature: string): boolean {
  return signature === '' || (KIMI_CHARS.has(signature.length) && PLAIN_BASE64.test(signature))
}

/** The very same message when nothing is wrong with it; none in the place of one of which nothing is left. */
function mendMessage(message: JsonObject, at: number, onLoss: OnLoss): readonly JsonObject[] {
  const { content } = message
  if (!Array.isArray(content)) return [message]
  const kept = content.filter((block: unknown) => !isForeignThinking(block))
  if (kept.length === content.length) return [message]
  onLoss({ path: `messages.${at}`, reason: 'foreign-seal' })
  return kept.length === 0 ? [] : [{ ...message, content: kept }]
}

function isForeignThinking(block: unknown): boolean {
  return isObject(block) && block['type'] === 'thinking' && isForeign(readText(block['signature']) ?? '')
}
