import type { AnswerContext, Loss } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { ModelEvent } from '../../../src/ir/response.ts'
import { parseObject, type Fields } from '../../../src/lib/json.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'

/** A context whose ids are the same in every run. */
export function contextFor(losses: Loss[] = []): AnswerContext {
  return {
    model: 'm',
    createdAt: 0,
    newId: (prefix) => `${prefix}${'0'.repeat(20)}`,
    includeUsage: true,
    asked: {},
    onLoss: (loss) => void losses.push(loss),
  }
}

/** A chunk whose one candidate has these parts. */
export function chunkOf(parts: readonly JsonObject[], finishReason?: string): JsonObject {
  return { candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }] }
}

/** The events of a stream whose frames hold these values. */
export function decodeStream(chunks: readonly unknown[]): readonly ModelEvent[] {
  const decoder = gemini.streamDecoder()
  return [
    ...chunks.flatMap((chunk) => [
      ...decoder.push({ data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk) }),
    ]),
    ...decoder.end(),
  ]
}

/** What a stream of these events says to a client, chunk by chunk. */
export function encodeStream(events: readonly ModelEvent[], losses: Loss[] = []): readonly Fields[] {
  const encoder = gemini.streamEncoder(contextFor(losses))
  const frames = [...events.flatMap((event) => [...encoder.push(event)]), ...encoder.end()]
  return frames.map(({ data }) => parseObject(data) ?? {})
}
