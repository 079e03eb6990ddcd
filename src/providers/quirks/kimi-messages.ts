import type { JsonObject } from '../../ir/json.ts'
import { isObject, readArray, readObjects, readText } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { mendElements } from './mend-elements.ts'
import { readField } from './read-field.ts'

/**
 * Kimi refuses an assistant's message without a word, a tool's message that names no call, and a call without the
 * thinking that led to it.
 *
 * @see behaviour of CLIProxyAPI, `kimi_executor.go`
 */
export const kimiMessages: Quirk = {
  name: 'kimi-messages',
  fields(body, { operation }, source) {
    if (operation !== 'generate') return undefined
    const mended = mendMessages(readField('messages', body, source))
    return mended && { messages: mended }
  },
}

function mendMessages(messages: unknown): readonly unknown[] | undefined {
  /** What the model thought last. */
  let thought: string | undefined
  /** Ids of the calls that have no result yet, the latest last. */
  const pending: string[] = []
  const mendAnswer = (message: JsonObject): JsonObject => {
    const calls = readObjects(message['tool_calls'])
    for (const { id } of calls) if (typeof id === 'string' && id !== '') pending.push(id)
    const own = readText(message['reasoning_content'])
    if (own?.trim()) thought = own
    if (calls.length === 0 || own?.trim()) return message
    return { ...message, reasoning_content: thought ?? (wordsOf(message['content']) || UNKNOWN_THOUGHT) }
  }
  const mendResult = (message: JsonObject): JsonObject => {
    const named = readText(message['tool_call_id'])
    const id = named ?? readText(message['call_id']) ?? pending.at(-1)
    if (id !== undefined && pending.includes(id)) pending.splice(pending.lastIndexOf(id), 1)
    if (named !== undefined || id === undefined) return message
    const { call_id: _otherName, ...rest } = message
    return { ...rest, tool_call_id: id }
  }
  return mendElements(messages, (message) => {
    if (message['role'] === 'tool') return [mendResult(message)]
    if (message['role'] !== 'assistant') return [message]
    return isSilent(message) ? [] : [mendAnswer(message)]
  })
}

const UNKNOWN_THOUGHT = '(not kept)'

function isSilent({
  tool_calls: calls,
  function_call: call,
  reasoning_content: thought,
  content,
}: JsonObject): boolean {
  if (readArray(calls).length > 0 || isObject(call) || readText(thought)?.trim()) return false
  return wordsOf(content) === '' && !readObjects(content).some(({ type }) => type !== 'text')
}

/** The text of a message, whichever way its content is written. */
function wordsOf(content: unknown): string {
  const texts = typeof content === 'string' ? [content] : readObjects(content).map(({ text }) => readText(text) ?? '')
  return texts.join('\n').trim()
}
