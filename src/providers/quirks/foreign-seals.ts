import { isObject, readText, type Fields } from '../../lib/json.ts'

/** How everything begins that OpenAI seals: Fernet tokens of its version, before the year 2106. */
const OPENAI_START = 'gAAAA'

/** xAI's seals are base64 without padding, and say nothing else of themselves; shorter ones were never seen. */
const XAI_SEAL = /^[A-Za-z0-9+/]{43,}$/

/** True for reasoning, or what is left of a compacted conversation, that OpenAI sealed. */
export function isSealedByOpenai({ encrypted_content: seal }: Fields): boolean {
  return readText(seal)?.startsWith(OPENAI_START) === true
}

/** True for what looks like xAI's seal: OpenAI's backend refuses all of a request with one. */
export function isSealedByXai(item: Fields): boolean {
  return XAI_SEAL.test(readText(item['encrypted_content']) ?? '') && !isSealedByOpenai(item)
}

/** True for an item that holds nothing to read: neither a summary nor the reasoning itself. */
export function isWordless({ summary, content }: Fields): boolean {
  return ![summary, content].some((parts) => Array.isArray(parts) && parts.some((part) => isObject(part)))
}
