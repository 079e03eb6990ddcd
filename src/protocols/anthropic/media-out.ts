import type { MediaPart, MediaSource } from '../../ir/part.ts'
import { readObject, type Fields } from '../../lib/json.ts'
import { mimeForFileName, textFromBase64 } from '../shared/media.ts'

/** A block's type and source, or why there is none. */
export type WireMedia = { readonly type: 'image' | 'document'; readonly source: Fields } | { readonly loss: string }

/** The types of image that Anthropic takes. */
const IMAGE_MIMES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

/** How base64 of a type begins. @see https://en.wikipedia.org/wiki/List_of_file_signatures */
const SIGNATURES: readonly (readonly [prefix: string, mime: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi0', 'application/pdf'],
]

/** @see https://docs.claude.com/en/docs/build-with-claude/vision and …/pdf-support */
export function encodeMedia({ kind, source, name, extras }: MediaPart): WireMedia {
  const raw = readObject(extras?.anthropic?.['source'])
  if (raw) return { type: kind === 'image' ? 'image' : 'document', source: raw }
  if (kind === 'audio' || kind === 'video') return { loss: 'audio-video' }
  switch (source.type) {
    case 'base64':
      return encodeBytes(source, name)
    case 'text':
      return source.text.trim() === ''
        ? { loss: 'media-empty' }
        : { type: 'document', source: { type: 'text', media_type: 'text/plain', data: source.text } }
    case 'url':
      return /^https?:/i.test(source.url)
        ? { type: kind, source: { type: 'url', url: source.url } }
        : { loss: 'url-media' }
    case 'file':
      return source.maker === 'anthropic'
        ? { type: kind, source: { type: 'file', file_id: source.id } }
        : { loss: 'file-id' }
  }
}

function encodeBytes({ mime, data }: Extract<MediaSource, { type: 'base64' }>, name: string | undefined): WireMedia {
  const said = plainMime(mime === '' ? mimeForFileName(name ?? '') : mime)
  const type =
    said === undefined || said === 'application/octet-stream'
      ? SIGNATURES.find(([prefix]) => data.startsWith(prefix))?.[1]
      : said
  if (data === '') return { loss: 'media-empty' }
  if (type === undefined) return { loss: 'media-type' }
  if (IMAGE_MIMES.includes(type)) return { type: 'image', source: { type: 'base64', media_type: type, data } }
  if (type === 'application/pdf') return { type: 'document', source: { type: 'base64', media_type: type, data } }
  if (!isText(type)) return { loss: 'media-type' }
  const text = textFromBase64(data)
  return text.trim() === ''
    ? { loss: 'media-empty' }
    : { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } }
}

function plainMime(mime: string | undefined): string | undefined {
  const plain = mime?.split(';')[0]?.trim().toLowerCase()
  return plain === 'image/jpg' ? 'image/jpeg' : plain
}

function isText(mime: string): boolean {
  return mime.startsWith('text/') || /[/+](?:json|xml|yaml|x-yaml|javascript|toml)$/.test(mime)
}
