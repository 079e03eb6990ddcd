import type { AnswerContext, StreamEncoder } from '../ir/codec.ts'
import type { Fault } from '../ir/fault.ts'
import type { ResetHint } from '../pool/reset-hint.ts'

/** What is written to the client: text is UTF-8. */
export type Chunk = string | Uint8Array

/** What one client's answer is written with. */
export interface Writer {
  readonly context: AnswerContext
  /** The encoder of the client's stream; the same at each call. */
  readonly encoder: () => StreamEncoder
  /**
   * True when the encoder has written nothing while the client waited, and then it will not any more: the upstream's own
   * bytes are the client's stream. Else the answer must go on where the waiting ended.
   */
  readonly giveWay: () => boolean
}

/** An answer that is on its way. */
export interface PendingAnswer {
  /** Rejects with the fault that the client is to be told. */
  readonly answer: Promise<Answer>
  /** Events that tell a client that waits for a stream that it comes; undefined where there are none for now. */
  keepAlive(): string | undefined
  /** The fault as the end of a stream that has begun with keep-alives. */
  faultEvents(fault: Fault): string
}

/** What a client gets: one body, or a stream. */
export type Answer = WholeAnswer | StreamAnswer

export interface WholeAnswer {
  readonly type: 'whole'
  readonly text: string
  /** The upstream's own headers. */
  readonly headers: Headers
}

/**
 * A stream that has begun: `head` is known, the rest follows from what the reader gives. Whoever writes it reads,
 * pushes and writes in one loop: no promise stands between the network and the client but the reader's own.
 */
export interface StreamAnswer {
  readonly type: 'stream'
  readonly head: readonly Chunk[]
  /** Undefined when `head` is everything. */
  readonly reader: ByteReader | undefined
  readonly pump: Pump
  /** The upstream's own headers. */
  readonly headers: Headers
  /** Ends the upstream's side and settles the lease. Called exactly once, however the stream ended. */
  close(): void
}

export type ByteReader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>

/** Turns the upstream's bytes into the client's. Never throws. */
export interface Pump {
  push(bytes: Uint8Array): Chunk
  /** The upstream ended; `cause` says that it broke. What comes out says so to the client when the answer was not complete. */
  end(cause?: unknown): Chunk
  /** Events that tell a waiting client that the answer goes on: '' after its end, undefined where the protocol has none. */
  keepAlive(): string | undefined
  /** Anything of an answer came by that is no fault: what follows is the client's to see, faults included. */
  readonly hasContent: boolean
  /** The answer is complete or has failed: nothing more follows. */
  readonly isOver: boolean
  readonly fault: Fault | undefined
}

/** One account's try at a request. */
export type Tried = { readonly answer: Answer } | Failure

/** Why a try failed, before anything was written to the client. */
export interface Failure {
  readonly fault: Fault
  readonly hint?: ResetHint
}
