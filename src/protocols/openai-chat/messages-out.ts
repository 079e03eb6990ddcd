import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { type Fields, parseJson } from '../../lib/json.ts'
import { type RequestWriter, writePart, writeTextPart } from './content-out.ts'
import { readOwn } from './fields.ts'
import { readDetailsSeal, writeCallSeals } from './reasoning.ts'

/** What Claude Code puts before its system prompt for its own vendor's accounting. */
const BILLING_MARK = 'x-anthropic-billing-header'

/** The messages of one turn; none when nothing of it can be said in this protocol. */
export function writeTurn(turn: Turn, path: string, writer: RequestWriter): readonly JsonObject[] {
  switch (turn.role) {
    case 'system':
      return writeSystem(turn, path, writer)
    case 'user':
      return writeUserTurn(turn, path, writer)
    case 'assistant':
      return writeAssistant(turn, path, writer)
  }
}

function writeSystem({ parts, extras }: Turn, path: string, writer: RequestWriter): readonly JsonObject[] {
  const { role = 'system', ...unread } = readOwn(extras)
  const texts: TextPart[] = []
  for (const [at, part] of parts.entries()) {
    if (part.type !== 'text') writer.onLoss({ path: `${path}.parts.${at}`, reason: 'system-part' })
    else if (writer.isOwn || !part.text.startsWith(BILLING_MARK)) texts.push(part)
  }
  const content = writeTexts(texts, '\n\n', path, unread, writer)
  return content === '' && !writer.isOwn ? [] : [{ role, content, ...unread }]
}

/** One string where that says all of it, and else a list of parts: strings are what every vendor takes. */
function writeTexts(
  texts: readonly TextPart[],
  separator: string,
  path: string,
  message: JsonObject,
  writer: RequestWriter,
): string | readonly JsonObject[] {
  const written = texts
    .filter(({ text }) => text !== '')
    .map((part, at) => writeTextPart(part, `${path}.parts.${at}`, writer))
  if (written.length === 0) return ''
  if (!writer.isOwn) return texts.flatMap(({ text }) => (text === '' ? [] : text)).join(separator)
  return plainContent(written, message)
}

/** A single text without fields of its own is a string. */
function plainContent(parts: readonly JsonObject[], { cache_control }: JsonObject): string | readonly JsonObject[] {
  const [first] = parts
  if (cache_control !== undefined && parts.length > 0) {
    const { cache_control: _onMessage, ...last } = parts[parts.length - 1] ?? {}
    return plainContent([...parts.slice(0, -1), last], {})
  }
  if (parts.length !== 1 || !first) return parts
  const { type, text, cache_control: cache, ...others } = first
  return type === 'text' && typeof text === 'string' && cache === undefined && Object.keys(others).length === 0
    ? text
    : parts
}

/** Answers of tools come first, each as a message; what they show beside text follows in the user's own. */
function writeUserTurn({ parts, extras }: Turn, path: string, writer: RequestWriter): readonly JsonObject[] {
  const messages: JsonObject[] = []
  const content: JsonObject[] = []
  const said: (readonly [Part, number])[] = []
  for (const [at, part] of parts.entries()) {
    if (part.type === 'tool-result') messages.push(writeResult(part, `${path}.parts.${at}`, content, writer))
    else said.push([part, at])
  }
  for (const [part, at] of said) {
    if (part.type === 'text' && part.text === '') continue
    const written = writePart(part, `${path}.parts.${at}`, writer)
    if (written) content.push(written)
  }
  const unread = readOwn(extras)
  if (content.length > 0) messages.push({ role: 'user', content: plainContent(content, unread), ...unread })
  else if (writer.isOwn && parts.length === 0) messages.push({ role: 'user', content: '', ...unread })
  return messages
}

/** @param beside gets what a tool message cannot hold. */
function writeResult(result: ToolResultPart, path: string, beside: JsonObject[], writer: RequestWriter): JsonObject {
  const { callId, name, content, isError, extras, cache, type: _type, kind: _kind, seals: _seals, ...rest } = result
  rest satisfies Record<string, never>
  if (isError === true) writer.onLoss({ path, reason: 'tool-error' })
  const texts: TextPart[] = []
  const media: (readonly [number, MediaPart])[] = []
  for (const [at, part] of content.entries()) {
    if (part.type === 'text') texts.push(part)
    else if (part.type === 'media') media.push([at, part])
    else writer.onLoss({ path: `${path}.content.${at}`, reason: 'foreign-part' })
  }
  const unread = readOwn(extras)
  const message = {
    role: 'tool',
    tool_call_id: writer.callId(callId),
    name: writer.isOwn ? name : undefined,
    ...unread,
  }
  if (writer.isOwn && media.length > 0)
    return {
      ...message,
      content: content.flatMap((part, at) => writePart(part, `${path}.content.${at}`, writer) ?? []),
    }
  for (const [at, part] of media) {
    writer.onLoss({ path: `${path}.content.${at}`, reason: 'tool-result-media' })
    const written = writePart(part, path, writer)
    if (written) beside.push(written)
  }
  if (cache && !writer.isOwn) writer.onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  return { ...message, content: writeTexts(texts, '\n', path, unread, writer) }
}

