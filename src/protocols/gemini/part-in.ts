import type {
  MediaPart,
  OpaquePart,
  Part,
  Seal,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
} from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { AnswerPart } from '../../ir/response.ts'
import { isObject, presentFields, readString, readText, type Fields } from '../../lib/json.ts'
import { mediaKindFor } from '../shared/media.ts'
import { unwrapSealsFromBytes } from '../shared/seal.ts'
import { camelObject, camelObjects } from './json-case.ts'

/**
 * The parts of one content, of either role. A signature on an empty text is that of the part before it: Gemini sends
 * it there when it streams. Never throws: what is no known part is opaque.
 *
 * @param parts with camelCase names, as `camelObjects` gives them
 */
export function decodeParts(parts: readonly Fields[]): readonly Part[] {
  const decoded: Part[] = []
  for (const part of parts) {
    const last = decoded.at(-1)
    const late = last && readLateSeals(part, last.type === 'reasoning')
    if (last && late) decoded[decoded.length - 1] = { ...last, seals: [...(last.seals ?? []), ...late] }
    else decoded.push(decodePart(part))
  }
  return decoded
}

/** One part of either role, with camelCase names. */
function decodePart(part: Fields): Part {
  const { functionResponse } = part
  return isObject(functionResponse) ? decodeResult(part) : decodeAnswerPart(part)
}

/** One part of the model's, with camelCase names. */
export function decodeAnswerPart(part: Fields): AnswerPart {
  const { text, functionCall, inlineData, fileData } = part
  if (typeof text === 'string') return decodeText(part, text)
  if (isObject(functionCall)) return decodeCall(part)
  // An image of the thinking is no part of the answer.
  const media = part['thought'] === true ? undefined : (decodeInline(inlineData, part) ?? decodeFile(fileData, part))
  return media ?? (isSignatureAlone(part) ? decodeText(part, '') : opaqueFor(part))
}

/** The seals of a part that says nothing else; undefined for any other part. @param isThought the part before it is one */
export function readLateSeals(part: Fields, isThought: boolean): readonly Seal[] | undefined {
  const { text, thought, thoughtSignature } = part
  if (typeof thoughtSignature !== 'string' || (text !== '' && !isSignatureAlone(part))) return undefined
  const sealed = unwrapSealsFromBytes(thoughtSignature)
  // A thought without words: of ours it is marked, of Gemini's it shows by what it follows.
  if (sealed ? sealed.text !== undefined : thought === true && !isThought) return undefined
  return sealed?.seals ?? readSeals(part)
}

/** What a part's signature carries: Gemini's own, or those of others that an answer to this client wrapped. */
export function readSeals({ thoughtSignature }: Fields): readonly Seal[] | undefined {
  const signature = readText(thoughtSignature)
  if (signature === undefined) return undefined
  const sealed = unwrapSealsFromBytes(signature)
  return sealed ? sealed.seals : [{ maker: 'gemini', kind: 'thought-signature', value: signature }]
}

/** Fields that were not read, as extras of this protocol. */
export function ownExtras(rest: Fields): Extras | undefined {
  const fields = presentFields(rest)
  return fields && { gemini: fields }
}

function opaqueFor(part: Fields): OpaquePart {
  return { type: 'opaque', protocol: 'gemini', value: part }
}

function isSignatureAlone(part: Fields): boolean {
  for (const key in part) if (key !== 'thoughtSignature' && key !== 'thought') return false
  return typeof part['thoughtSignature'] === 'string'
}

/** A signature without words is what Gemini shows of a thought that it keeps to itself. */
function decodeText(part: Fields, text: string): AnswerPart {
  const { text: _text, thought, thoughtSignature: _signature, ...rest } = part
  const seals = readSeals(part)
  const isReasoning = thought === true || (text === '' && seals !== undefined)
  return { type: isReasoning ? 'reasoning' : 'text', text, seals, extras: ownExtras(rest) }
}

