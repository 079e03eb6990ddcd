import { type Fields, isObject, parseJson, parseObject, readArray, readObjects, readText } from '../lib/json.ts'
import type { KeptResponse } from '../state/response-store.ts'

/**
 * The whole conversation as one list of items: what was said and answered before, then what is new.
 *
 * A client may repeat pieces, and may say nothing more of a call that it gave up: each piece stands once, and no call
 * stands without its output, nor an output without its call.
 *
 * @param links the answers so far, the oldest first.
 * @param input as the client wrote it: a string, a list of items, or nothing.
 */
export function replayedInput(links: readonly KeptResponse[], input: unknown): readonly Fields[] {
  const said = itemsOf(input)
  // Who compacted the conversation brings all that is left of it.
  const history = said.some(isCompaction) ? [] : historyOf(links)
  return withoutOrphans(withoutRepeats(history, said))
}

/** True for an input that needs nothing before it: it holds what models say, or what is left of a compacted conversation. */
export function isWholeHistory(input: unknown): boolean {
  return readObjects(input).some((item) => isCompaction(item) || item['role'] === 'assistant' || isCall(item))
}

/** An input as items. */
export function itemsOf(input: unknown): readonly Fields[] {
  if (typeof input === 'string') return input === '' ? [] : [{ type: 'message', role: 'user', content: input }]
  return readArray(input).filter(isObject)
}

/** The items of an answer. */
export function outputOf({ answer }: Pick<KeptResponse, 'answer'>): readonly Fields[] {
  return readObjects(parseObject(answer)?.['output'])
}

/** An item of an answer as it stands in a later input; undefined for what only the vendor that stored it could read. */
export function replayedItem(item: Fields): Fields | undefined {
  const { id: _id, status: _status, ...rest } = item
  switch (item['type']) {
    case 'reasoning':
      return readText(item['encrypted_content']) === undefined ? undefined : item
    case 'message':
    case 'function_call':
    case 'custom_tool_call':
      // An id asks the vendor for what it stored, and it may have stored nothing.
      return rest
    default:
      return item
  }
}

function historyOf(links: readonly KeptResponse[]): readonly Fields[] {
  let items: Fields[] = []
  for (const link of links) {
    const said = itemsOf(parseJson(link.input))
    if (said.some(isCompaction)) items = []
    items.push(...said)
    const output = outputOf(link)
    const compacted = output.findLastIndex(isCompaction)
    if (compacted >= 0) items = []
    items.push(...output.slice(Math.max(compacted, 0)))
  }
  return items
}

function isCompaction({ type }: Fields): boolean {
  return type === 'compaction' || type === 'compaction_summary'
}

/** A call that the client runs. */
function isCall({ type }: Fields): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

function isOutput({ type }: Fields): boolean {
  return typeof type === 'string' && type.endsWith('_call_output')
}

/** Where an item stood first stands what was said of it last. */
function withoutRepeats(history: readonly Fields[], said: readonly Fields[]): readonly Fields[] {
  const places = new Map<string, number>()
  const items: (Fields | undefined)[] = []
  const add = (item: Fields, written: Fields | undefined): void => {
    const key = keyOf(item)
    const place = key === undefined ? undefined : places.get(key)
    if (place !== undefined) items[place] = written
    else {
      if (key !== undefined) places.set(key, items.length)
      items.push(written)
    }
  }
  for (const item of history) add(item, replayedItem(item))
  for (const item of said) add(item, item)
  return items.filter((item) => item !== undefined)
}

function keyOf(item: Fields): string | undefined {
  const callId = readText(item['call_id'])
  if (callId !== undefined && isCall(item)) return `call ${callId}`
  if (callId !== undefined && isOutput(item)) return `output ${callId}`
  const id = readText(item['id'])
  return id === undefined ? undefined : `item ${id}`
}

function withoutOrphans(items: readonly Fields[]): readonly Fields[] {
  const calls = new Set<unknown>()
  const outputs = new Set<unknown>()
  for (const item of items) {
    if (isOutput(item)) outputs.add(item['call_id'])
    else if (item['call_id'] !== undefined) calls.add(item['call_id'])
  }
  return items.filter((item) => {
    const { call_id: callId } = item
    if (isOutput(item)) return readText(callId) !== undefined && calls.has(callId)
    return !isCall(item) || (readText(callId) !== undefined && outputs.has(callId))
  })
}
