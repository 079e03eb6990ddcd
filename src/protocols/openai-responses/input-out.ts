import type { JsonObject } from '../../ir/json.ts'
import type { ToolResultContent, ToolResultPart } from '../../ir/part.ts'
import type { ModelRequest, Turn } from '../../ir/request.ts'
import { readObject } from '../../lib/json.ts'
import { pairToolCalls } from '../shared/turns.ts'
import { encodeContentPart, type RequestWriter, tellCache } from './content-out.ts'
import { readOwn } from './fields.ts'
import { encodeAnswer } from './history-out.ts'
import { isItem } from './input-in.ts'
import { ITEM_TWIN } from './reasoning.ts'

/**
 * The conversation as a list of items, mended so that every call has its result. What a client of this protocol wrote
 * stays as it is unless the vendor would refuse it: a call that was stopped, an id that another vendor gave twice.
 *
 * @param system without the instructions.
 * @param isKept the vendor keeps the beginning of the conversation, where the calls of some results may stand.
 */
export function encodeInput(
  system: ModelRequest['system'],
  turns: ModelRequest['turns'],
  isKept: boolean,
  writer: RequestWriter,
): readonly JsonObject[] {
  const items: JsonObject[] = []
  for (const [at, turn] of system.entries()) encodeTurn(turn, `system.${at}`, writer, items)
  const isLeft = writer.isOwn && (isKept || isAnswered(turns))
  const paired = isLeft ? turns : pairToolCalls(turns, writer.onLoss)
  const customCalls = customCallsOf(paired)
  for (const [at, turn] of paired.entries()) encodeTurn(turn, `turns.${at}`, writer, items, customCalls)
  return items
}

/** Each call has one result after it, and an id of its own; or some of them stand where only the vendor sees them. */
function isAnswered(turns: ModelRequest['turns']): boolean {
  const seen = new Set<string>()
  const open = new Set<string>()
  for (const { parts } of turns) {
    for (const part of parts) {
      if (part.type === 'opaque' && part.value['type'] === 'item_reference') return true
      if (part.type === 'tool-call') {
        if (seen.has(part.id)) return false
        seen.add(part.id)
        open.add(part.id)
      } else if (part.type === 'tool-result' && !open.delete(part.callId)) return false
    }
  }
  return open.size === 0
}

/** Ids of the calls of free-text tools: not every protocol says of a result what kind of call it answers. */
function customCallsOf(turns: ModelRequest['turns']): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { parts } of turns)
    for (const part of parts) if (part.type === 'tool-call' && part.kind === 'custom') ids.add(part.id)
  return ids
}

const NO_CALLS: ReadonlySet<string> = new Set()

function encodeTurn(
  turn: Turn,
  path: string,
  writer: RequestWriter,
  items: JsonObject[],
  customCalls: ReadonlySet<string> = NO_CALLS,
): void {
  const { [ITEM_TWIN]: twin, ...unread } = readOwn(turn.extras)
  const item = readObject(twin)
  if (item) items.push(item)
  else if (turn.role === 'assistant') encodeAnswer(turn.parts, path, writer, items)
  else encodeMessage(turn, unread, path, writer, items, customCalls)
}

/** What tools answered comes first, each as an item; the rest is one message. */
function encodeMessage(
  { role, parts }: Turn,
  unread: JsonObject,
  path: string,
  writer: RequestWriter,
  items: JsonObject[],
  customCalls: ReadonlySet<string>,
): void {
  const content: JsonObject[] = []
  for (const [at, part] of parts.entries()) {
    const place = `${path}.parts.${at}`
    if (part.type === 'tool-result') items.push(encodeResult(part, customCalls.has(part.callId), place, writer))
    else if (part.type === 'opaque' && isItem(part)) items.push(part.value)
    else if (part.type === 'reasoning' || part.type === 'tool-call')
      writer.onLoss({ path: place, reason: 'misplaced-part' })
    else {
      const written = encodeContentPart(part, place, writer)
      if (written) content.push(written)
    }
  }
  const isSilent = content.length === 0
  // A client of this protocol may have said nothing at all.
  if (isSilent && !(writer.isOwn && parts.length === 0)) return
  items.push({
    type: 'message',
    role: role === 'system' ? 'developer' : role,
    content: isSilent ? '' : content,
    ...unread,
  })
}

function encodeResult(result: ToolResultPart, isCustom: boolean, path: string, writer: RequestWriter): JsonObject {
  const {
    callId,
    kind,
    content,
    isError,
    extras,
    cache: _cache,
    name: _name,
    type: _type,
    seals: _seals,
    ...rest
  } = result
  rest satisfies Record<string, never>
  if (isError === true) writer.onLoss({ path, reason: 'tool-error' })
  tellCache(result, path, writer)
  const { [ITEM_TWIN]: twin, ...own } = readOwn(extras)
  return {
    type: kind === 'custom' || isCustom ? 'custom_tool_call_output' : 'function_call_output',
    ...readObject(twin),
    call_id: writer.callId(callId),
    output: encodeOutput(content, path, writer),
    ...own,
  }
}

/** One string where that says all of it, which every vendor takes, and else a list of parts. */
function encodeOutput(
  content: readonly ToolResultContent[],
  path: string,
  writer: RequestWriter,
): string | readonly JsonObject[] {
  const parts: JsonObject[] = []
  const texts: string[] = []
  for (const [at, piece] of content.entries()) {
    const part = encodeContentPart(piece, `${path}.content.${at}`, writer)
    if (!part) continue
    parts.push(part)
    const { type, text, ...others } = part
    if (type === 'input_text' && typeof text === 'string' && Object.keys(others).length === 0) texts.push(text)
  }
  const isPlain = texts.length === parts.length && !(writer.isOwn && parts.length > 1)
  return isPlain ? texts.join('\n') : parts
}
