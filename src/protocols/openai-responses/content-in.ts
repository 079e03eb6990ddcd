import type { CachePoint, MediaPart, ToolResultContent } from '../../ir/part.ts'
import { type Fields, isObject, readObject, readString, readText } from '../../lib/json.ts'
import { invalidField, kindOf, requiredObject } from '../shared/fields.ts'
import { kindOfSource, sourceOfFile, sourceOfUrl } from '../shared/media.ts'
import { readAudioSource } from '../shared/openai-audio.ts'
import { SPELLING } from '../shared/spelling.ts'
import { ownExtras } from './fields.ts'

/**
 * The parts of what a user, a developer or a tool says: a string or a list of typed parts. Empty text says nothing and
 * is left out.
 *
 * @throws {Fault} invalid-request, naming the part.
 */
export function decodeContent(content: unknown, path: string): readonly ToolResultContent[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content))
    throw invalidField(path, `must be a string or a list of content parts, not ${kindOf(content)}.`)
  return content.flatMap((item: unknown, at): readonly ToolResultContent[] => {
    const place = `${path}.${at}`
    const part: ToolResultContent =
      typeof item === 'string' ? { type: 'text', text: item } : decodePart(requiredObject(item, place), place)
    return part.type === 'text' && part.text === '' ? [] : [part]
  })
}

/** What a tool answered: words, a list of parts, or JSON of the tool's own, which stays JSON text. Never throws on the latter. */
export function decodeOutput(output: unknown, path: string): readonly ToolResultContent[] {
  if (output === undefined || output === null) return []
  if (typeof output === 'string' || isPartList(output)) return decodeContent(output, path)
  return [{ type: 'text', text: JSON.stringify(output) }]
}

function isPartList(output: unknown): boolean {
  return Array.isArray(output) && output.every((item) => typeof readObject(item)?.['type'] === 'string')
}

function decodePart(part: Fields, path: string): ToolResultContent {
  const { type, ...fields } = part
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const { text, ...unread } = fields
      if (typeof text !== 'string') throw invalidField(`${path}.text`, `must be a string, not ${kindOf(text)}.`)
      return { type: 'text', text, cache: readCacheMark(unread), extras: ownExtras(unread) }
    }
    case 'refusal': {
      const { refusal, ...unread } = fields
      return { type: 'text', text: readString(refusal) ?? '', refusal: true, extras: ownExtras(unread) }
    }
    case 'input_image':
    case 'image_url':
      return { ...decodeImage(part, fields, path), cache: readCacheMark(fields) }
    case 'input_file':
      return { ...decodeFile(part, fields, path), cache: readCacheMark(fields) }
    case 'input_audio':
      return decodeAudio(fields, path)
    default:
      if (typeof type !== 'string')
        throw invalidField(`${path}.type`, `must be a string such as 'input_text', not ${kindOf(type)}.`)
      return { type: 'opaque', protocol: 'openai-responses', value: part }
  }
}

/** The client wants the prompt up to here to be cached; the mark itself stays in the extras. */
function readCacheMark({ prompt_cache_breakpoint }: Fields): CachePoint | undefined {
  return isObject(prompt_cache_breakpoint) ? {} : undefined
}

function decodeImage(part: Fields, { image_url, file_id, ...unread }: Fields, path: string): MediaPart {
  const id = readText(file_id)
  if (id !== undefined)
    return {
      type: 'media',
      kind: 'image',
      source: { type: 'file', id, maker: 'openai-responses' },
      extras: ownExtras(unread),
    }
  // Chat's form of an image, which some clients send here as well.
  const { url, ...details } = readObject(image_url) ?? { url: image_url }
  const address = readText(url)
  if (address === undefined) throw invalidField(`${path}.image_url`, `must be a URL, not ${kindOf(url)}.`)
  const source = sourceOfUrl(address)
  const extras = ownExtras(isObject(image_url) ? { ...unread, ...details, [SPELLING]: part } : unread)
  return { type: 'media', kind: 'image', source, extras }
}

function decodeAudio({ input_audio, ...unread }: Fields, path: string): MediaPart {
  return { type: 'media', kind: 'audio', source: readAudioSource(input_audio, path), extras: ownExtras(unread) }
}

function decodeFile(
  part: Fields,
  { file_id, file_url, file_data, filename, ...unread }: Fields,
  path: string,
): MediaPart {
  const name = readText(filename)
  const id = readText(file_id)
  const url = readText(file_url)
  const data = readText(file_data)
  if (id !== undefined || data === undefined) {
    if (id === undefined && url === undefined)
      throw invalidField(path, 'must have file_data (a data URL), file_url or file_id.')
    return {
      type: 'media',
      kind: 'document',
      source: id === undefined ? sourceOfUrl(url ?? '') : { type: 'file', id, maker: 'openai-responses' },
      name,
      extras: ownExtras(unread),
    }
  }
  const source = sourceOfFile(data, name ?? '')
  const kind = kindOfSource(source, 'document')
  const isPlain = kind === 'document' && data.startsWith('data:')
  return { type: 'media', kind, source, name, extras: ownExtras(isPlain ? unread : { ...unread, [SPELLING]: part }) }
}
