import type { Frame } from '../ir/codec.ts'
import { readText } from '../lib/json.ts'
import { fieldText, fieldValue, scanFields } from '../lib/json-scan.ts'
import { createSseReader } from '../lib/sse.ts'
import { fillOutput } from '../providers/fill-output.ts'
import type { KeptResponse } from '../state/response-table.ts'
import type { Answer, Chunk, Pump, StreamAnswer } from './answer.ts'
import type { Demand } from './demand.ts'

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
export function readKept(asked: Asked, previous: string | undefined, told: Told): KeptResponse | undefined {
  const answer = 'whole' in told ? told.whole : answerIn(told.events)
  const fields = answer === undefined ? undefined : scanFields(answer)?.fields
  if (answer === undefined || !fields) return undefined
  const id = readText(fieldValue(answer, fields, 'id'))
  if (id === undefined || UNENDED.has(fieldValue(answer, fields, 'status'))) return undefined
  const items = [...answer.matchAll(ITEM_ID)].flatMap(([, itemId]) => itemId ?? [])
  return { id, previous, input: inputOf(asked), answer, items }
}

type Asked = Pick<Demand, 'text' | 'fields' | 'longFields'>

function inputOf({ text, fields, longFields }: Asked): string {
  const long = longFields && fieldText(text, longFields, 'input')
  return long ?? JSON.stringify(fields['input'] ?? [])
}

const UNENDED: ReadonlySet<unknown> = new Set(['queued', 'in_progress'])

/** Ids of items, in an answer that is not parsed. */
const ITEM_ID = /"id"\s*:\s*"((?:msg|rs|fc|ctc|ws|ig|cmp)_[^"\\]+)"/g

/** The answer as its last event tells it, with the items that were told before where that has none. */
function answerIn(chunks: readonly Chunk[]): string | undefined {
  const sse = createSseReader()
  const fill = fillOutput()
  let ending: Frame | undefined
  for (const chunk of [...chunks, '\n\n']) {
    for (const frame of sse.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) {
      // An item may hold any word, and is no ending once that comes.
      if (frame.data.includes(ITEM_DONE)) fill(frame)
      if (ENDINGS.some((type) => frame.data.includes(`"${type}"`))) ending = frame
    }
  }
  const answer = ending && answerOf(ending)
  // That costs a parse of all of it.
  return ending && answer?.isEmpty === true ? answerOf(fill(ending) ?? ending)?.text : answer?.text
}

function answerOf({ data }: Frame): { readonly text: string; readonly isEmpty: boolean } | undefined {
  const event = scanFields(data)?.fields
  const text = event && fieldText(data, event, 'response')
  const fields = text === undefined ? undefined : scanFields(text)?.fields
  if (text === undefined || !fields) return undefined
  return { text, isEmpty: !HAS_ELEMENTS.test(fieldText(text, fields, 'output') ?? '') }
}

const HAS_ELEMENTS = /^\[\s*[^\s\]]/

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
