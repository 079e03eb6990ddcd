import type { AnswerContext } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelResponse, ResponseHead } from '../../ir/response.ts'
import { type Fields, readObjects, readText } from '../../lib/json.ts'
import { writeAnswer } from './envelope.ts'
import { brokenAnswer, readSmuggledFault } from './fault.ts'
import { decodeEnding, encodeEnding, readEnding } from './finish.ts'
import { decodeItem } from './item-in.ts'
import { encodeItems } from './items-out.ts'
import { readUsage } from './usage.ts'

/**
 * Reads a response.
 *
 * @throws {Fault} upstream when the body is no response, or the fault that it smuggled.
 * @see https://platform.openai.com/docs/api-reference/responses/object
 */
export function decodeResponse(body: JsonObject): ModelResponse {
  const fault = readSmuggledFault(body)
  if (fault) throw fault
  if (!isResponse(body))
    throw brokenAnswer('The upstream answered 200 with a body that is no response.', JSON.stringify(body))
  const parts = readObjects(body['output']).flatMap(decodeItem)
  const hasCall = parts.some(({ type }) => type === 'tool-call')
  return {
    ...decodeHead(body),
    parts,
    finish: decodeEnding(readEnding(body, 'completed'), hasCall),
    usage: readUsage(body['usage']),
  }
}

/** Writes a response. @see https://platform.openai.com/docs/api-reference/responses/object */
export function encodeResponse(response: ModelResponse, context: AnswerContext): JsonObject {
  const { id, model: _model, parts, finish, usage, extras, ...rest } = response
  rest satisfies Record<string, never>
  const ending = encodeEnding(finish, context.onLoss)
  const items = encodeItems(parts, ending, context)
  const responseId = id === undefined || id === '' ? context.newId('resp_') : id
  return writeAnswer({ id: responseId, ending, output: items, usage, extras }, context)
}

/** True for an answer's object, whatever it says. */
export function isResponse({ object, output }: Fields): boolean {
  return object === 'response' || Array.isArray(output)
}

/** What stands around the items of a response; its fields that nobody reads are kept as they are. */
export function decodeHead({
  id,
  object: _object,
  model,
  status: _status,
  output: _output,
  output_text: _text,
  usage: _usage,
  error: _error,
  incomplete_details: _details,
  ...rest
}: Fields): ResponseHead {
  const extras = Object.keys(rest).length === 0 ? undefined : { 'openai-responses': rest }
  return { id: readText(id), model: readText(model), extras }
}
