import type {
  CachePoint,
  MediaPart,
  MediaSource,
  OpaquePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
} from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { AnswerPart } from '../../ir/response.ts'
import {
  presentFields,
  readArray,
  readBoolean,
  readObject,
  readObjects,
  readString,
  readText,
  type Fields,
} from '../../lib/json.ts'
import { unwrapSeals } from '../shared/seal.ts'

/** Content as a list of blocks; a string is one text block. */
export function listBlocks(content: unknown): readonly Fields[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : readObjects(content)
}

/** The parts of a message that a client sends. Never throws: see `check.ts` for what is refused before. */
export function decodePromptBlocks(content: unknown): readonly Part[] {
  const parts: Part[] = []
  for (const block of listBlocks(content)) {
    const seals = readPartSeals(block)
    const last = parts.at(-1)
    if (seals && last) parts[parts.length - 1] = { ...last, seals: [...(last.seals ?? []), ...seals] }
    else parts.push(decodePromptBlock(block))
  }
  return parts
}

/** One block of an answer. Never throws. */
export function decodeAnswerBlock(block: Fields): AnswerPart {
  switch (block['type']) {
    case 'text':
      return decodeText(block)
    case 'thinking':
      return decodeThinking(block)
    case 'redacted_thinking':
      return decodeRedacted(block)
    case 'tool_use':
      return decodeToolUse(block)
    default:
      return opaqueFor(block)
  }
}

/** What stood in the wire's fields that nobody read. */
export function ownExtras(rest: Fields): Extras | undefined {
  const fields = presentFields(rest)
  return fields && { anthropic: fields }
}

export function readCache(control: unknown): CachePoint | undefined {
  const { ttl } = readObject(control) ?? {}
  return readObject(control) && { ttl: readText(ttl) }
}

export function opaqueFor(block: Fields): OpaquePart {
  return { type: 'opaque', protocol: 'anthropic', value: block }
}

/** A list of citations, undefined when nothing is cited. */
export function readCitations(citations: unknown): unknown {
  return Array.isArray(citations) && citations.length === 0 ? undefined : (citations ?? undefined)
}

function decodePromptBlock(block: Fields): Part {
  switch (block['type']) {
    case 'image':
    case 'document':
      return decodeMedia(block) ?? opaqueFor(block)
    case 'tool_result':
      return decodeToolResult(block)
    default:
      return decodeAnswerBlock(block)
  }
}

/**
 * Seals of a part that has no field for them (a call, a text) stand in a redacted block of their own after it; unlike
 * that of a reasoning part, what is wrapped there names no text.
 */
function readPartSeals({ type, data }: Fields): ReasoningPart['seals'] {
  if (type !== 'redacted_thinking' || typeof data !== 'string') return undefined
  const sealed = unwrapSeals(data)
  return sealed && sealed.text === undefined ? sealed.seals : undefined
}

function decodeText({ type: _type, text, cache_control, citations, ...rest }: Fields): TextPart {
  return {
    type: 'text',
    text: readString(text) ?? '',
    cache: readCache(cache_control),
    extras: ownExtras({ ...rest, citations: readCitations(citations) }),
  }
}

function decodeThinking({ type: _type, thinking, signature, cache_control: _cache, ...rest }: Fields): ReasoningPart {
  const secret = readText(signature)
  const sealed =
    secret === undefined
      ? undefined
      : (unwrapSeals(secret) ?? { seals: [{ maker: 'anthropic', kind: 'signature', value: secret } as const] })
  return {
    type: 'reasoning',
    text: sealed?.text ?? readString(thinking) ?? '',
    seals: sealed?.seals,
    extras: ownExtras(rest),
  }
}

function decodeRedacted({ type: _type, data, cache_control: _cache, ...rest }: Fields): ReasoningPart {
  const secret = readString(data) ?? ''
  const sealed = unwrapSeals(secret) ?? { seals: [{ maker: 'anthropic', kind: 'redacted', value: secret } as const] }
  return { type: 'reasoning', text: sealed.text ?? '', seals: sealed.seals, extras: ownExtras(rest) }
}

function decodeToolUse({ type: _type, id, name, input, cache_control, ...rest }: Fields): ToolCallPart {
  return {
    type: 'tool-call',
    id: readString(id) ?? '',
    name: readString(name) ?? '',
    kind: 'function',
    input: input === undefined || input === null ? '' : JSON.stringify(input),
    cache: readCache(cache_control),
    extras: ownExtras(rest),
  }
}

function decodeToolResult({
  type: _type,
  tool_use_id,
  content,
  is_error,
  cache_control,
  ...rest
}: Fields): ToolResultPart {
  return {
    type: 'tool-result',
    callId: readString(tool_use_id) ?? '',
    kind: 'function',
    content: listBlocks(content).map(decodeResultBlock),
    isError: readBoolean(is_error),
    cache: readCache(cache_control),
    extras: ownExtras(rest),
  }
}

function decodeResultBlock(block: Fields): ToolResultContent {
  const { type } = block
  if (type === 'text') return decodeText(block)
  return (type === 'image' || type === 'document' ? decodeMedia(block) : undefined) ?? opaqueFor(block)
}

function decodeMedia({ type, source, title, cache_control, ...rest }: Fields): MediaPart | undefined {
  const origin = readObject(source)
  const read = origin && decodeSource(origin)
  if (!origin || !read) return undefined
  const { content } = origin
  // A document given as a list of blocks is plain text to others; its own maker gets the list back.
  const extras = ownExtras(content === undefined ? rest : { ...rest, source: origin })
  return {
    type: 'media',
    kind: type === 'image' ? 'image' : 'document',
    source: read,
    name: readText(title),
    cache: readCache(cache_control),
    extras,
  }
}

function decodeSource({
  type,
  media_type,
  mime_type,
  data,
  base64,
  url,
  file_id,
  content,
}: Fields): MediaSource | undefined {
  const mime = readText(media_type) ?? readText(mime_type)
  const bytes = readString(data) ?? readString(base64)
  switch (type) {
    case 'base64':
      return bytes === undefined ? undefined : { type: 'base64', mime: mime ?? '', data: bytes }
    case 'text':
      return bytes === undefined ? undefined : { type: 'text', text: bytes, mime }
    case 'url':
      return typeof url === 'string' ? { type: 'url', url, mime } : undefined
    case 'file':
      return typeof file_id === 'string' ? { type: 'file', id: file_id, maker: 'anthropic' } : undefined
    case 'content':
      return textSourceFor(content)
    default:
      return undefined
  }
}

function textSourceFor(content: unknown): MediaSource | undefined {
  if (typeof content === 'string') return { type: 'text', text: content }
  const texts = readArray(content).map((block) => readString(readObject(block)?.['text']))
  return texts.length > 0 && texts.every((text) => text !== undefined)
    ? { type: 'text', text: texts.join('\n') }
    : undefined
}
