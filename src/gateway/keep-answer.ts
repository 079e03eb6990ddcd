import { type Fields, parseObject, parseJson, readArray, readObject, readText } from '../lib/json.ts'
import { scanFields, spliceFields } from '../lib/json-scan.ts'
import { createSseReader } from '../lib/sse.ts'
import type { KeptResponse } from '../state/response-table.ts'
import type { Answer, Chunk, Pump, StreamAnswer } from './answer.ts'

/** What a keeper sees of an answer that came to its end: a whole one, or the events that tell all of a streamed one. */
export type Told = { readonly whole: string } | { readonly events: readonly Chunk[] }

/** Events of a stream that are worth keeping. */
const ITEM_DONE = 'response.output_item.done'
const ENDINGS: readonly string[] = ['response.completed', 'response.incomplete']

/**
 * The same answer, with an ear on it: what was told is known when it is over, and only when it came to its end.
 *
 * @param rewrite changes what the client sees.
 */
export function listenTo(answer: Answer, onEnd: (told: Told) => void, rewrite?: (chunk: Chunk) => Chunk): Answer {
  if (answer.type === 'whole') {
    const text = rewrite ? String(rewrite(answer.text)) : answer.text
    onEnd({ whole: text })
    return rewrite ? { ...answer, text } : answer
  }
  return listenToStream(answer, onEnd, rewrite)
}

function listenToStream(
  answer: StreamAnswer,
  onEnd: (told: Told) => void,
  rewrite: ((chunk: Chunk) => Chunk) | undefined,
): StreamAnswer {
  const { pump } = answer
  /** Chunks that hold whole items; a vendor may leave them out of the last event. */
  const events: Chunk[] = []
  /** The last one: only that holds the end. */
  let last: Chunk = ''
  const hear = (chunk: Chunk): Chunk => {
    if (chunk.length === 0) return chunk
    const shown = rewrite ? rewrite(chunk) : chunk
    if (last.length > 0 && holds(last, ITEM_DONE)) events.push(last)
    last = shown
    return shown
  }
  const head = answer.head.map(hear)
  const heard: Pump = {
    push: (bytes) => hear(pump.push(bytes)),
    end: (cause) => hear(pump.end(cause)),
    keepAlive: () => pump.keepAlive(),
    get hasContent() {
      return pump.hasContent
    },
    get isOver() {
      return pump.isOver
    },
    get fault() {
      return pump.fault
    },
  }
  return {
    ...answer,
    head,
    pump: heard,
    close() {
      answer.close()
      if (pump.isOver && !pump.fault) onEnd({ events: [...events, last] })
    },
  }
}

function holds(chunk: Chunk, word: string): boolean {
  if (typeof chunk === 'string') return chunk.includes(word)
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).includes(word)
}

/** What is kept of an answer; undefined when it has no end (one that is made in the background), or no id to name it by. */
export function readKept(request: string, previous: string | undefined, told: Told): KeptResponse | undefined {
  const answer = 'whole' in told ? told.whole : answerIn(told.events)
  const fields = answer === undefined ? undefined : scanFields(answer)?.fields
  const at = fields?.get('id')
  const id = answer !== undefined && at ? readText(parseJson(answer.slice(at.start, at.end))) : undefined
  if (answer === undefined || id === undefined) return undefined
  const status = fields?.get('status')
  if (status && UNENDED.has(parseJson(answer.slice(status.start, status.end)))) return undefined
  const input = scanFields(request)?.fields.get('input')
  const items = [...answer.matchAll(ITEM_ID)].flatMap(([, itemId]) => itemId ?? [])
  return { id, previous, input: input ? request.slice(input.start, input.end) : '[]', answer, items }
}

const UNENDED: ReadonlySet<unknown> = new Set(['queued', 'in_progress'])

/** Ids of items, in an answer that is not parsed. */
const ITEM_ID = /"id"\s*:\s*"((?:msg|rs|fc|ctc|ws|ig|cmp)_[^"\\]+)"/g

/** The answer as its last event tells it, with the items that were told before where that has none. */
function answerIn(chunks: readonly Chunk[]): string | undefined {
  const sse = createSseReader()
  const items: unknown[] = []
  let ending: string | undefined
  for (const chunk of [...chunks, '\n\n']) {
    for (const { data } of sse.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) {
      const event = data.includes(ITEM_DONE) ? parseObject(data) : undefined
      if (event?.['type'] === ITEM_DONE) items.push(event['item'])
      else if (ENDINGS.some((type) => data.includes(`"${type}"`))) ending = data
    }
  }
  const at = ending === undefined ? undefined : scanFields(ending)?.fields.get('response')
  if (ending === undefined || !at) return undefined
  const answer = ending.slice(at.start, at.end)
  const output = scanFields(answer)?.fields.get('output')
  const isTold = output !== undefined && readArray(parseJson(answer.slice(output.start, output.end))).length > 0
  return isTold || items.length === 0 ? answer : spliceFields(answer, { output: items })
}

/** A rewriting of chunks that lets the answer name the one before it, as the client did, where the upstream knew of none. */
export function namePrevious(id: string): (chunk: Chunk) => Chunk {
  const name = JSON.stringify(id)
  const named = (text: string): string => text.replaceAll(NO_PREVIOUS, `"previous_response_id":${name}`)
  return (chunk) => {
    if (!holds(chunk, '"previous_response_id"')) return chunk
    return named(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
  }
}

/** Inside a string its quotes would be escaped. */
const NO_PREVIOUS = /"previous_response_id"\s*:\s*null/g

/** The kept answer as an object. */
export function keptAnswer({ answer }: KeptResponse): Fields | undefined {
  return readObject(parseJson(answer))
}
