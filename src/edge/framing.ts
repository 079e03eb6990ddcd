import type { Chunk } from '../gateway/answer.ts'
import type { Protocol } from '../ir/protocol.ts'
import { createSseReader, type SseEvent } from '../lib/sse.ts'

/** How the events of one stream become the body of its answer. */
export interface Framing {
  readonly contentType: string
  /** What keeps a silent stream alive, where the protocol's own events do not. */
  readonly keepAlive: string
  /** Takes whole events as server-sent events. */
  push(chunk: Chunk): Chunk
  /** What closes the body. */
  end(): string
}

/** What keeps a silent stream alive, in the one form that every client of the protocol survives. */
const KEEP_ALIVE: Readonly<Record<Protocol, string>> = {
  anthropic: 'event: ping\ndata: {"type": "ping"}\n\n',
  'openai-chat': ': keep-alive\n\n',
  // Its encoder has events of its own for this; a comment does not count as a sign of life for Codex.
  'openai-responses': ': keep-alive\n\n',
  gemini: '\r\n',
}

/** Server-sent events, as they come. */
export function createSseFraming(protocol: Protocol): Framing {
  return { contentType: 'text/event-stream', keepAlive: KEEP_ALIVE[protocol], push: (chunk) => chunk, end: () => '' }
}

/**
 * A JSON array of the events' data, as Google streams where nobody asks for `alt=sse`; the data are not parsed.
 *
 * @see https://cloud.google.com/apis/docs/system-parameters
 */
export function createArrayFraming(): Framing {
  const sse = createSseReader()
  let count = 0
  const write = (events: readonly SseEvent[]): string => {
    let text = ''
    for (const { data } of events) text += `${count++ === 0 ? '[' : '\n,\r\n'}${data}`
    return text
  }
  return {
    contentType: 'application/json',
    keepAlive: '\n',
    push: (chunk) => write(sse.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)),
    end: () => `${write(sse.end())}${count === 0 ? '[' : '\n'}]`,
  }
}

/** An answer that is no stream. */
export const BARE_BODY: Framing = {
  contentType: 'application/json',
  keepAlive: '\n',
  push: (chunk) => chunk,
  end: () => '',
}
