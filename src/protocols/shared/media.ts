import type { MediaKind, MediaSource } from '../../ir/part.ts'

/** The content of a data URL: `mime` in lower case without parameters ('' when it names none), `data` in base64. */
export interface DataUrl {
  readonly mime: string
  readonly data: string
}

/** The content of a `data:` URL, undefined for any other text. Content that is not base64 is encoded here. */
export function parseDataUrl(url: string): DataUrl | undefined {
  if (!url.startsWith('data:') && !/^data:/i.test(url)) return undefined
  const comma = url.indexOf(',')
  if (comma < 0) return undefined
  const [mime = '', ...parameters] = url.slice('data:'.length, comma).toLowerCase().split(';')
  const content = url.slice(comma + 1)
  const data =
    parameters.at(-1)?.trim() === 'base64' ? content : Buffer.from(percentDecoded(content)).toString('base64')
  return { mime: mime.trim(), data }
}

/** A `data:` URL of base64 content; an unknown mime type (`''`) is written as bytes. */
export function dataUrlFor(mime: string, data: string): string {
  return `data:${mime === '' ? 'application/octet-stream' : mime};base64,${data}`
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The text that base64 holds, read as UTF-8. */
export function textFromBase64(data: string): string {
  return Buffer.from(data, 'base64').toString()
}

/** The mime type that a file name's suffix means, undefined when it says nothing. */
export function mimeForFileName(name: string): string | undefined {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? undefined : MIMES.get(name.slice(dot + 1).toLowerCase())
}

/** The usual suffix of a mime type, without the dot; undefined when there is none. */
export function suffixForMime(mime: string): string | undefined {
  for (const [suffix, known] of MIMES) if (known === mime) return suffix
  return undefined
}

/** What kind of medium a mime type is; anything but image, audio and video is a document. */
export function mediaKindFor(mime: string): MediaKind {
  const head = mime.slice(0, mime.indexOf('/'))
  return head === 'image' || head === 'audio' || head === 'video' ? head : 'document'
}

/** Suffix → mime type; of several suffixes with one type the usual one stands first. */
const MIMES: ReadonlyMap<string, string> = new Map([
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['log', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['htm', 'text/html'],
  ['css', 'text/css'],
  ['xml', 'text/xml'],
  ['rtf', 'text/rtf'],
  ['js', 'text/javascript'],
  ['py', 'text/x-python'],
  ['json', 'application/json'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['svg', 'image/svg+xml'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
  ['aac', 'audio/aac'],
  ['flac', 'audio/flac'],
  ['ogg', 'audio/ogg'],
  ['opus', 'audio/opus'],
  ['aiff', 'audio/aiff'],
  ['mp4', 'video/mp4'],
  ['mpeg', 'video/mpeg'],
  ['mov', 'video/quicktime'],
  ['webm', 'video/webm'],
])

/** The mime type that the first bytes of base64 content tell, for the types that clients leave unnamed. */
export function sniffMime(data: string): string | undefined {
  if (data.startsWith('UEsDB')) return sniffOffice(data)
  const mime = MAGICS.find(([start]) => data.startsWith(start))?.[1]
  // Sounds and images share the container; the twelfth byte tells them apart.
  return mime === 'image/webp' && data.startsWith('QVZF', 12) ? 'audio/wav' : mime
}

/** Office's documents are archives; the names of what is in them stand in plain. */
function sniffOffice(data: string): string | undefined {
  const bytes = Buffer.from(data, 'base64')
  const suffix = OFFICE_FOLDERS.find(([folder]) => bytes.includes(folder))?.[1]
  return suffix && MIMES.get(suffix)
}

const OFFICE_FOLDERS = [
  ['word/', 'docx'],
  ['xl/', 'xlsx'],
  ['ppt/', 'pptx'],
] as const

/** How base64 of a file's magic number begins. */
const MAGICS: readonly (readonly [string, string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi0', 'application/pdf'],
  ['SUQz', 'audio/mpeg'],
  ['//uQ', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
  ['ZkxhQ', 'audio/flac'],
]

/** The source that a URL names, data URLs included. */
export function sourceOfUrl(url: string): MediaSource {
  const data = parseDataUrl(url)
  return data ? { type: 'base64', ...data } : { type: 'url', url }
}

/** As {@link sourceOfUrl}, but what is no URL at all is taken for base64; the name then tells the type. */
export function sourceOfFile(text: string, name: string): MediaSource {
  if (/^(data|https?|gs|file):/i.test(text)) {
    const source = sourceOfUrl(text)
    return source.type === 'base64' && source.mime === '' ? { ...source, mime: mimeForFileName(name) ?? '' } : source
  }
  return { type: 'base64', mime: mimeForFileName(name) ?? '', data: text }
}

/** Some clients send images and sounds as files. */
export function kindOfSource(source: MediaSource, otherwise: MediaKind): MediaKind {
  return source.type === 'base64' && source.mime !== '' ? mediaKindFor(source.mime) : otherwise
}

/** The URL of a medium, a `data:` URL where its content is here; undefined for one that has none. */
export function urlOf(source: MediaSource, mimeOtherwise: string): string | undefined {
  if (source.type === 'url') return source.url
  if (source.type !== 'base64') return undefined
  return dataUrlFor(source.mime === '' ? (sniffMime(source.data) ?? mimeOtherwise) : source.mime, source.data)
}

/** OpenAI's word for a type of sound: `wav`, `mp3` … */
export function audioFormat(mime: string): string {
  return suffixForMime(mime) ?? (mime.replace(/^audio\/(x-)?/, '') || 'wav')
}
