import type { Codec, Frame, StreamEncoder } from '../ir/codec.ts'
import { collect, createCollector, replay } from '../ir/collect.ts'
import { Fault } from '../ir/fault.ts'
import type { ModelEvent, ModelResponse } from '../ir/response.ts'
import { parseJson, readObject } from '../lib/json.ts'
import { createSseReader, writeSseLine, type SseReader } from '../lib/sse.ts'
import { createOpaqueCarrier } from '../protocols/shared/carry-opaque.ts'
import type { Pump, StreamAnswer } from './answer.ts'
import type { Trace } from './trace.ts'
import { ANSWER_BYTES_MAX, answerTooLarge } from './upstream.ts'

const BROKE_OFF = 'The upstream broke off its answer before it was complete.'

/** A pump that gives nothing but text. */
interface TextPump extends Pump {
  push(bytes: Uint8Array): string
  end(cause?: unknown): string
}

/**
 * Bytes of one protocol's stream in, text of another's out: one turn of work per network read. A fault that comes before
 * anything else is not written: another account may do better, with the same encoder.
 */
export function createTranslatePump(from: Codec, encoder: StreamEncoder, trace: Trace): TextPump {
  const sse = createSseReader()
  const decoder = from.streamDecoder()
  const carried = createOpaqueCarrier(trace.protocol, trace.onLoss)
  /** The announcement of an answer that has not begun. */
  let announced: ModelEvent | undefined
  let hasContent = false
  let isOver = false
  let fault: Fault | undefined
  const write = (events: Iterable<ModelEvent>): string => {
    let text = ''
    for (const event of events) {
      if (isOver) break
      if (event.type === 'start' && from.announces === true) {
        announced = event
        continue
      }
      if (event.type === 'fault') {
        fault = event.fault
        isOver = true
        if (!hasContent) return text
      } else if (event.type === 'finish') {
        trace.usage = event.usage
        isOver = true
      }
      if (event.type !== 'fault') hasContent = true
      if (announced) text += writeFrames(encoder.push(announced))
      announced = undefined
      for (const frame of encoder.push(carried(event))) text += writeSseLine(frame)
    }
    if (isOver) for (const frame of encoder.end()) text += writeSseLine(frame)
    return text
  }
  const fail = (message: string, cause: unknown): string =>
    isOver ? '' : write([{ type: 'fault', fault: new Fault('upstream', message, { cause }) }])
  const read = (step: () => ReturnType<SseReader['push']>): string => {
    let text = ''
    try {
      for (const frame of step()) {
        if (isOver) break
        text += write(decoder.push(frame))
      }
    } catch (error) {
      text += fail('The upstream sent a stream that cannot be read.', error)
    }
    return text
  }
  return {
    push: (bytes) => (isOver ? '' : read(() => sse.push(bytes))),
    end(cause) {
      if (isOver) return ''
      if (cause !== undefined) return fail(BROKE_OFF, cause)
      const text = read(() => sse.end()) + (isOver ? '' : write(decoder.end()))
      return isOver ? text : text + fail(BROKE_OFF, undefined)
    },
    keepAlive: () => (isOver ? '' : writeKeepAlive(encoder)),
    get hasContent() {
      return hasContent
    },
    get isOver() {
      return isOver
    },
    get fault() {
      return fault
    },
  }
}

/** The whole answer of an upstream that streams, for a client that does not want a stream. @throws {Fault} what ended the stream early. */
export async function collectStream(response: Response, from: Codec): Promise<ModelResponse> {
  const sse = createSseReader()
  const decoder = from.streamDecoder()
  const collector = createCollector()
  let isOver = false
  let total = 0
  const take = (events: Iterable<ModelEvent>): void => {
    for (const event of events) {
      if (isOver) return
      collector.push(event)
      isOver = event.type === 'finish' || event.type === 'fault'
    }
  }
  for await (const bytes of response.body ?? []) {
    total += bytes.byteLength
    if (total > ANSWER_BYTES_MAX) throw answerTooLarge()
    for (const frame of sse.push(bytes)) take(decoder.push(frame))
    // Some upstreams keep the connection open after their answer is complete.
    if (isOver) return collector.response()
  }
  for (const frame of sse.end()) take(decoder.push(frame))
  take(decoder.end())
  return collector.response()
}

/** One whole body as the answer it holds; an array holds the events of a stream. @throws {Fault} upstream when it is none. */
export function decodeWhole(text: string, from: Codec): ModelResponse {
  const value = parseJson(text)
  if (Array.isArray(value) && value.length > 0) return collect(decodeElements(value, from))
  const body = readObject(value)
  if (!body) throw new Fault('upstream', 'The upstream answered 200 with a body that is no JSON object.')
  return from.decodeResponse(body)
}

function* decodeElements(elements: readonly unknown[], from: Codec): Generator<ModelEvent> {
  const decoder = from.streamDecoder()
  for (const element of elements) yield* decoder.push({ data: JSON.stringify(element) })
  yield* decoder.end()
}

/** A whole answer as the stream that the client asked for. @param headers the upstream's own */
export function streamOf(response: ModelResponse, encoder: StreamEncoder, headers: Headers): StreamAnswer {
  let text = ''
  for (const event of replay(response)) text += writeFrames(encoder.push(event))
  text += writeFrames(encoder.end())
  const pump = { push: () => '', end: () => '', keepAlive: () => '', hasContent: true, isOver: true, fault: undefined }
  return { type: 'stream', head: [text], reader: undefined, pump, headers, close: () => undefined }
}

/** A fault as the end of a stream that has begun. */
export function encodeFaultEvent(fault: Fault, encoder: StreamEncoder): string {
  return writeFrames(encoder.push({ type: 'fault', fault })) + writeFrames(encoder.end())
}

/** What the encoder has to say to a client that waits; undefined where its protocol has no events for that. */
export function writeKeepAlive(encoder: StreamEncoder): string | undefined {
  return encoder.keepAlive && writeFrames(encoder.keepAlive())
}

function writeFrames(frames: Iterable<Frame>): string {
  let text = ''
  for (const frame of frames) text += writeSseLine(frame)
  return text
}
