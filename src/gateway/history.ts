import { type Fields, isObject, parseJson, readArray, readObjects, readText } from '../lib/json.ts'
import { fieldValue, scanFields } from '../lib/json-scan.ts'
import type { KeptResponse } from '../state/response-table.ts'

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
  return withOwnCallIds(withoutOrphans(withoutRepeats([...history, ...said.map(asSaid)])))
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

/** The items of an answer. What it repeats of its request is not parsed. */
export function outputOf({ answer }: Pick<KeptResponse, 'answer'>): readonly Fields[] {
  const fields = scanFields(answer)?.fields
  return fields ? readObjects(fieldValue(answer, fields, 'output')) : []
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

/** An item, and who wrote it. */
interface Piece {
  readonly item: Fields
  /** What an answer holds is new, whatever it is called; what a client says it may have said before. */
  readonly isAnswer: boolean
  /** As it goes on; undefined for none. */
  readonly written: Fields | undefined
}

function asSaid(item: Fields): Piece {
  return { item, isAnswer: false, written: item }
}

function historyOf(links: readonly KeptResponse[]): readonly Piece[] {
  let pieces: Piece[] = []
  for (const link of links) {
    const said = itemsOf(parseJson(link.input))
    if (said.some(isCompaction)) pieces = []
    pieces.push(...said.map((item) => ({ item, isAnswer: false, written: replayedItem(item) })))
    const output = outputOf(link)
    const compacted = output.findLastIndex(isCompaction)
    if (compacted >= 0) pieces = []
    const left = output.slice(Math.max(compacted, 0))
    pieces.push(...left.map((item) => ({ item, isAnswer: true, written: replayedItem(item) })))
  }
  return pieces
}

function isCompaction({ type }: Fields): boolean {
  return type === 'compaction' || type === 'compaction_summary'
}

/** Calls that the client runs, each answered by an output of the same name. */
const CALLS: ReadonlySet<unknown> = new Set([
  'function_call',
  'custom_tool_call',
  'computer_call',
  'shell_call',
  'apply_patch_call',
])

function isCall({ type }: Fields): boolean {
  return CALLS.has(type)
}

function isOutput({ type }: Fields): boolean {
  return typeof type === 'string' && type.endsWith('_call_output')
}

/** Where an item stood first stands what was said of it last. */
function withoutRepeats(pieces: readonly Piece[]): readonly Fields[] {
  const places = new Map<string, number>()
  const items: (Fields | undefined)[] = []
  for (const { item, isAnswer, written } of pieces) {
    const key = keyOf(item)
    const place = isAnswer || key === undefined ? undefined : places.get(key)
    if (place !== undefined) {
      items[place] = written
      continue
    }
    // Some vendors count their calls anew in each answer: the next output is this call's.
    if (isAnswer && isCall(item)) places.delete(outputKey(readText(item['call_id'])))
    if (key !== undefined) places.set(key, items.length)
    items.push(written)
  }
  return items.filter((item) => item !== undefined)
}

function keyOf(item: Fields): string | undefined {
  const callId = readText(item['call_id'])
  if (callId !== undefined && isCall(item)) return `call ${callId}`
  if (callId !== undefined && isOutput(item)) return outputKey(callId)
  const id = readText(item['id'])
  return id === undefined ? undefined : `item ${id}`
}

function outputKey(callId: string | undefined): string {
  return `output ${callId}`
}

function withoutOrphans(items: readonly Fields[]): readonly Fields[] {
  const orphans = orphansOf(items)
  if (orphans.size === 0) return items
  const kept: Fields[] = []
  /** What stands behind the item that is looked at: something that is gone, and then nothing of the model's. */
  let isBare = false
  for (const [at, item] of [...items.entries()].toReversed()) {
    if (orphans.has(at)) {
      const next = kept.at(-1)
      isBare = isCall(item) && (next === undefined || !isModels(next))
      continue
    }
    // Vendors refuse thinking that led to nothing.
    if (isBare && item['type'] === 'reasoning') continue
    isBare = false
    kept.push(item)
  }
  return kept.toReversed()
}

/** Places of the calls without an output after them, and of outputs without a call before them. */
function orphansOf(items: readonly Fields[]): ReadonlySet<number> {
  const orphans = new Set<number>()
  const open = new Map<unknown, number>()
  const known = new Set<unknown>()
  for (const [at, item] of items.entries()) {
    const { call_id: callId } = item
    if (isOutput(item)) {
      const call = open.get(callId)
      open.delete(callId)
      if (call !== undefined) orphans.delete(call)
      else if (readText(callId) === undefined || !known.has(callId)) orphans.add(at)
    } else if (isCall(item)) {
      orphans.add(at)
      if (readText(callId) !== undefined) open.set(callId, at)
    } else if (callId !== undefined) known.add(callId)
  }
  return orphans
}

/** Each call of a name that was used before gets a name of its own, and so does its output: no vendor takes one twice. */
function withOwnCallIds(items: readonly Fields[]): readonly Fields[] {
  const uses = new Map<unknown, number>()
  return items.map((item) => {
    const { call_id: callId } = item
    if (isCall(item)) uses.set(callId, (uses.get(callId) ?? 0) + 1)
    const used = isCall(item) || isOutput(item) ? (uses.get(callId) ?? 0) : 0
    return used > 1 ? { ...item, call_id: `${String(callId)}_${used}` } : item
  })
}

/** True for what a model says or does. */
function isModels(item: Fields): boolean {
  return item['role'] === 'assistant' || (item['role'] === undefined && !isOutput(item))
}
