import type { JsonObject } from '../../ir/json.ts'
import type { ReasoningPart, Seal } from '../../ir/part.ts'
import { type Fields, parseJson, readObject, readObjects, readString, readText } from '../../lib/json.ts'
import { SEAL_MARK, type SealedPart, type SealedPlace, unwrapSeals, wrapSeals } from '../shared/seal.ts'

/**
 * Where vendors show the model's thinking, and expect it back: DeepSeek, Kimi, GLM and others in `reasoning_content`,
 * OpenRouter, Groq and others in `reasoning`, Mistral in content parts of type `thinking`.
 */
export type ReasoningField = 'reasoning_content' | 'reasoning' | 'thinking'

/** The seal that says in which field the thinking came and must go back. */
export function fieldSeal(field: ReasoningField): Seal {
  return { maker: 'openai-chat', kind: 'field', value: field }
}

/** The seal of `reasoning_details`, whole. */
export function detailsSeal(details: readonly Fields[]): Seal {
  return { maker: 'openai-chat', kind: 'details', value: JSON.stringify(details) }
}

/** The details that {@link detailsSeal} sealed. */
export function readDetailsSeal(value: string): readonly Fields[] {
  return readObjects(parseJson(value))
}

/** A tool call's `extra_content.google.thought_signature`, by which Google's compatible endpoint knows its thinking. */
export function readCallSeals(extraContent: unknown): readonly Seal[] | undefined {
  const { google } = readObject(extraContent) ?? {}
  const { thought_signature } = readObject(google) ?? {}
  const signature = readText(thought_signature)
  if (signature === undefined) return undefined
  return unwrapSeals(signature)?.seals ?? [{ maker: 'openai-chat', kind: 'thought-signature', value: signature }]
}

/** The `extra_content` of a call with these seals: a vendor's own signature as it was, foreign seals behind the mark. */
export function writeCallSeals(seals: readonly Seal[]): JsonObject | undefined {
  const own = seals.find(({ maker, kind }) => maker === 'openai-chat' && kind === 'thought-signature')
  const foreign = seals.filter(({ maker }) => maker !== 'openai-chat')
  if (!own && foreign.length === 0) return undefined
  return { google: { thought_signature: own?.value ?? wrapSeals({ seals: foreign }) } }
}

/**
 * The entry of `reasoning_details` that carries other vendors' seals. With `text` it stands for a reasoning part of
 * its own, without for the text of the message.
 */
export function wrappedDetail(sealed: SealedPart, index: number): JsonObject {
  return { type: 'reasoning.encrypted', data: wrapSeals(sealed), format: 'cliproxy', index }
}

/** The increments of a stream's details as one list: neighbours that continue each other are joined. */
export function appendDetails(into: Record<string, unknown>[], details: readonly Fields[]): void {
  for (const detail of details) {
    const last = into.at(-1)
    if (last && continues(last, detail)) {
      for (const key in detail) {
        const value = detail[key]
        const before = last[key]
        if ((key === 'text' || key === 'summary') && typeof value === 'string' && typeof before === 'string')
          last[key] = before + value
        else if (value !== null && value !== undefined) last[key] = value
      }
    } else into.push({ ...detail })
  }
}

/** Encrypted entries are whole; texts of one index go on until a signature closes them. */
function continues(last: Fields, next: Fields): boolean {
  const { type, index, id, data, signature } = last
  const { type: nextType, index: nextIndex, id: nextId, data: nextData } = next
  if (type !== nextType || index !== nextIndex || data !== undefined || nextData !== undefined) return false
  if (readText(signature) !== undefined) return false
  return id === undefined || nextId === undefined || id === null || nextId === null || id === nextId
}

/** What the details say in words. */
export function textOfDetails(details: readonly Fields[]): string {
  let said = ''
  for (const { text, summary } of details) said += readText(text) ?? readText(summary) ?? ''
  return said
}

/** A client's reasoning: parts of its own, and seals that belong to the text of the message. */
export interface MessageReasoning {
  readonly parts: readonly ReasoningPart[]
  /** Where each of the parts stood, as far as it was noted. */
  readonly places: readonly (SealedPlace | undefined)[]
  readonly textSeals: readonly Seal[]
}

/** Reads the thinking of an assistant message that a client brings back. */
export function readMessageReasoning(message: Fields): MessageReasoning {
  const { reasoning_details } = message
  const entries = readObjects(reasoning_details)
  const wrapped = entries.flatMap((entry) => unwrapDetail(entry) ?? [])
  const own = wrapped.length > 0 ? entries.filter((entry) => !isWrapped(entry)) : entries
  const textSeals = wrapped.filter(({ text }) => text === undefined).flatMap(({ seals }) => seals)
  const parts = wrapped.flatMap(({ seals, text }): ReasoningPart[] =>
    text === undefined ? [] : [{ type: 'reasoning', text, seals }],
  )
  if (parts.length === 0) return { parts: readPlainReasoning(message, own), places: [], textSeals }
  // What stands in the message's own reasoning field is the very text of these.
  return {
    parts: own.length > 0 ? [...parts, { type: 'reasoning', text: '', seals: [detailsSeal(own)] }] : parts,
    places: wrapped.flatMap(({ text, after }) => (text === undefined ? [] : [after])),
    textSeals,
  }
}

function readPlainReasoning(
  { reasoning_content, reasoning }: Fields,
  details: readonly Fields[],
): readonly ReasoningPart[] {
  const content = readText(reasoning_content)
  const plain = readText(reasoning)
  const text = content ?? plain
  const seals: Seal[] = []
  if (content !== undefined) seals.push(fieldSeal('reasoning_content'))
  if (plain !== undefined && plain === text) seals.push(fieldSeal('reasoning'))
  if (details.length > 0) seals.push(detailsSeal(details))
  return seals.length > 0 ? [{ type: 'reasoning', text: text ?? textOfDetails(details), seals }] : []
}

function isWrapped({ data, signature }: Fields): boolean {
  return readString(data)?.startsWith(SEAL_MARK) === true || readString(signature)?.startsWith(SEAL_MARK) === true
}

function unwrapDetail({ data, signature }: Fields): SealedPart | undefined {
  return unwrapSeals(readString(data) ?? '') ?? unwrapSeals(readString(signature) ?? '')
}
