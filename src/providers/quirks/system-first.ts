import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { readField } from './read-field.ts'

/** The mildest words there are: the vendor wants some. */
const SYSTEM = { role: 'system', content: 'You are a helpful assistant.' }

/**
 * Qwen's portal refuses a conversation without a system message, its models one that has another than the first, and
 * nobody there knows a developer: all such words stand in one message at the beginning.
 *
 * @see behaviour of CLIProxyAPI, `qwen_executor.go` of its version 6
 * @see https://github.com/vllm-project/vllm/issues/41114
 */
export const systemFirst: Quirk = {
  name: 'system-first',
  fields(body, { operation }, source) {
    if (operation !== 'generate') return undefined
    const messages = readField('messages', body, source, mayNeedMending)
    if (!Array.isArray(messages)) return undefined
    const mended = mendMessages(messages, source.onLoss)
    return mended === messages ? undefined : { messages: mended }
  },
}

/** Saves the parse of a large conversation. */
function mayNeedMending(json: string): boolean {
  const first = BEGINS_WITH_SYSTEM.exec(json.slice(0, HEAD_CHARS))
  return !first || SYSTEM_ROLE.test(json.slice(first[0].length))
}

const BEGINS_WITH_SYSTEM = /^\[\s*\{\s*"role"\s*:\s*"system"/
const SYSTEM_ROLE = /"role"\s*:\s*"(?:system|developer)"/
const HEAD_CHARS = 100

/** The very same list when nothing is wrong with it. */
function mendMessages(messages: readonly unknown[], onLoss: OnLoss): readonly unknown[] {
  const said = messages.filter(isSystem)
  const [first] = said
  if (!first) return [SYSTEM, ...messages]
  if (said.length === 1 && first === messages[0])
    return first['role'] === 'system' ? messages : [{ ...first, role: 'system' }, ...messages.slice(1)]
  const begun = messages.findIndex((message) => !isSystem(message))
  for (const [at, message] of messages.entries())
    if (begun >= 0 && at > begun && isSystem(message)) onLoss({ path: `messages.${at}`, reason: 'mid-system' })
  return [joined(said), ...messages.filter((message) => !isSystem(message))]
}

function isSystem(message: unknown): message is JsonObject {
  return isObject(message) && (message['role'] === 'system' || message['role'] === 'developer')
}

/** One string where all of them are, and else a list of parts. */
function joined(said: readonly JsonObject[]): JsonObject {
  const contents = said.map(({ content }) => content).filter((content) => content !== undefined && content !== null)
  const isText = contents.every((content) => typeof content === 'string')
  const content = isText
    ? contents.join('\n\n')
    : contents.flatMap<unknown>((one) => (typeof one === 'string' ? [{ type: 'text', text: one }] : one))
  return { ...said[0], role: 'system', content }
}
