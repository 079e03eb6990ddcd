import type { AnswerContext, Codec, Frame, StreamEncoder } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelEvent } from '../../ir/response.ts'
import { invalidField, kindOf } from '../shared/fields.ts'
import { isObject } from '../../lib/json.ts'
import { gemini } from './index.ts'

/**
 * Gemini's API as Gemini CLI asks for it after a login with Google: each body in an envelope, the model beside it.
 *
 * @see https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/code_assist/converter.ts
 */
export const codeAssist: Codec = {
  ...gemini,
  decodeRequest: ({ request }) => gemini.decodeRequest(requestIn(request)),
  encodeResponse: (response, context) => ({ response: gemini.encodeResponse(response, context) }),
  streamEncoder: wrappedEncoder,
}

function requestIn(request: unknown): JsonObject {
  if (!isObject(request)) throw invalidField('request', `must be an object, not ${kindOf(request)}.`)
  // The CLI's session is none of Gemini's API.
  const { session_id: _session, sessionId: _same, ...asked } = request
  return asked
}

function wrappedEncoder(context: AnswerContext): StreamEncoder {
  const encoder = gemini.streamEncoder(context)
  return {
    // Faults have no envelope.
    push: (event: ModelEvent) => (event.type === 'fault' ? encoder.push(event) : wrapFrames(encoder.push(event))),
    end: () => wrapFrames(encoder.end()),
  }
}

function* wrapFrames(frames: Iterable<Frame>): Generator<Frame> {
  for (const { data } of frames) yield { data: `{"response":${data}}` }
}
