import { parseObject, readObject, type Fields } from '../../src/lib/json.ts'

/** A client's socket, and all that came over it. */
export interface TestSocket {
  /** Sends an object as a frame of JSON, or a text as it is. */
  send(frame: object | string): void
  /** Asks, and gives all events of the answer, the last one included. */
  ask(own: object): Promise<readonly Fields[]>
  /** The next frame that nobody has taken. @throws {Error} when the socket closes before. */
  next(): Promise<Fields>
  /** Resolves with the code and the reason. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  close(): void
}

/** What ends an answer. */
const ENDS = new Set<unknown>(['response.completed', 'response.incomplete', 'response.failed', 'error'])

/** Opens a socket. @throws {Error} when it is refused. */
export async function openSocket(url: string, headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  const frames: Fields[] = []
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  socket.addEventListener('message', ({ data }) => {
    frames.push(parseObject(String(data)) ?? {})
    wake()
  })
  let isClosed = false
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => {
      isClosed = true
      resolve({ code, reason })
      wake()
    })
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('the socket was refused')))
  })
  const next = async (): Promise<Fields> => {
    for (;;) {
      const frame = frames.shift()
      if (frame) return frame
      if (isClosed) throw new Error('the socket is closed')
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  const send = (frame: object | string): void => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  return {
    send,
    next,
    closed,
    close: () => socket.close(),
    async ask(own) {
      send({ type: 'response.create', ...own })
      const events: Fields[] = []
      for (;;) {
        const event = await next()
        events.push(event)
        if (ENDS.has(event['type'])) return events
      }
    },
  }
}

/** The answer that the last event tells. */
export function answerIn(events: readonly Fields[]): Fields {
  return readObject(events.at(-1)?.['response']) ?? {}
}

/** What an answer says in words. */
export function saidIn(events: readonly Fields[]): string {
  return events.map(({ type, delta }) => (type === 'response.output_text.delta' ? String(delta) : '')).join('')
}
