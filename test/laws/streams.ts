import type { Codec, Stage } from '../../src/ir/codec.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import type { ModelEvent } from '../../src/ir/response.ts'
import { parseObject, readObject, readObjects, readText, type Fields } from '../../src/lib/json.ts'
import { createSseReader, type SseEvent } from '../../src/lib/sse.ts'

/** Streams up to so many bytes are cut at every byte, longer ones at a fixed sample. */
const EVERY_BYTE_MAX = 2500
const SAMPLE = 150

/** The events that a codec reads from the pieces of a stream, its end included. */
export function decodeStream(codec: Codec, pieces: readonly Uint8Array[]): readonly ModelEvent[] {
  const decoder = codec.streamDecoder()
  const events: ModelEvent[] = []
  for (const frame of readFrames(pieces)) events.push(...decoder.push(frame))
  events.push(...decoder.end())
  return events
}

/** What a stage gives for all its inputs, its end included. */
export function runStage<In, Out>(stage: Stage<In, Out>, inputs: Iterable<In>): readonly Out[] {
  const outputs: Out[] = []
  for (const input of inputs) outputs.push(...stage.push(input))
  outputs.push(...stage.end())
  return outputs
}

/** The events of a text that nobody cut. */
export function readFrames(pieces: readonly Uint8Array[]): readonly SseEvent[] {
  const reader = createSseReader()
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

/** Events as values that can be compared: a fault by what a client sees of it. */
export function comparable(events: readonly ModelEvent[]): readonly unknown[] {
  return events.map((event) => {
    if (event.type !== 'fault') return event
    const { kind, status, code, param, message } = event.fault
    return { type: 'fault', kind, status, code, param, message }
  })
}

/** Places to cut `length` bytes in two: all of them, or a sample that hits every residue. */
export function cutsOf(length: number): readonly number[] {
  if (length <= EVERY_BYTE_MAX) return Array.from({ length: Math.max(0, length - 1) }, (_, at) => at + 1)
  const step = (length - 1) / SAMPLE
  return Array.from({ length: SAMPLE }, (_, at) => 1 + Math.floor(at * step))
}

/** Cut after every `size` bytes. */
export function piecesOf(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

/** Whether the vendor said by then that its answer is complete. */
export function hasEndMark(protocol: Protocol, frames: readonly SseEvent[]): boolean {
  return frames.some(({ data }) => {
    if (protocol === 'openai-chat' && data.trim() === '[DONE]') return true
    const event = parseObject(data) ?? {}
    if (protocol === 'anthropic') {
      const { type, delta, message } = event
      const { stop_reason: ended } = readObject(delta) ?? readObject(message) ?? {}
      return type === 'message_stop' || readText(ended) !== undefined
    }
    if (protocol === 'openai-responses')
      return RESPONSES_ENDS.has(String(event['type'])) || event['status'] === 'completed'
    if (protocol === 'gemini') return isGeminiEnd(readObject(event['response']) ?? event)
    const { choices, object } = event
    if (object === 'chat.completion.done') return true
    return readObjects(choices).some(({ finish_reason: reason }) => typeof reason === 'string')
  })
}

const RESPONSES_ENDS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.done'])

function isGeminiEnd({ candidates, promptFeedback }: Fields): boolean {
  const { blockReason } = readObject(promptFeedback) ?? {}
  const [first] = readObjects(candidates)
  const { finishReason, finish_reason } = first ?? {}
  return [blockReason, finishReason, finish_reason].some((word) => readText(word) !== undefined)
}
