import type { Seal } from '../../ir/part.ts'
import { PROTOCOLS } from '../../ir/protocol.ts'
import { parseJson, readObject, readObjects, readString } from '../../lib/json.ts'

/** What stands before a foreign seal in a client's own opaque field. A body without it holds no foreign seal. */
export const SEAL_MARK = 'seal.v1.'

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
  const value = readObject(parseJson(Buffer.from(wrapped.slice(SEAL_MARK.length), 'base64url').toString()))
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

function readPlace(value: unknown): SealedPlace | undefined {
  const { textChars, calls } = readObject(value) ?? {}
  return typeof textChars === 'number' && typeof calls === 'number' ? { textChars, calls } : undefined
}
