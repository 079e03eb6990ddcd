import type { JsonObject } from '../../ir/json.ts'
import type { OpaquePart, Part, ReasoningPart, TextPart, ToolCallPart } from '../../ir/part.ts'
import { type Fields, parseJson, readObject, readText } from '../../lib/json.ts'
import { type RequestWriter, tellCache } from './content-out.ts'
import { readOwn } from './fields.ts'
import { EMPTY_TWIN, MESSAGE_TWIN, STRING_TWIN } from './item-in.ts'
import { messageOf, twinOf } from './item-out.ts'
import { isContentThinking, ITEM_TWIN, ownReasoningItem, readOwnSecret, thinkingFields } from './reasoning.ts'

/** Adds the items of what the model said in one go. */
export function encodeAnswer(parts: readonly Part[], path: string, writer: RequestWriter, items: JsonObject[]): void {
  /** The message that the next text may belong to. */
  let open: OpenMessage | undefined
  for (const [at, part] of parts.entries()) {
    const place = `${path}.parts.${at}`
    if (part.type === 'text' || (part.type === 'opaque' && isContent(part))) {
      open = encodeSaid(part, place, open, writer, items)
      continue
    }
    open = undefined
    const item = encodeItem(part, place, writer)
    if (item) items.push(item)
  }
}

interface OpenMessage {
  /** The message's own fields, as JSON. */
  readonly shell: string
  readonly content: JsonObject[]
}

/** True for a part of a message's content that only this protocol knows. */
function isContent({ value, extras }: OpaquePart): boolean {
  const { type } = value
  return (
    readOwn(extras)[MESSAGE_TWIN] !== undefined || (typeof type === 'string' && /^(?:in|out)put_[a-z]+$/.test(type))
  )
}

function encodeSaid(
  part: TextPart | OpaquePart,
  path: string,
  open: OpenMessage | undefined,
  writer: RequestWriter,
  items: JsonObject[],
): OpenMessage | undefined {
  const content = part.type === 'opaque' ? encodeOpaque(part, path, writer) : encodeText(part, path, writer)
  if (!content) return open
  const own = readOwn(part.extras)
  const shell = messageOf(part.extras) ?? (writer.isOwn ? {} : { type: 'message' })
  const { [STRING_TWIN]: isString } = own
  if (isString === true && part.type === 'text') {
    items.push({ role: 'assistant', content: part.text, ...shell })
    return undefined
  }
  const key = JSON.stringify(shell)
  if (open?.shell === key) {
    open.content.push(content)
    return open
  }
  const list = [content]
  items.push({ role: 'assistant', content: list, ...shell })
  return { shell: key, content: list }
}

function encodeText(part: TextPart, path: string, writer: RequestWriter): JsonObject | undefined {
  const { text, refusal, seals = [], extras } = part
  if (seals.length > 0) writer.onLoss({ path, reason: 'foreign-seal' })
  tellCache(part, path, writer)
  if (text === '' && !writer.isOwn) return undefined
  const { [MESSAGE_TWIN]: _message, [STRING_TWIN]: _string, [EMPTY_TWIN]: empty, ...own } = readOwn(extras)
  if (refusal === true) return { type: 'refusal', refusal: text, ...own }
  return { type: 'output_text', text, ...readObject(empty), ...own }
}

function encodeItem(part: Exclude<Part, TextPart>, path: string, writer: RequestWriter): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return encodeReasoning(part, path, writer)
    case 'tool-call':
      return encodeCall(part, path, writer)
    case 'opaque':
      return encodeOpaque(part, path, writer)
    case 'media': {
      const twin = twinOf(part.extras)
      if (twin && part.source.type === 'base64')
        return { type: 'image_generation_call', ...twin, result: part.source.data }
      writer.onLoss({ path, reason: 'assistant-media' })
      return undefined
    }
    case 'tool-result':
      writer.onLoss({ path, reason: 'misplaced-part' })
      return undefined
  }
}

function encodeOpaque(part: OpaquePart, path: string, { onLoss }: RequestWriter): JsonObject | undefined {
  if (part.protocol === 'openai-responses') return part.value
  onLoss({ path, reason: 'foreign-part' })
  return undefined
}

/**
 * Reasoning goes back only to its maker, and only where the client brought its secret: what nobody stored cannot be
 * looked up by its id. Without an id it is taken anywhere, whatever follows it.
 */
function encodeReasoning(
  part: ReasoningPart,
  path: string,
  { isOwn, isStored, onLoss }: RequestWriter,
): JsonObject | undefined {
  const item = isOwn ? ownReasoningItem(part) : undefined
  if (item) return isStored || readText(item['encrypted_content']) !== undefined ? item : withoutId(item)
  const { text, seals = [], extras } = part
  const secret = readOwnSecret(seals)
  if (secret?.encrypted_content !== undefined) {
    const { encrypted_content } = secret
    return { type: 'reasoning', ...thinkingFields(text, isContentThinking(extras)), encrypted_content }
  }
  if (text !== '' || seals.length > 0) onLoss({ path, reason: 'foreign-reasoning' })
  return undefined
}

function withoutId({ id: _id, ...item }: Fields): JsonObject {
  return item
}

function encodeCall(call: ToolCallPart, path: string, writer: RequestWriter): JsonObject {
  const { id, name, namespace, kind, input, seals = [], extras, cache: _cache, type: _type, ...rest } = call
  rest satisfies Record<string, never>
  if (seals.length > 0) writer.onLoss({ path, reason: 'foreign-seal' })
  tellCache(call, path, writer)
  const { [ITEM_TWIN]: twin, ...own } = readOwn(extras)
  const common = {
    ...readObject(twin),
    call_id: writer.callId(id),
    name: namespace === undefined ? writer.names.wireName(name) : name,
    namespace,
    ...own,
  }
  if (kind === 'custom') return { type: 'custom_tool_call', ...common, input }
  return { type: 'function_call', ...common, arguments: encodeArguments(input, path, writer) }
}

/** Vendors parse the arguments of past calls: what was cut short cannot be sent. */
function encodeArguments(input: string, path: string, { isOwn, onLoss }: RequestWriter): string {
  if (input.trim() === '') return isOwn ? input : '{}'
  if (isOwn || parseJson(input) !== undefined) return input
  onLoss({ path, reason: 'broken-tool-input' })
  return '{}'
}
