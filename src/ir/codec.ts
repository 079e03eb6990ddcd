import type { Fault } from './fault.ts'
import type { JsonObject } from './json.ts'
import type { Protocol } from './protocol.ts'
import type { ModelRequest } from './request.ts'
import type { ModelEvent, ModelResponse } from './response.ts'
import type { Usage } from './usage.ts'

/** One step of a pipeline. Both methods are generators; the state is the closure's locals. Neither throws for what upstream sent. */
export interface Stage<In, Out> {
  /** Takes one input and gives what follows from it. */
  push(input: In): Iterable<Out>
  /** Says that no more input comes. */
  end(): Iterable<Out>
}

/** One server-sent event. `data` is the joined data lines, without the line ends. */
export interface Frame {
  readonly event?: string
  readonly data: string
}

/** Something that the target protocol has no word for and that was therefore left out or changed. */
export interface Loss {
  /** Where it stood in the IR, dotted: `turns.3.parts.0`. */
  readonly path: string
  /** Short and stable, in kebab-case: the header and the ledger of accepted losses name it. */
  readonly reason: string
}

/** Writes one streamed answer. */
export interface StreamEncoder extends Stage<ModelEvent, Frame> {
  /**
   * What tells a client that waits for events that the answer is still to come; at any time before the end, also before
   * anything was pushed. Absent where the edge's own bytes do.
   */
  keepAlive?(): Iterable<Frame>
}

export type OnLoss = (loss: Loss) => void

/** What an encoder of answers may not find out by itself: codecs know no clock and no randomness. */
export interface AnswerContext {
  /** The model's name as the client asked for it. */
  readonly model: string
  /** Unix time in seconds. */
  readonly createdAt: number
  /** A new unique id: the prefix followed by at least 20 characters of [0-9a-z]. */
  readonly newId: (prefix: string) => string
  /** The client wants usage in the stream (Chat's `stream_options.include_usage`). */
  readonly includeUsage: boolean
  /** Fields of the client's request, for protocols whose answers repeat them; of a large request only the short ones. */
  readonly asked: JsonObject
  readonly onLoss: OnLoss
}

/**
 * Both directions between one protocol's wire form and the IR. Pure: no I/O, clock, randomness or module state.
 *
 * Decoders of requests judge what a client sent: they throw. Decoders of answers read what an upstream sent: they
 * take what they can and turn the rest into one fault.
 */
export interface Codec {
  readonly protocol: Protocol
  /** Vendors announce an answer before they begin it: what follows the announcement may still be a fault alone. */
  readonly announces?: boolean
  /** Each event is an answer by itself: a body of JSON, one alone or an array, is a stream as well. */
  readonly streamsJson?: boolean
  /** Top-level fields of a request that no relay may pass on: the decoder has a word to say about them. */
  readonly judged?: readonly string[]
  /** Of a protocol whose bodies name no model and no mode, these are '' and false. @throws {Fault} invalid-request, naming the path, when the body is no request of this protocol. */
  decodeRequest(body: JsonObject): ModelRequest
  /** @throws {Fault} invalid-request when the request has no form in this protocol. */
  encodeRequest(request: ModelRequest, onLoss: OnLoss): JsonObject
  /** @throws {Fault} upstream when the body is no answer of this protocol, or the fault that a 200 answer smuggled. */
  decodeResponse(body: JsonObject): ModelResponse
  encodeResponse(response: ModelResponse, context: AnswerContext): JsonObject
  streamDecoder(): Stage<Frame, ModelEvent>
  streamEncoder(context: AnswerContext): StreamEncoder
  /** Reads an upstream's HTTP error. Never throws. `body` may be anything, HTML included. */
  decodeFault(status: number, headers: Headers, body: string): Fault
  encodeFault(fault: Fault): JsonObject
  /** A tap on an answer that is relayed as it is. */
  tap(): Tap
}

/**
 * Reads along an answer that is relayed as it is: cheaply, and only for what the proxy itself must know. Never throws.
 * A tap takes either the frames of a stream or one whole body.
 */
export interface Tap {
  pushFrame(frame: Frame): void
  pushBody(body: JsonObject): void
  readonly seen: TapSigns
}

/** What a tap has seen so far. */
export interface TapSigns {
  /** Anything of an answer that is no fault. */
  readonly hasContent: boolean
  /** The protocol's own mark of the end: nothing follows. */
  readonly isOver: boolean
  /** The answer is whole, should the stream end here: some vendors leave the mark of the end out. */
  readonly isComplete: boolean
  readonly usage: Usage | undefined
  readonly fault: Fault | undefined
}
