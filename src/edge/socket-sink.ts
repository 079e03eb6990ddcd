import type { ServerWebSocket } from 'bun'
import { Fault } from '../ir/fault.ts'
import { createSseReader, type SseEvent } from '../lib/sse.ts'
import type { DirectController } from './write-stream.ts'

/** Writes to one socket, as fast as its client reads. */
export interface SocketSink {
  /** Sends one frame. A promise when the client is slow to take it. @throws {Fault} cancelled when it has left. */
  send(text: string): void | Promise<void>
  /** A sink of one answer: server-sent events in, the data of each as a frame out. */
  answerSink(): DirectController
  /** True while something waits for the client to read it. */
  isFull(): boolean
  /** Ends the socket. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 for the codes */
  close(code: number, reason: string): void
  /** What waited has left. */
  drained(): void
  closed(): void
}

/** What ends Chat's streams, and those of some upstreams; a socket goes on. */
const DONE = '[DONE]'

export function createSocketSink(
  socket: Pick<ServerWebSocket<unknown>, 'send' | 'getBufferedAmount' | 'close'>,
): SocketSink {
  let isClosed = false
  let waiting: PromiseWithResolvers<void> | undefined
  const untilDrained = (): Promise<void> => (waiting ??= Promise.withResolvers<void>()).promise
  const send = (text: string): void | Promise<void> => {
    if (isClosed) throw hasLeft()
    // What is queued beyond the limit would be dropped.
    if (socket.getBufferedAmount() > 0) return untilDrained().then(() => send(text))
    const sent = socket.send(text)
    if (sent === 0) throw hasLeft()
    return sent > 0 ? undefined : untilDrained()
  }
  /** Sends in turn; a promise once the client is slow. */
  const sendAll = (events: readonly SseEvent[]): number | Promise<number> => {
    for (const [at, { data }] of events.entries()) {
      if (data === DONE) continue
      const sent = send(data)
      if (sent) return sent.then(() => sendAll(events.slice(at + 1)))
    }
    return 0
  }
  return {
    send,
    answerSink() {
      const sse = createSseReader()
      return {
        write: (chunk) => sendAll(sse.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)),
        flush: () => undefined,
        close: () => undefined,
      }
    },
    isFull: () => socket.getBufferedAmount() > 0,
    close: (code, reason) => socket.close(code, reason),
    drained() {
      waiting?.resolve()
      waiting = undefined
    },
    closed() {
      isClosed = true
      // Whoever waits finds out with the next frame.
      waiting?.resolve()
      waiting = undefined
    },
  }
}

function hasLeft(): Fault {
  return new Fault('cancelled', 'The client closed the socket.')
}
