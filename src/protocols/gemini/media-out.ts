import type { MediaKind, MediaPart, MediaSource } from '../../ir/part.ts'
import { mimeForFileName, sniffMime } from '../shared/media.ts'

/** A medium as Gemini takes it, or why it takes none. */
export type FitMedia = { readonly part: MediaPart } | { readonly loss: string }

/** Types by other names than Gemini knows them by. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-m4a', 'audio/m4a'],
])

const IMAGE_MIMES = /^image\/(?:png|jpeg|webp|heic|heif|avif)$/

/** Text that is read as such; any other text is read as plain text. */
const TEXT_MIMES = /^text\/(?:plain|html|css|md|markdown|csv|xml|rtf|javascript|x-javascript|x-typescript|x-python)$/

/** Types of text under other heads. */
const TEXT_LIKE = /^text\/|[/+](?:json|xml|yaml|x-yaml|toml|javascript|typescript|x-sh|sql)$/

/** What a URL without a type is taken for. */
const MIMES_OF_URLS: Readonly<Record<MediaKind, string>> = {
  image: 'image/jpeg',
  audio: 'audio/mpeg',
  video: 'video/mp4',
  document: 'application/pdf',
}

/** What bytes without any sign of a type are taken for; as a document they could be anything. */
const MIMES_OF_BYTES: Readonly<Record<MediaKind, string>> = { ...MIMES_OF_URLS, document: '' }

/**
 * Another vendor's client's medium with a type that Gemini takes, which must always be told, and without its name, of
 * which only Vertex AI knows the field.
 *
 * @see https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats
 * @see https://ai.google.dev/gemini-api/docs/document-processing
 */
export function fitMedia({ extras: _extras, ...part }: MediaPart, takesUrls: boolean): FitMedia {
  const { kind, source, name } = part
  const fit = (fitted: MediaSource): FitMedia => ({ part: { ...part, name: undefined, source: fitted } })
  switch (source.type) {
    case 'base64': {
      const mime = fitMime(source.mime, source.data, kind, name)
      if (source.data === '') return { loss: 'media-empty' }
      return mime === undefined ? { loss: 'media-type' } : fit({ ...source, mime })
    }
    case 'text':
      return source.text.trim() === '' ? { loss: 'media-empty' } : fit({ ...source, mime: 'text/plain' })
    case 'url': {
      if (
        !/^(?:https?|gs):/i.test(source.url) ||
        (!takesUrls && /^https?:/i.test(source.url) && !isVideoSite(source.url))
      )
        return { loss: 'url-media' }
      return fit({ ...source, mime: source.mime ?? mimeOfUrl(source.url) ?? MIMES_OF_URLS[kind] })
    }
    case 'file':
      return source.maker === 'gemini' ? fit(source) : { loss: 'file-id' }
  }
}

function fitMime(said: string, data: string, kind: MediaKind, name: string | undefined): string | undefined {
  const plain = said.split(';')[0]?.trim().toLowerCase() ?? ''
  const isUnsaid = plain === '' || plain === 'application/octet-stream'
  const mime = isUnsaid ? (mimeForFileName(name ?? '') ?? sniffMime(data) ?? MIMES_OF_BYTES[kind]) : plain
  const known = ALIASES.get(mime) ?? mime
  if (known.startsWith('image/')) return IMAGE_MIMES.test(known) ? known : undefined
  if (known === 'application/pdf' || known.startsWith('audio/') || known.startsWith('video/')) return known
  if (TEXT_MIMES.test(known)) return known
  return TEXT_LIKE.test(known) ? 'text/plain' : undefined
}

function mimeOfUrl(url: string): string | undefined {
  const path = /^[^?#]*/.exec(url)?.[0] ?? ''
  return isVideoSite(url) ? 'video/mp4' : mimeForFileName(path.slice(path.lastIndexOf('/') + 1))
}

/** The one site that every model since 2.0 watches. */
function isVideoSite(url: string): boolean {
  return /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//i.test(url)
}