function decodeCall(part: Fields): ToolCallPart {
  const { functionCall, thoughtSignature: _signature, thought: _thought, ...rest } = part
  const { id, name, args, ...others } = camelObject(functionCall) ?? {}
  return {
    type: 'tool-call',
    id: readString(id) ?? '',
    name: readString(name) ?? '',
    kind: 'function',
    input: args === undefined || args === null ? '' : JSON.stringify(args),
    seals: readSeals(part),
    extras: ownExtras({ ...rest, functionCall: presentFields(others) }),
  }
}

function decodeInline(inlineData: unknown, part: Fields): MediaPart | undefined {
  const { inlineData: _data, thoughtSignature: _signature, thought: _thought, ...rest } = part
  const { mimeType, data, ...others } = camelObject(inlineData) ?? {}
  const { displayName } = others
  if (typeof data !== 'string') return undefined
  const mime = readString(mimeType) ?? ''
  return {
    type: 'media',
    kind: mediaKindFor(mime),
    // Protobuf's bytes may be in the alphabet for URLs as well.
    source: { type: 'base64', mime, data: data.replaceAll('-', '+').replaceAll('_', '/') },
    name: readText(displayName),
    seals: readSeals(part),
    extras: ownExtras({ ...rest, inlineData: presentFields(others) }),
  }
}

/** Places that only Google reads: its Files API, and Cloud Storage. */
const OWN_FILE = /^(?:https:\/\/generativelanguage\.googleapis\.com\/|files\/|gs:\/\/)/

function decodeFile(fileData: unknown, part: Fields): MediaPart | undefined {
  const { fileData: _data, thoughtSignature: _signature, thought: _thought, ...rest } = part
  const { mimeType, fileUri, ...others } = camelObject(fileData) ?? {}
  const { displayName } = others
  if (typeof fileUri !== 'string') return undefined
  const mime = readText(mimeType)
  const isOwn = OWN_FILE.test(fileUri)
  return {
    type: 'media',
    kind: mediaKindFor(mime ?? ''),
    source: isOwn ? { type: 'file', id: fileUri, maker: 'gemini' } : { type: 'url', url: fileUri, mime },
    name: readText(displayName),
    seals: readSeals(part),
    // A file's type has no other place.
    extras: ownExtras({ ...rest, fileData: presentFields(others), $mimeType: isOwn ? mime : undefined }),
  }
}

/** Under this name a result's extras keep the response as the client wrote it. */
export const RESPONSE_TWIN = '$response'

/** @see https://ai.google.dev/api/caching#FunctionResponse */
function decodeResult(part: Fields): ToolResultPart {
  const { functionResponse, ...rest } = part
  const { id, name, response, parts, ...others } = camelObject(functionResponse) ?? {}
  const text = readResponse(response)
  const media = camelObjects(parts).map(decodeResultPart)
  return {
    type: 'tool-result',
    callId: readString(id) ?? '',
    name: readText(name),
    kind: 'function',
    content: text === '' ? media : [{ type: 'text', text }, ...media],
    extras: ownExtras({ ...rest, functionResponse: presentFields(others), [RESPONSE_TWIN]: response }),
  }
}

function decodeResultPart(part: Fields): ToolResultContent {
  const content = decodeAnswerPart(part)
  return content.type === 'reasoning' || content.type === 'tool-call' ? opaqueFor(part) : content
}

/** Under these names, alone in a response, clients give what a tool answered; text also under `content`. */
const WRAPPING_KEYS: ReadonlySet<string> = new Set(['output', 'result', 'error'])

/** Text under `error` says by itself that something went wrong: clients write warnings there too. */
function readResponse(response: unknown): string {
  if (!isObject(response)) return typeof response === 'string' ? response : jsonOf(response)
  const [key = '', ...more] = Object.keys(response)
  const value = response[key]
  if (more.length > 0) return jsonOf(response)
  if (typeof value === 'string' && (WRAPPING_KEYS.has(key) || key === 'content')) return value
  return jsonOf(WRAPPING_KEYS.has(key) ? value : response)
}

function jsonOf(value: unknown): string {
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
