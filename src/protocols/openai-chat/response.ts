import type { AnswerContext } from '../../ir/codec.ts'
import { collect } from '../../ir/collect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { AnswerPart, ModelResponse } from '../../ir/response.ts'
import { readObject, readObjects } from '../../lib/json.ts'
import { brokenAnswer, readSmuggledFault } from './fault.ts'
import { readOwn } from './fields.ts'
import { writeFinish } from './finish.ts'
import { writeImage } from './image.ts'
import { writeCallSeals } from './reasoning.ts'
import { createAnswerReader } from './stream-in.ts'
import { detailsFor } from './stream-out.ts'
import { writeUsage } from './usage.ts'

/**
 * Reads a chat completion: as a stream of one chunk, so that both are read alike.
 *
 * @throws {Fault} upstream when the body is no answer, or the fault that it smuggled.
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export function decodeResponse(body: JsonObject): ModelResponse {
  const fault = readSmuggledFault(body)
  if (fault) throw fault
  const choices = readObjects(body['choices'])
  const choice = choices.find(({ index }) => index === 0) ?? choices[0]
  if (!choice) throw brokenAnswer('The upstream answered without a choice.', JSON.stringify(body))
  const { message, ...rest } = choice
  const reader = createAnswerReader()
  const chunk = { ...body, choices: [{ ...rest, delta: readObject(message) ?? {} }] }
  return collect([...reader.read(chunk), ...reader.done()])
}

/** Writes a chat completion. @see https://platform.openai.com/docs/api-reference/chat/object */
export function encodeResponse(response: ModelResponse, context: AnswerContext): JsonObject {
  const { id, model: _model, parts, finish, usage, extras, ...rest } = response
  rest satisfies Record<string, never>
  const { message, ...choice } = readOwn(finish.extras)
  const written = writeMessage(parts, context)
  return {
    id: id === undefined || id === '' ? context.newId('chatcmpl-') : id,
    object: 'chat.completion',
    created: context.createdAt,
    model: context.model,
    choices: [
      {
        index: 0,
        message: { ...written, ...readObject(message) },
        logprobs: null,
        finish_reason: writeFinish(finish, written.tool_calls !== undefined, context.onLoss),
        ...choice,
      },
    ],
    usage: usage && writeUsage(usage),
    ...readOwn(extras),
  }
}

interface AnswerMessage {
  readonly role: 'assistant'
  readonly content: string | null
  readonly refusal: string | null
  readonly [field: string]: unknown
}

function writeMessage(
  parts: readonly AnswerPart[],
  context: AnswerContext,
): AnswerMessage & { readonly tool_calls?: readonly JsonObject[] } {
  let content: string | undefined
  let refusal: string | undefined
  const thinking: Record<string, string> = {}
  const details: JsonObject[] = []
  const images: JsonObject[] = []
  const calls: JsonObject[] = []
  for (const [at, part] of parts.entries()) {
    const { seals = [] } = part
    switch (part.type) {
      case 'text':
        if (part.refusal === true) refusal = (refusal ?? '') + part.text
        else content = (content ?? '') + part.text
        details.push(...detailsFor(seals, undefined, details.length, { textChars: 0, calls: 0 }))
        break
      case 'reasoning': {
        const field = readOwn(part.extras)['field'] === 'reasoning' ? 'reasoning' : 'reasoning_content'
        if (part.text !== '') thinking[field] = (thinking[field] ?? '') + part.text
        const place = { textChars: content?.length ?? 0, calls: calls.length }
        details.push(...detailsFor(seals, part.text, details.length, place))
        break
      }
      case 'tool-call':
        calls.push(writeAnswerCall(part, context))
        break
      case 'media':
      case 'opaque': {
        const image = part.type === 'media' ? writeImage(part) : undefined
        if (image) images.push(image)
        else context.onLoss({ path: `parts.${at}`, reason: part.type === 'media' ? 'answer-media' : 'foreign-part' })
      }
    }
  }
  return {
    role: 'assistant',
    content: content ?? (calls.length > 0 || refusal !== undefined ? null : ''),
    refusal: refusal ?? null,
    ...thinking,
    reasoning_details: details.length > 0 ? details : undefined,
    images: images.length > 0 ? images : undefined,
    tool_calls: calls.length > 0 ? calls : undefined,
  }
}

function writeAnswerCall(
  { id, name, kind, input, seals = [] }: Extract<AnswerPart, { type: 'tool-call' }>,
  context: AnswerContext,
): JsonObject {
  const named =
    kind === 'custom'
      ? { custom: { name, input } }
      : { function: { name, arguments: input.trim() === '' ? '{}' : input } }
  return { id: id === '' ? context.newId('call_') : id, type: kind, ...named, extra_content: writeCallSeals(seals) }
}
