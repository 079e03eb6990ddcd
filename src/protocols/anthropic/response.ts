import type { AnswerContext } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { AnswerPart, ModelResponse } from '../../ir/response.ts'
import { readObject, readText, type Fields } from '../../lib/json.ts'
import { answerBlocks, createCallIds } from './answer-out.ts'
import { decodeAnswerBlock, listBlocks, ownExtras } from './blocks-in.ts'
import { brokenAnswer, decodeStreamFault } from './fault.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

/** @throws {Fault} upstream when the body is no message, or the fault that a 200 answer smuggled. */
export function decodeResponse(body: JsonObject): ModelResponse {
  const {
    type: _type,
    role: _role,
    id,
    model,
    content,
    stop_reason,
    stop_sequence,
    stop_details,
    usage,
    error,
    ...rest
  } = body
  if (isFault(body)) throw decodeStreamFault(body)
  if (!Array.isArray(content) && typeof content !== 'string')
    throw brokenAnswer('The upstream answered 200 with a body that is no message.', JSON.stringify(body))
  const parts = listBlocks(content).map(decodeAnswerBlock)
  return {
    id: readText(id),
    model: readText(model),
    extras: headExtras(error === undefined ? rest : { ...rest, error }),
    parts,
    finish: decodeFinish({ stop_reason, stop_sequence, stop_details }, parts.some(isCall)),
    usage: decodeUsage(readObject(usage)),
  }
}

export function encodeResponse(response: ModelResponse, context: AnswerContext): JsonObject {
  const { id, model, extras, parts, finish, usage, ...rest } = response
  rest satisfies Record<string, never>
  const callId = createCallIds(context.newId)
  return {
    id: id === undefined || id === '' ? context.newId('msg_') : id,
    type: 'message',
    role: 'assistant',
    model: context.model || model,
    content: parts.flatMap((part, index) => answerBlocks(part, `parts.${index}`, callId, context.onLoss)),
    ...encodeFinish(finish, parts.some(isCall)),
    usage: encodeUsage(usage),
    ...extras?.anthropic,
  }
}

/** True for an error that came in place of an answer. */
export function isFault({ type, error }: Fields): boolean {
  return type === 'error' || (error !== undefined && error !== null)
}

/** What else stands in a message: fields that are null say nothing. */
export function headExtras(rest: Fields): ModelResponse['extras'] {
  return ownExtras(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)))
}

function isCall({ type }: AnswerPart): boolean {
  return type === 'tool-call'
}
