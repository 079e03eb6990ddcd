import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { createElementReader, type ElementReader } from './json-elements.ts'

/** One server-sent event as it is written. */
export interface SseEvent {
  readonly event?: string | undefined
  readonly data: string
}

/** Characters that one unfinished event may hold: an upstream's longest event is a whole image. */
export const EVENT_CHARS_MAX = 64 * 1024 * 1024

/** Reads a stream of bytes as server-sent events, however it is cut. */
export interface SseReader {
  /** The events that these bytes completed. */
  push(bytes: Uint8Array): readonly SseEvent[]
  /** The event that the end of the stream completed, if any. */
  end(): readonly SseEvent[]
  /** The body is no event stream but a JSON array: its elements are the events. */
  readonly isArray: boolean
}

/**
 * A body that does not speak SSE at all (a bare JSON error under `text/event-stream`, an HTML page) comes out as one
 * event at the end, so that whoever decodes the events can say what it holds. A JSON array comes out element by element,
 * as Google streams unless it is asked for events.
 *
 * @throws {Error} when one event exceeds {@link EVENT_CHARS_MAX}.
 */
export function createSseReader(): SseReader {
  const decoder = new TextDecoder()
  let events: EventSourceMessage[] = []
  /** Undefined until the first character that is not white space told. */
  let form: Form | undefined
  let foreign = ''
  /** Reads an array, should the body be one. */
  let elements: ElementReader | undefined
  const parser = createParser({
    maxBufferSize: EVENT_CHARS_MAX,
    onEvent: (event) => events.push(event),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw error
    },
  })
  const feed = (text: string): readonly SseEvent[] => {
    form ??= formOf(text)
    if (form === 'array') return (elements ??= createElementReader(EVENT_CHARS_MAX)).push(text).map(asEvent)
    if (form === 'foreign') {
      foreign += text
      if (foreign.length > EVENT_CHARS_MAX) throw new Error('the body is no event stream and too large')
      return []
    }
    parser.feed(text)
    // The parser goes on filling its list: it is given away only when another one takes its place.
    if (events.length === 0) return NO_EVENTS
    const complete = events
    events = []
    return complete
  }
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end() {
      if (form === 'foreign') return [{ data: foreign + decoder.decode() }]
      if (form === 'array') return [...feed(decoder.decode()), ...(elements?.end() ?? []).map(asEvent)]
      return feed(`${decoder.decode()}\n\n`)
    },
    get isArray() {
      return form === 'array'
    },
  }
}

const NO_EVENTS: readonly SseEvent[] = []

type Form = 'events' | 'array' | 'foreign'

function formOf(text: string): Form | undefined {
  const first = text.trimStart()[0]
  if (first === undefined) return undefined
  if (first === '[') return 'array'
  return first === '{' || first === '<' ? 'foreign' : 'events'
}

function asEvent(data: string): SseEvent {
  return { data }
}

/** The text of one event, ready to be sent, whatever its data. */
export function writeSse(frame: SseEvent): string {
  const { event, data } = frame
  return data.includes('\n')
    ? writeSseLine({ event, data: data.replaceAll(/\r?\n/g, '\ndata: ') })
    : writeSseLine(frame)
}

/** The same of data without line ends, as JSON is: to look for some would cost as much as the rest of the event. */
export function writeSseLine({ event, data }: SseEvent): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}
