import type { MediaKind, MediaPart, Part } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import { type Fields, readObject, readObjects, readString, readText } from '../../lib/json.ts'
import { invalidField, kindOf, requiredObject } from '../shared/fields.ts'
import { kindOfSource, sourceOfFile, sourceOfUrl } from '../shared/media.ts'
import { readAudioSource } from '../shared/openai-audio.ts'
import { SPELLING } from '../shared/spelling.ts'
import { ownExtras, readCachePoint } from './fields.ts'
import { fieldSeal } from './reasoning.ts'

/**
 * The parts of a message's content: a string, a list of typed parts, or null. Empty text says nothing and is left out.
 *
 * @throws {Fault} invalid-request, naming the part.
 */
export function readContent(content: unknown, path: string): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (content === undefined || content === null) return []
  if (!Array.isArray(content))
    throw invalidField(path, `must be a string or a list of content parts, not ${kindOf(content)}.`)
  const parts: Part[] = []
  for (const [at, item] of content.entries()) {
    const part =
      typeof item === 'string' ? textPart(item) : readPart(requiredObject(item, `${path}.${at}`), `${path}.${at}`)
    if (part.type !== 'text' || part.text !== '') parts.push(part)
  }
  return parts
}

function textPart(text: string): Part {
  return { type: 'text', text }
}

function readPart(part: Fields, path: string): Part {
  const { type, cache_control, ...fields } = part
  const cache = readCachePoint(cache_control)
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text': {
      const { text, ...unread } = fields
      if (typeof text !== 'string') throw invalidField(`${path}.text`, `must be a string, not ${kindOf(text)}.`)
      return { type: 'text', text, cache, extras: ownExtras(unread) }
    }
    case 'refusal': {
      const { refusal, ...unread } = fields
      return { type: 'text', text: readString(refusal) ?? '', refusal: true, cache, extras: ownExtras(unread) }
    }
    case 'thinking':
      return { type: 'reasoning', text: textOfThinking(fields), seals: [fieldSeal('thinking')] }
    case 'image_url':
    case 'input_image':
      return { ...readImage(part, fields, path), cache }
    case 'input_audio':
      return { ...readAudio(part, fields, path), cache }
    case 'file':
    case 'input_file':
      return { ...readFile(part, fields, path), cache }
    case 'video_url':
    case 'document_url':
    case 'file_url':
      return { ...readDialectMedia(part, fields, path), cache }
    default:
      if (typeof type !== 'string')
        throw invalidField(`${path}.type`, `must be a string such as 'text' or 'image_url', not ${kindOf(type)}.`)
      return { type: 'opaque', protocol: 'openai-chat', value: part }
  }
}

/** The words of a Mistral `thinking` part: a string, or a list of text parts. */
export function textOfThinking({ thinking }: Fields): string {
  if (typeof thinking === 'string') return thinking
  let said = ''
  for (const { text } of readObjects(thinking)) said += readString(text) ?? ''
  return said
}

/** Keeps the wire form of a part that {@link readPart} reads but would write otherwise. */
function spelt(part: Fields): Extras {
  return { 'openai-chat': { [SPELLING]: part } }
}

function readImage(part: Fields, fields: Fields, path: string): MediaPart {
  const { image_url, file_id, ...rest } = fields
  if (typeof image_url === 'string')
    return { type: 'media', kind: 'image', source: sourceOfUrl(image_url), extras: spelt(part) }
  const id = readText(file_id)
  if (id !== undefined)
    return { type: 'media', kind: 'image', source: { type: 'file', id, maker: 'openai-chat' }, extras: spelt(part) }
  const { url, ...details } = requiredObject(image_url, `${path}.image_url`)
  const address = requiredUrl(url, `${path}.image_url.url`)
  return { type: 'media', kind: 'image', source: sourceOfUrl(address), extras: ownExtras({ ...rest, ...details }) }
}

function readAudio(part: Fields, { input_audio, ...unread }: Fields, path: string): MediaPart {
  // Mistral takes the bare base64.
  if (typeof input_audio === 'string')
    return { type: 'media', kind: 'audio', source: sourceOfFile(input_audio, ''), extras: spelt(part) }
  return { type: 'media', kind: 'audio', source: readAudioSource(input_audio, path), extras: ownExtras(unread) }
}

function readFile(part: Fields, fields: Fields, path: string): MediaPart {
  const { file, ...unread } = fields
  const { file_id, file_data, filename, file_url } = readObject(file) ?? fields
  const name = readText(filename)
  const id = readText(file_id)
  if (id !== undefined)
    return {
      type: 'media',
      kind: 'document',
      source: { type: 'file', id, maker: 'openai-chat' },
      name,
      extras: ownExtras(unread),
    }
  const data = readText(file_data) ?? readText(file_url)
  if (data === undefined) throw invalidField(`${path}.file`, 'must have file_data (a data URL) or file_id.')
  const source = sourceOfFile(data, name ?? '')
  const isPlain = readObject(file) !== undefined && data.startsWith('data:')
  return {
    type: 'media',
    kind: kindOfSource(source, 'document'),
    source,
    name,
    extras: isPlain ? ownExtras(unread) : spelt(part),
  }
}

/** `video_url` of many vendors, Mistral's `document_url`, GLM's `file_url`: a URL, or an object that has one. */
function readDialectMedia(part: Fields, fields: Fields, path: string): MediaPart {
  const { video_url, document_url, file_url, document_name } = fields
  const [kind, field]: readonly [MediaKind, unknown] =
    video_url === undefined ? ['document', document_url ?? file_url] : ['video', video_url]
  const { url } = readObject(field) ?? { url: field }
  const name = readText(document_name)
  const source = sourceOfFile(requiredUrl(url, `${path}.${String(part['type'])}`), name ?? '')
  return { type: 'media', kind: kindOfSource(source, kind), source, name, extras: spelt(part) }
}

function requiredUrl(url: unknown, path: string): string {
  if (typeof url !== 'string' || url === '')
    throw invalidField(path, `must be a URL, not ${url === '' ? 'empty' : kindOf(url)}.`)
  return url
}
