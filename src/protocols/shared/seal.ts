import type { Seal } from '../../ir/part.ts'
import { PROTOCOLS } from '../../ir/protocol.ts'
import { parseJson, readObject, readObjects, readString } from '../../lib/json.ts'

/** What stands before a foreign seal in a client's own opaque field. */
export const SEAL_MARK = 'seal.v1.'

/** How base64 of the mark begins: clients of Gemini decode its signatures and encode them again. */
const SEAL_MARK_BASE64 = 'c2VhbC52MS'

/** False for a body that holds no foreign seal. */
export function hasSeals(body: string): boolean {
  return body.includes(SEAL_MARK) || body.includes(SEAL_MARK_BASE64)
}

/** What one opaque field of a client carries for other vendors. */
export interface SealedPart {
  readonly seals: readonly Seal[]
  /** The reasoning text that the seals belong to, where the client's protocol would not bring it back beside them. */
  readonly text?: string
  /** Where it stood, in a client's protocol that keeps no order among thinking, text and calls. */
  readonly after?: SealedPlace
}

/** What of the same message came before it. */
export interface SealedPlace {
  /** Characters (UTF-16 units) of text. */
  readonly textChars: number
  /** Number of calls. */
  readonly calls: number
}

/** A text that a client keeps without reading: the mark, then base64url of JSON. */
export function wrapSeals(sealed: SealedPart): string {
  return SEAL_MARK + Buffer.from(JSON.stringify(sealed)).toString('base64url')
}

/** What {@link wrapSeals} wrapped; undefined for anything else, a client's or vendor's own opaque text included. */
export function unwrapSeals(wrapped: string): SealedPart | undefined {
  if (!wrapped.startsWith(SEAL_MARK)) return undefined
  return readSealed(Buffer.from(wrapped.slice(SEAL_MARK.length), 'base64url').toString())
}

function readSealed(json: string): SealedPart {
  const value = readObject(parseJson(json))
  if (!value) return { seals: [] }
  const { seals, text, after } = value
  const read = readObjects(seals).flatMap(({ maker, kind, value: secret }): Seal[] => {
    const protocol = PROTOCOLS.find((name) => name === maker)
    return protocol && typeof kind === 'string' && typeof secret === 'string'
      ? [{ maker: protocol, kind, value: secret }]
      : []
  })
  return { seals: read, text: readString(text), after: readPlace(after) }
}

/** The same for a field that holds bytes as base64: mark and JSON, encoded once. */
export function wrapSealsAsBytes(sealed: SealedPart): string {
  return Buffer.from(SEAL_MARK + JSON.stringify(sealed)).toString('base64')
}

/** What {@link wrapSealsAsBytes} wrapped, in either alphabet of base64; undefined for anything else. */
export function unwrapSealsFromBytes(wrapped: string): SealedPart | undefined {
  if (!wrapped.startsWith(SEAL_MARK_BASE64)) return undefined
  const text = Buffer.from(wrapped, 'base64').toString()
  return text.startsWith(SEAL_MARK) ? readSealed(text.slice(SEAL_MARK.length)) : undefined
}

function readPlace(value: unknown): SealedPlace | undefined {
  const { textChars, calls } = readObject(value) ?? {}
  return typeof textChars === 'number' && typeof calls === 'number' ? { textChars, calls } : undefined
}
