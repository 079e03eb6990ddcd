import { createSseReader, type SseEvent } from '../../src/lib/sse.ts'

/** A stream that a client reads as far as the test wants. */
export interface StreamReading {
  readonly response: Response
  /** Everything that was read so far. */
  text(): string
  /** Reads on until the text holds this. @throws {Error} when the stream ends before. */
  until(wanted: string | RegExp): Promise<string>
  /** Reads to the end; a broken connection counts as one. */
  rest(): Promise<string>
}

export function readStream(response: Response): StreamReading {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let read = ''
  const step = async (): Promise<boolean> => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (value) read += decoder.decode(value, { stream: true })
    return !done
  }
  return {
    response,
    text: () => read,
    async until(wanted) {
      while (typeof wanted === 'string' ? !read.includes(wanted) : !wanted.test(read)) {
        if (!(await step())) throw new Error(`the stream ended before ${String(wanted)}: ${read}`)
      }
      return read
    },
    async rest() {
      try {
        while (await step());
      } catch (error) {
        read += `[broken: ${error instanceof Error ? error.message : String(error)}]`
      }
      return read
    },
  }
}

/** The events of a text; comments are none. */
export function eventsOf(text: string): readonly SseEvent[] {
  const reader = createSseReader()
  return [...reader.push(new TextEncoder().encode(text)), ...reader.end()]
}