function writeAssistant({ parts, extras }: Turn, path: string, writer: RequestWriter): readonly JsonObject[] {
  const said: JsonObject[] = []
  const calls: JsonObject[] = []
  const images: JsonObject[] = []
  const thinking: Thinking = { fields: {}, details: [] }
  let refusal: string | undefined
  for (const [at, part] of parts.entries()) {
    const place = `${path}.parts.${at}`
    if (part.type === 'reasoning') {
      const inContent = writeReasoning(part, place, thinking, writer)
      if (inContent) said.push(inContent)
    } else if (part.type === 'tool-call') calls.push(writeCall(part, place, writer))
    else if (part.type === 'text' && part.refusal === true && writer.isOwn) refusal = (refusal ?? '') + part.text
    else if (part.type === 'text') {
      if (part.text !== '') said.push(writeTextPart(part, place, writer))
    } else if (part.type === 'media' && writer.isOwn) images.push(writePart(part, place, writer) ?? {})
    else writer.onLoss({ path: place, reason: part.type === 'media' ? 'assistant-media' : 'foreign-part' })
  }
  const unread = readOwn(extras)
  const content = said.length === 0 ? null : assistantContent(said, unread, writer)
  const isSilent = content === null && calls.length === 0 && refusal === undefined && images.length === 0
  if (isSilent && !writer.isOwn) return []
  return [
    {
      role: 'assistant',
      content: isSilent ? '' : content,
      refusal,
      ...thinking.fields,
      reasoning_details: thinking.details.length > 0 ? thinking.details : undefined,
      tool_calls: calls.length > 0 ? calls : undefined,
      images: images.length > 0 ? images : undefined,
      ...unread,
    },
  ]
}

/** Blocks of one answer follow each other without a gap. */
function assistantContent(
  parts: readonly JsonObject[],
  message: JsonObject,
  { isOwn }: RequestWriter,
): string | readonly JsonObject[] {
  const isText = parts.every(({ type }) => type === 'text')
  return isText && !isOwn ? parts.map(({ text }) => text).join('') : plainContent(parts, message)
}

/** The thinking of one message by the fields in which its vendor wants it back. */
interface Thinking {
  readonly fields: Record<string, string>
  readonly details: Fields[]
}

/** Thinking goes back only where it came from. @returns the content part that it is, where it is one. */
function writeReasoning(
  { text, seals = [] }: ReasoningPart,
  path: string,
  thinking: Thinking,
  { onLoss }: RequestWriter,
): JsonObject | undefined {
  let isOwn = false
  let part: JsonObject | undefined
  for (const { maker, kind, value } of seals) {
    if (maker !== 'openai-chat') continue
    isOwn = true
    if (kind === 'details') thinking.details.push(...readDetailsSeal(value))
    else if (value === 'thinking') part = { type: 'thinking', thinking: [{ type: 'text', text }] }
    else if (value === 'reasoning_content' || value === 'reasoning')
      thinking.fields[value] = (thinking.fields[value] ?? '') + text
  }
  if (!isOwn) onLoss({ path, reason: 'foreign-reasoning' })
  return part
}

function writeCall(call: ToolCallPart, path: string, writer: RequestWriter): JsonObject {
  const { id, name, namespace, kind, input, seals = [], extras, cache, type: _type, ...rest } = call
  rest satisfies Record<string, never>
  if (seals.some(({ maker }) => maker !== 'openai-chat')) writer.onLoss({ path, reason: 'foreign-seal' })
  if (cache && !writer.isOwn) writer.onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  const wireName = writer.names.wireName(name, namespace)
  const common = {
    id: writer.callId(id),
    type: kind,
    ...readOwn(extras),
    extra_content: writeCallSeals(seals.filter(({ maker }) => maker === 'openai-chat')),
  }
  if (kind === 'custom' && writer.isOpenai) return { ...common, custom: { name: wireName, input } }
  if (kind === 'custom')
    return { ...common, type: 'function', function: { name: wireName, arguments: JSON.stringify({ input }) } }
  return { ...common, function: { name: wireName, arguments: writeArguments(input, path, writer) } }
}

/** Vendors parse the arguments of past calls: what was cut short cannot be sent. */
function writeArguments(input: string, path: string, { onLoss }: RequestWriter): string {
  if (input.trim() === '') return '{}'
  if (parseJson(input) !== undefined) return input
  onLoss({ path, reason: 'broken-tool-input' })
  return '{}'
}
