import type { JsonObject } from '../../../src/ir/json.ts'
import { parseJson, readArray, readObject, readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import { responseOf } from './responses-answer.ts'
import { createSecrets, need, needUnique, type Asked, type Saying, type StrictVendor } from './vendor.ts'

const NAME = /^[a-zA-Z0-9_-]{1,64}$/
const ID_CHARS_MAX = 64
const ID_PREFIXES: Readonly<Record<string, string>> = { message: 'msg', function_call: 'fc', reasoning: 'rs' }
const PARTS: Readonly<Record<string, readonly string[]>> = {
  assistant: ['output_text', 'refusal'],
  user: ['input_text', 'input_image', 'input_file'],
  developer: ['input_text'],
  system: ['input_text'],
}

/** An item that was given away. */
interface Given {
  readonly item: Fields
  /** Names what came next in the same answer. */
  readonly next: string | undefined
  /** Id of the reasoning item right before it. */
  readonly reasoningId: string | undefined
}

/**
 * OpenAI's Responses. Reasoning comes back encrypted as it was given, followed by what it led to; an item that it led to
 * and that says its id comes after it.
 *
 * @see https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
 */
export function createStrictResponses(model: string): StrictVendor {
  const secret = createSecrets('responses')
  const given = new Map<string, Given>()
  const byCipher = new Map<string, Given>()
  let ids = 0
  let isEncrypted = false

  const checkReasoning = (item: Fields, next: Fields | undefined, seen: Set<string>): void => {
    const { id, encrypted_content, summary } = item
    const cipher = readString(encrypted_content)
    need(Array.isArray(summary), 'reasoning.summary is missing')
    need(cipher !== undefined, `Item '${String(id)}' not found: items are not persisted when store is false`)
    const known = byCipher.get(cipher)
    need(known !== undefined, `The encrypted content ${cipher.slice(0, 40)}… could not be verified`)
    need(id === undefined || id === known.item['id'], `The encrypted content of ${String(id)} belongs to another item`)
    need(
      next !== undefined && nameOf(next) === known.next,
      `Item '${String(id)}' of type 'reasoning' was provided without its required following item`,
    )
    seen.add(cipher)
  }
  return {
    protocol: 'openai-responses',
    model,
    check(body) {
      const { input, include, store } = body
      const items = typeof input === 'string' ? [{ role: 'user', content: input }] : readObjects(input)
      need(items.length > 0, 'input is empty')
      const seen = new Set<string>()
      for (const [at, item] of items.entries()) {
        checkItem(item)
        if (item['type'] === 'reasoning') {
          checkReasoning(item, items[at + 1], seen)
          continue
        }
        const { reasoningId } = given.get(String(item['id'])) ?? {}
        need(
          reasoningId === undefined ||
            byCipher.get(String(items[at - 1]?.['encrypted_content']))?.item['id'] === reasoningId,
          `Item '${String(item['id'])}' was provided without its required 'reasoning' item: '${reasoningId}'`,
        )
      }
      checkCalls(items)
      isEncrypted = store === false && readArray(include).includes('reasoning.encrypted_content')
      return { secrets: seen, tools: toolNames(body) }
    },
    answer(saying) {
      const items = itemsFor(saying, secret, (prefix) => `${prefix}_${++ids}`)
      for (const [at, item] of items.entries()) {
        const next = items[at + 1]
        const before = items[at - 1]
        const reasoningId = before?.['type'] === 'reasoning' ? String(before['id']) : undefined
        const entry = { item, next: next && nameOf(next), reasoningId }
        if (isEncrypted) given.set(String(item['id']), entry)
        if (isEncrypted && item['type'] === 'reasoning') byCipher.set(String(item['encrypted_content']), entry)
      }
      return responseOf(model, isEncrypted ? items : items.map(({ encrypted_content: _cipher, ...item }) => item))
    },
  }
}

function checkItem({ type = 'message', id, call_id, role, content, name, arguments: input, output }: Fields): void {
  need(
    ['message', 'reasoning', 'function_call', 'function_call_output'].includes(String(type)),
    `an item of type ${String(type)}`,
  )
  for (const word of [id, call_id]) {
    need(word === undefined || isId(word), `an id is ${JSON.stringify(word)}`)
  }
  const prefix = ID_PREFIXES[String(type)]
  need(
    id === undefined || prefix === undefined || readString(id)?.startsWith(prefix) === true,
    `an id of ${String(type)} is ${String(id)}`,
  )
  if (type === 'message') {
    const kinds = PARTS[String(role)]
    need(kinds !== undefined, `role ${String(role)}`)
    if (typeof content === 'string') return
    const parts = readObjects(content)
    need(parts.length > 0, 'a message has no content')
    for (const part of parts) need(kinds.includes(String(part['type'])), `${String(part['type'])} from ${String(role)}`)
  }
  if (type === 'function_call') {
    need(NAME.test(String(name)), `function_call.name ${String(name)}`)
    need(readObject(parseJson(String(input))) !== undefined, `function_call.arguments ${String(input)}`)
  }
  if (type === 'function_call_output') {
    need(typeof output === 'string' || Array.isArray(output), 'function_call_output.output is missing')
    for (const part of readObjects(output))
      need(PARTS['user']?.includes(String(part['type'])) === true, `${String(part['type'])} in an output`)
  }
}

function isId(word: unknown): boolean {
  return typeof word === 'string' && word !== '' && word.length <= ID_CHARS_MAX
}

function checkCalls(items: readonly Fields[]): void {
  const open = new Set<string>()
  const ids = items.filter(({ type }) => type === 'function_call').map(({ call_id }) => String(call_id))
  needUnique(ids, 'call_id')
  for (const { type, call_id } of items) {
    if (type === 'function_call') open.add(String(call_id))
    if (type === 'function_call_output')
      need(open.delete(String(call_id)), `No tool call found for function call output with call_id ${String(call_id)}`)
  }
  need(open.size === 0, `No tool output found for function call ${[...open].join()}`)
}

/** What an item is, whatever its id. */
function nameOf({ type = 'message', role, call_id }: Fields): string {
  return type === 'function_call' ? `call ${String(call_id)}` : `${String(type)} ${String(role)}`
}

function toolNames(body: JsonObject): Asked['tools'] {
  const names = readObjects(body['tools']).map(({ name }) => String(name))
  for (const name of names) need(NAME.test(name), `tools.name ${name}`)
  needUnique(names, 'tool name')
  return names
}

/** A piece of reasoning before each of the first items that it leads to. */
function itemsFor(
  { thoughts, isHidden, text, calls }: Saying,
  secret: () => string,
  id: (prefix: string) => string,
): readonly Fields[] {
  const led: Fields[] = [
    ...(text === ''
      ? []
      : [
          {
            id: id('msg'),
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text, annotations: [] }],
          },
        ]),
    ...calls.map(({ name, input }) => ({
      id: id('fc'),
      type: 'function_call',
      call_id: id('call'),
      name,
      arguments: input,
      status: 'completed',
    })),
  ]
  return led.flatMap((item, index) => {
    if (index >= thoughts) return [item]
    const summary = isHidden ? [] : [{ type: 'summary_text', text: `GPT thinks ${index}.` }]
    return [{ id: id('rs'), type: 'reasoning', summary, encrypted_content: secret() }, item]
  })
}
