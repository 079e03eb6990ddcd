import { isObject } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { readField } from './read-field.ts'

/** The mildest words there are: the vendor wants some. */
const SYSTEM = { role: 'system', content: 'You are a helpful assistant.' }

/**
 * Qwen's portal refuses a conversation without a system message.
 *
 * @see behaviour of CLIProxyAPI, `qwen_executor.go` of its version 6
 */
export const systemFirst: Quirk = {
  name: 'system-first',
  fields(body, { operation }, source) {
    if (operation !== 'generate') return undefined
    const messages = readField('messages', body, source, (json) => !BEGINS_WITH_SYSTEM.test(json.slice(0, HEAD_CHARS)))
    if (!Array.isArray(messages)) return undefined
    const isThere = messages.some((message: unknown) => isObject(message) && message['role'] === 'system')
    return isThere ? undefined : { messages: [SYSTEM, ...messages] }
  },
}

/** Saves the parse of a large conversation. */
const BEGINS_WITH_SYSTEM = /^\[\s*\{\s*"role"\s*:\s*"system"/
const HEAD_CHARS = 100
