import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, TextPart, ToolResultContent } from '../../ir/part.ts'
import { readObject } from '../../lib/json.ts'
import { audioFormat, dataUrlFor, sniffMime, suffixForMime, textFromBase64, urlOf } from '../shared/media.ts'
import { imageDetailOf } from '../shared/openai-options.ts'
import { SPELLING } from '../shared/spelling.ts'
import type { ToolNames } from '../shared/tool-id.ts'
import { readOwn } from './fields.ts'

/** What the writers of one request share. */
export interface RequestWriter {
  /** A client of this very protocol wrote the request. */
  readonly isOwn: boolean
  /** The vendor kept its earlier answers, so that it knows them by their ids. */
  readonly isStored: boolean
  readonly names: ToolNames
  readonly callId: (id: string) => string
  readonly onLoss: OnLoss
}

/** The formats of sound that OpenAI takes. @see https://platform.openai.com/docs/guides/audio */
const AUDIO_FORMATS = ['mp3', 'wav']

/** A content part of anybody's but the model's; undefined, and told, when this protocol has no form for it. */
export function encodeContentPart(
  part: ToolResultContent,
  path: string,
  writer: RequestWriter,
): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : encodeText(part, path, writer)
    case 'media': {
      const { [SPELLING]: spelling, ...unread } = readOwn(part.extras)
      tellCache(part, path, writer)
      return readObject(spelling) ?? encodeMedia(part, unread, path, writer)
    }
    case 'opaque':
      if (part.protocol === 'openai-responses') return part.value
      writer.onLoss({ path, reason: 'foreign-part' })
      return undefined
  }
}

function encodeText(part: TextPart, path: string, writer: RequestWriter): JsonObject {
  if (part.seals && part.seals.length > 0) writer.onLoss({ path, reason: 'foreign-seal' })
  tellCache(part, path, writer)
  return { type: 'input_text', text: part.text, ...readOwn(part.extras) }
}

/** OpenAI caches by itself, and of its models only the newest take marks: a client of its own knows which. */
export function tellCache({ cache }: Pick<TextPart, 'cache'>, path: string, { isOwn, onLoss }: RequestWriter): void {
  if (cache && !isOwn) onLoss({ path: `${path}.cache`, reason: 'cache-control' })
}

function encodeMedia(part: MediaPart, unread: JsonObject, path: string, writer: RequestWriter): JsonObject | undefined {
  const { kind, source } = part
  const lost = (reason: string): undefined => {
    writer.onLoss({ path, reason })
  }
  switch (kind) {
    case 'image': {
      const detail = imageDetailOf(part.extras)
      if (source.type === 'file')
        return source.maker === 'openai-responses'
          ? { type: 'input_image', file_id: source.id, detail, ...unread }
          : lost('file-id')
      const image_url = urlOf(source, 'image/png')
      return image_url === undefined ? lost('media-type') : { type: 'input_image', image_url, detail, ...unread }
    }
    case 'audio': {
      if (source.type !== 'base64') return lost('media-by-reference')
      const format = audioFormat(source.mime)
      if (source.mime === '') writer.onLoss({ path, reason: 'media-type-guessed' })
      return writer.isOwn || AUDIO_FORMATS.includes(format)
        ? { type: 'input_audio', input_audio: { data: source.data, format }, ...unread }
        : lost('media-type')
    }
    case 'video':
      return lost('video')
    case 'document':
      return encodeDocument(part, unread, path, writer)
  }
}

/** Text is told as text, which every model reads; anything else is a file. */
function encodeDocument(
  { source, name }: MediaPart,
  unread: JsonObject,
  path: string,
  { isOwn, onLoss }: RequestWriter,
): JsonObject | undefined {
  const titled = (text: string): JsonObject => {
    onLoss({ path, reason: 'document-as-text' })
    return { type: 'input_text', text: name === undefined ? text : `${name}\n\n${text}` }
  }
  switch (source.type) {
    case 'text':
      return titled(source.text)
    case 'url':
      return { type: 'input_file', filename: isOwn ? name : undefined, file_url: source.url, ...unread }
    case 'file':
      if (source.maker === 'openai-responses')
        return { type: 'input_file', filename: name, file_id: source.id, ...unread }
      onLoss({ path, reason: 'file-id' })
      return undefined
    case 'base64': {
      if (!isOwn && source.mime.startsWith('text/')) return titled(textFromBase64(source.data))
      const mime = source.mime === '' ? (sniffMime(source.data) ?? 'application/pdf') : source.mime
      if (source.mime === '') onLoss({ path, reason: 'media-type-guessed' })
      const filename = name ?? (isOwn ? undefined : `document.${suffixForMime(mime) ?? 'pdf'}`)
      return { type: 'input_file', filename, file_data: dataUrlFor(mime, source.data), ...unread }
    }
  }
}
