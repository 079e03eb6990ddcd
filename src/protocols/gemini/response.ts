import type { AnswerContext } from '../../ir/codec.ts'
import { collect } from '../../ir/collect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { AnswerPart, ModelResponse } from '../../ir/response.ts'
import { parseJson, readObject, readText, type Fields } from '../../lib/json.ts'
import { createAnswerReader } from './answer-in.ts'
import { brokenAnswer, decodeStreamFault, isFault } from './fault.ts'
import { finishWord } from './finish.ts'
import { clientSignatures, encodePart, readOwn, signPart } from './part-out.ts'
import { encodeUsage } from './usage.ts'

/**
 * Reads an answer: as a stream of one chunk, so that both are read alike.
 *
 * @throws {Fault} upstream when the body is no answer, or the fault that it smuggled.
 * @see https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
 */
export function decodeResponse(body: JsonObject): ModelResponse {
  if (isFault(body)) throw decodeStreamFault(body)
  const reader = createAnswerReader()
  const events = reader.read(body)
  if (!reader.hasAnswer())
    throw brokenAnswer('The upstream answered 200 with a body that holds no candidate.', JSON.stringify(body))
  return collect([...events, ...reader.done()])
}

export function encodeResponse(response: ModelResponse, context: AnswerContext): JsonObject {
  const { id, model, parts, finish, usage, extras, ...rest } = response
  rest satisfies Record<string, never>
  const own = readOwn(extras)
  const usageMetadata = usage ? encodeUsage(usage) : own['usageMetadata']
  const names = { modelVersion: context.model || model, responseId: id || context.newId('') }
  if (parts.length === 0 && isBlocked(finish, own)) return { usageMetadata, ...names, ...own }
  const said = parts.flatMap((part, index) => {
    const written = encodeAnswerPart(part, `parts.${index}`, context.onLoss)
    return finish.reason === 'length' && index === parts.length - 1 && isBroken(part) ? [] : written
  })
  const content = { role: 'model', parts: said }
  const candidate = { content, finishReason: finishWord(finish), index: 0, ...readOwn(finish.extras) }
  return { candidates: [candidate], usageMetadata, ...names, ...own }
}

/** True when the vendor refused the prompt and therefore gave no candidate. */
export function isBlocked({ raw }: ModelResponse['finish'], own: Fields): boolean {
  const { blockReason } = readObject(own['promptFeedback']) ?? {}
  return raw?.protocol === 'gemini' && readText(blockReason) === raw.word
}

/**
 * True for a call whose input broke off. Where the limit on the answer's length cut it, it is left out: clients run what
 * they get, and half a file would be written. Any other is mended.
 */
export function isBroken(part: AnswerPart): boolean {
  return (
    part.type === 'tool-call' &&
    part.kind === 'function' &&
    part.input.trim() !== '' &&
    parseJson(part.input) === undefined
  )
}

/** The parts of one part of an answer: further signatures stand on parts of their own. */
export function encodeAnswerPart(part: AnswerPart, path: string, onLoss: AnswerContext['onLoss']): readonly Fields[] {
  if (part.type === 'text' && part.refusal === true) onLoss({ path, reason: 'refusal-as-text' })
  const written = encodePart(part, () => onLoss({ path: `${path}.input`, reason: 'tool-input' }))
  if (!written && part.type === 'media') onLoss({ path, reason: 'answer-media' })
  if (!written && part.type === 'opaque') onLoss({ path, reason: 'foreign-opaque' })
  return signPart(written, clientSignatures(part.seals, part.type === 'reasoning' && part.text === ''))
}
