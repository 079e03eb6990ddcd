import type { ByteReader, Chunk, Pump, StreamAnswer } from '../gateway/answer.ts'
import type { Framing } from './framing.ts'
import type { SilenceWatch } from './keep-alive.ts'
import type { Exchange } from './request-log.ts'

/** Bun's stream that writes straight to the socket; awaited writes bound what is buffered. */
export interface DirectController {
  write(chunk: string | Uint8Array): number | Promise<number>
  flush(): void
  close(): void
}

/** Writes the body of one answer. */
export interface BodyWriter {
  /** Takes whole events. A promise when the client is slow to take them. */
  write(chunk: Chunk): number | Promise<number>
  flush(): void
  /** Writes what tells the client that the answer is still to come. */
  readonly keepAlive: () => Promise<void>
  /** From now on keep-alives are these events; where there are none, the framing's own bytes. */
  waitWith(events: () => string | undefined): void
  /** Something was written: the silence begins anew. */
  readonly touch: () => void
  /** Nothing more is written: no silence counts any more. Called exactly once. */
  readonly end: () => void
}

/** @param keepAliveMs silence after which the client gets a keep-alive; 0: never. */
export function createBodyWriter(
  controller: DirectController,
  framing: Framing,
  keepAliveMs: number,
  silences: SilenceWatch,
): BodyWriter {
  let waiting: (() => string | undefined) | undefined
  const keepAlive = async (): Promise<void> => {
    const events = waiting?.()
    await controller.write(events === undefined ? framing.keepAlive : framing.push(events))
    controller.flush()
  }
  // A client that has left is told of by the stream itself.
  const { touch, end } = silences.watch(keepAliveMs, () => void keepAlive().catch(() => undefined))
  return {
    write(chunk) {
      const framed = framing.push(chunk)
      return framed.length > 0 ? controller.write(framed) : 0
    },
    flush: () => controller.flush(),
    keepAlive,
    waitWith(events) {
      waiting = events
    },
    touch,
    end,
  }
}

/** Ends an idle upstream that keeps its connection open after its answer is complete. */
const DRAIN_MS = 1000

/** Writes the stream to its end; one promise per network read and one per write. */
export async function writeStream(answer: StreamAnswer, writer: BodyWriter, exchange: Exchange): Promise<void> {
  const { head, reader, pump } = answer
  writer.waitWith(() => pump.keepAlive())
  try {
    for (const chunk of head) await writer.write(chunk)
    writer.flush()
    if (reader) await forward(reader, pump, writer, exchange)
  } catch (error) {
    // The upstream broke, or the client left: then nobody reads what is written here.
    const chunk = pump.end(error ?? new Error('the connection broke'))
    if (chunk.length > 0) await writer.write(chunk)
  } finally {
    answer.close()
    if (reader && pump.isOver) drain(reader)
  }
}

async function forward(reader: ByteReader, pump: Pump, writer: BodyWriter, exchange: Exchange): Promise<void> {
  while (!pump.isOver) {
    const { done, value } = await reader.read()
    const startedAt = performance.now()
    const chunk = done ? pump.end() : pump.push(value)
    exchange.streamMs += performance.now() - startedAt
    writer.touch()
    if (chunk.length > 0) {
      const written = writer.write(chunk)
      writer.flush()
      if (typeof written !== 'number') await written
    }
    if (done) return
  }
}

/** Reads to the end of an answer that is complete, so that its connection can be used again. */
function drain(reader: ByteReader): void {
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), DRAIN_MS)
  const readOn = async (): Promise<void> => {
    for (;;) if ((await reader.read()).done) return
  }
  readOn()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer))
}
