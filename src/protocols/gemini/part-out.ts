import type { MediaPart, Part, Seal, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import { isDeeperThan, parseJson, readObject, type Fields } from '../../lib/json.ts'
import { mimeForFileName, sniffMime } from '../shared/media.ts'
import { INPUT_DEPTH_MAX, repairJson } from '../shared/repair-json.ts'
import { wrapSealsAsBytes } from '../shared/seal.ts'

/**
 * A part that either role may say, without its seals: see {@link signPart}. Undefined when Gemini has no word for it:
 * an empty text, another vendor's file or opaque part.
 *
 * @param loseInput told when a call's input is no JSON object and had to be changed
 */
export function encodePart(part: Exclude<Part, ToolResultPart>, loseInput: () => void): Fields | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : { text: part.text, ...readOwn(part.extras) }
    case 'reasoning':
      return part.text === '' ? undefined : { text: part.text, thought: true, ...readOwn(part.extras) }
    case 'tool-call':
      return encodeCall(part, loseInput)
    case 'media':
      return encodeMedia(part)
    case 'opaque':
      return part.protocol === 'gemini' ? part.value : undefined
  }
}

/** This protocol's extras as they go on the wire: without the codec's private ones. */
export function readOwn(extras: Extras | undefined): Fields {
  const own = extras?.gemini
  if (!own) return NOTHING
  for (const key in own) {
    if (!key.startsWith('$')) continue
    return Object.fromEntries(Object.entries(own).filter(([name]) => !name.startsWith('$')))
  }
  return own
}

const NOTHING: Fields = {}

/** The call, its id only where it has one: Vertex AI knows none. */
function encodeCall({ id, name, kind, input, extras }: ToolCallPart, loseInput: () => void): Fields {
  const { functionCall, ...rest } = readOwn(extras)
  const args = kind === 'custom' ? { input } : readArgs(input, loseInput)
  return { functionCall: { id: id === '' ? undefined : id, name, args, ...readObject(functionCall) }, ...rest }
}

/** An input that was cut short is closed where it broke off; a value that is no object stands in one. */
function readArgs(input: string, lose: () => void): Fields {
  if (input.trim() === '') return NOTHING
  const value = parseJson(input)
  const whole = readObject(value)
  if (whole && !isDeeperThan(whole, INPUT_DEPTH_MAX)) return whole
  lose()
  const mended = value === undefined ? parseJson(repairJson(input)) : value
  if (mended === undefined || isDeeperThan(mended, INPUT_DEPTH_MAX)) return NOTHING
  return readObject(mended) ?? { input: mended }
}

/** The medium, undefined when it is another vendor's file. A name is only sent where the client gave it: the Gemini API refuses it. */
function encodeMedia({ source, name, extras }: MediaPart): Fields | undefined {
  const { inlineData, fileData, ...rest } = readOwn(extras)
  const inline = (mimeType: string, data: string): Fields => ({
    inlineData: { mimeType, data, ...readObject(inlineData) },
    ...rest,
  })
  const file = (fileUri: string, mimeType: unknown): Fields => ({
    fileData: { mimeType, fileUri, ...readObject(fileData) },
    ...rest,
  })
  switch (source.type) {
    case 'base64':
      return inline(source.mime || mimeOf(source.data, name), source.data)
    case 'text':
      return inline(source.mime ?? 'text/plain', Buffer.from(source.text).toString('base64'))
    case 'url':
      return file(source.url, source.mime)
    case 'file':
      return source.maker === 'gemini' ? file(source.id, extras?.gemini?.['$mimeType']) : undefined
  }
}

/** The type of a medium that nobody named: Gemini takes none without. */
function mimeOf(data: string, name = ''): string {
  return sniffMime(data) ?? mimeForFileName(name) ?? 'application/octet-stream'
}

/** Gemini's own signatures among the seals: all that Gemini itself may be sent. */
export function ownSignatures(seals: readonly Seal[] = []): readonly string[] {
  return seals.flatMap(({ maker, value }) => (maker === 'gemini' ? [value] : []))
}

/**
 * What a client of Gemini keeps of the seals, as signatures: Gemini's own as they are, anything else wrapped.
 *
 * @param isUnsaid they are those of a thought without words, and not of the part before
 */
export function clientSignatures(seals: readonly Seal[] = [], isUnsaid = false): readonly string[] {
  if (seals.every(({ maker }) => maker === 'gemini')) return seals.map(({ value }) => value)
  return [wrapSealsAsBytes(isUnsaid ? { seals, text: '' } : { seals })]
}

/**
 * The part with its signatures: a part has a field for one, further ones follow on empty parts. `part` is undefined for
 * a thought without words.
 */
export function signPart(part: Fields | undefined, signatures: readonly string[]): readonly Fields[] {
  const [first, ...others] = signatures
  if (first === undefined) return part ? [part] : []
  const signed = part ? { ...part, thoughtSignature: first } : signatureAlone(first, true)
  return [
    signed,
    ...others.map((signature) => signatureAlone(signature, part === undefined || part['thought'] === true)),
  ]
}

/**
 * A signature that comes when its part was already said. One of a text is marked as a thought as well if it is not
 * Gemini's own: clients take an answer with an empty text for a broken one.
 */
export function signatureAlone(thoughtSignature: string, isThought: boolean): Fields {
  return isThought ? { text: '', thought: true, thoughtSignature } : { text: '', thoughtSignature }
}
