import type { AnswerContext } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelResponse } from '../../ir/response.ts'
import { Fault } from '../../ir/fault.ts'

export function decodeResponse(_body: JsonObject): ModelResponse {
  throw new Fault('not-implemented', 'not written yet')
}

export function encodeResponse(_response: ModelResponse, _context: AnswerContext): JsonObject {
  throw new Fault('not-implemented', 'not written yet')
}
