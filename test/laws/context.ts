import type { AnswerContext, Codec, Loss } from '../../src/ir/codec.ts'
import { collect, replay } from '../../src/ir/collect.ts'
import type { ModelEvent, ModelResponse } from '../../src/ir/response.ts'
import { runStage } from './streams.ts'

/** A context without clock and randomness; what is lost goes into `losses`. */
export function contextFor(model: string, losses: Loss[]): AnswerContext {
  let ids = 0
  return {
    model,
    createdAt: 1_700_000_000,
    newId: (prefix) => `${prefix}${String(ids++).padStart(24, '0')}`,
    includeUsage: true,
    asked: {},
    onLoss: (loss) => losses.push(loss),
  }
}

/** An answer after one trip over a codec's wire, whole. */
export function overWire(codec: Codec, response: ModelResponse, losses: Loss[]): ModelResponse {
  const body = codec.encodeResponse(response, contextFor(response.model ?? 'm', losses))
  return codec.decodeResponse(JSON.parse(JSON.stringify(body)))
}

/** An answer after one trip over a codec's wire, as a stream. */
export function overStream(codec: Codec, response: ModelResponse, losses: Loss[]): ModelResponse {
  return collect(streamOver(codec, replay(response), contextFor(response.model ?? 'm', losses)))
}

/** Events written by a codec and read by it again. */
export function streamOver(codec: Codec, events: Iterable<ModelEvent>, context: AnswerContext): readonly ModelEvent[] {
  return runStage(codec.streamDecoder(), runStage(codec.streamEncoder(context), events))
}
