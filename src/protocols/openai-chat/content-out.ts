import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, Part, TextPart } from '../../ir/part.ts'
import { readObject } from '../../lib/json.ts'
import { audioFormat, dataUrlFor, sniffMime, suffixForMime, textFromBase64, urlOf } from '../shared/media.ts'
import { SPELLING } from '../shared/spelling.ts'
import type { ToolNames } from '../shared/tool-id.ts'
import { readOwn, writeCachePoint } from './fields.ts'

/** What the writers of one request share. */
export interface RequestWriter {
  /** A client of this very protocol wrote the request: its dialect is the upstream's affair. */
  readonly isOwn: boolean
  /** It goes to a model of OpenAI's own, or its client knows better: tools of free text and subsets of tools are taken. */
  readonly isOpenai: boolean
  readonly names: ToolNames
  readonly callId: (id: string) => string
  readonly onLoss: OnLoss
}

/** A content part of a user message; undefined, and told, when this protocol has no form for it. */
export function writePart(part: Part, path: string, writer: RequestWriter): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return writeTextPart(part, path, writer)
    case 'media': {
      const { extras, cache } = part
      const { [SPELLING]: spelling, ...unread } = readOwn(extras)
      if (readObject(spelling)) return readObject(spelling)
      const written = writeMedia(part, unread, path, writer)
      return written && { ...written, cache_control: writeCache(cache, path, writer) }
    }
    case 'opaque':
      if (part.protocol === 'openai-chat') return part.value
      writer.onLoss({ path, reason: 'foreign-part' })
      return undefined
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      writer.onLoss({ path, reason: 'misplaced-part' })
      return undefined
  }
}

/** A text part. Fields of other protocols are told as lost. */
export function writeTextPart(
  { text, cache, extras, seals }: TextPart,
  path: string,
  writer: RequestWriter,
): JsonObject {
  if (seals !== undefined && seals.length > 0) writer.onLoss({ path, reason: 'foreign-seal' })
  return { type: 'text', text, ...readOwn(extras), cache_control: writeCache(cache, path, writer) }
}

/** OpenAI caches by itself, and strict vendors refuse the field: only who wrote it in this protocol may send it. */
function writeCache(cache: TextPart['cache'], path: string, { isOwn, onLoss }: RequestWriter): JsonObject | undefined {
  if (!cache) return undefined
  if (isOwn) return writeCachePoint(cache)
  onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  return undefined
}

function writeMedia(part: MediaPart, unread: JsonObject, path: string, writer: RequestWriter): JsonObject | undefined {
  const { kind, source } = part
  const lost = (reason: string): undefined => {
    writer.onLoss({ path, reason })
  }
  switch (kind) {
    case 'image': {
      const url = urlOf(source, 'image/png')
      const { detail, ...others } = unread
      return url === undefined ? lost('file-id') : { type: 'image_url', image_url: { url, detail }, ...others }
    }
    case 'audio':
      return source.type === 'base64'
        ? { type: 'input_audio', input_audio: { data: source.data, format: audioFormat(source.mime) }, ...unread }
        : lost('media-by-reference')
    case 'video':
      return lost('video')
    case 'document':
      return writeDocument(part, unread, path, writer)
  }
}

/** OpenAI takes PDF alone, and no URLs; text is told as text. */
function writeDocument(
  { source, name }: MediaPart,
  unread: JsonObject,
  path: string,
  { isOwn, onLoss }: RequestWriter,
): JsonObject | undefined {
  const titled = (text: string): JsonObject => ({
    type: 'text',
    text: name === undefined ? text : `${name}\n\n${text}`,
  })
  switch (source.type) {
    case 'text':
      onLoss({ path, reason: 'document-as-text' })
      return titled(source.text)
    case 'url':
      onLoss({ path, reason: 'document-by-url' })
      return titled(source.url)
    case 'file':
      if (isOwn && source.maker === 'openai-chat') return { type: 'file', file: { file_id: source.id }, ...unread }
      onLoss({ path, reason: 'file-id' })
      return undefined
    case 'base64': {
      if (!isOwn && source.mime.startsWith('text/')) {
        onLoss({ path, reason: 'document-as-text' })
        return titled(textFromBase64(source.data))
      }
      const mime = source.mime === '' ? (sniffMime(source.data) ?? 'application/pdf') : source.mime
      const filename = name ?? (isOwn ? undefined : `document.${suffixForMime(mime) ?? 'pdf'}`)
      return { type: 'file', file: { filename, file_data: dataUrlFor(mime, source.data) }, ...unread }
    }
  }
}
