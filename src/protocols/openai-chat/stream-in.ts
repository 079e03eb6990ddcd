import type { Frame, Stage } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Fault } from '../../ir/fault.ts'
import type { Finish, FinishEvent, ModelEvent } from '../../ir/response.ts'
import type { Usage } from '../../ir/usage.ts'
import { type Fields, isObject, parseJson, readNumber, readObject, readText } from '../../lib/json.ts'
import { createDeltaReader } from './delta.ts'
import { brokenAnswer, readSmuggledFault, smuggledFault } from './fault.ts'
import { ownExtras } from './fields.ts'
import { readFinish } from './finish.ts'
import { isBlankUsage, readChunkUsage } from './usage.ts'

/** Reads the chunks of a Chat Completions stream, of all dialects. @see https://platform.openai.com/docs/api-reference/chat-streaming */
export function streamDecoder(): Stage<Frame, ModelEvent> {
  const reader = createAnswerReader()
  return {
    push({ event, data }) {
      if (data === '') return NOTHING
      if (data.trim() === '[DONE]') return reader.done()
      const value = parseJson(data)
      if (event === 'error') return reader.fail(smuggledFault(value ?? data))
      if (isObject(value)) return reader.read(value)
      return value === undefined ? reader.unreadable(data) : NOTHING
    },
    end: () => reader.end(),
  }
}

const NOTHING: readonly ModelEvent[] = []

const TOO_EARLY = 'The upstream ended its answer before it was complete.'
const SILENT = 'The upstream ended its answer without saying anything.'
const NAMELESS_ERROR = 'The upstream ended its answer with an error that it does not name.'
const UNREADABLE = 'The upstream sent something that is no JSON in the middle of its answer.'

/** Puts one answer together; every method gives the events that follow. After a finish or fault there are none. */
export interface AnswerReader {
  /** Takes a chunk, or a whole answer in the place of one. */
  read(chunk: Fields): readonly ModelEvent[]
  /** Takes what is no JSON. */
  unreadable(data: string): readonly ModelEvent[]
  /** Takes the mark that all is said. */
  done(): readonly ModelEvent[]
  /** Takes the end of the stream. */
  end(): readonly ModelEvent[]
  fail(fault: Fault): readonly ModelEvent[]
}

export function createAnswerReader(): AnswerReader {
  /** Events of the current call. */
  let events: ModelEvent[] = []
  const parts = createDeltaReader((event) => events.push(event))
  const notes = createNotes()
  /** Index of the choice that is read: the first one seen. */
  let mine: number | undefined
  let hasStarted = false
  let isOver = false
  /** The vendor's finish word so far; '' is none. */
  let word = ''
  let stopSequence: string | undefined

  const take = (): readonly ModelEvent[] => {
    if (events.length === 0) return NOTHING
    const taken = events
    events = []
    return taken
  }
  const fail = (fault: Fault): readonly ModelEvent[] => {
    if (isOver) return NOTHING
    isOver = true
    events.push({ type: 'fault', fault })
    return take()
  }
  const finish = (): readonly ModelEvent[] => {
    if (isOver) return NOTHING
    if (!hasStarted) return fail(brokenAnswer(SILENT))
    if (word === 'error') return fail(brokenAnswer(NAMELESS_ERROR))
    parts.finish()
    isOver = true
    events.push(notes.finishEvent({ ...readFinish(word, parts.hasCalls()), stopSequence }, parts.unread()))
    return take()
  }
  const readChoice = (choice: Fields): void => {
    const { delta, message, finish_reason, stop_reason } = choice
    // Some answer a stream with one whole message; others repeat the message so far, beside each delta or at the end.
    const said = readObject(delta) ?? (parts.hasParts() ? undefined : readObject(message))
    if (said) parts.read(said)
    notes.keepOfChoice(choice)
    const ending = readText(finish_reason)
    if (ending === undefined) return
    word = ending
    stopSequence = readStopSequence(ending, stop_reason)
    parts.close()
  }
  return {
    read(chunk) {
      if (isOver) return NOTHING
      const fault = readSmuggledFault(chunk)
      if (fault) return fail(fault)
      const { choices, id, model } = chunk
      const choice = Array.isArray(choices) ? readMine(choices, (mine ??= firstIndex(choices))) : undefined
      if (choice && !hasStarted) {
        hasStarted = true
        events.push({ type: 'start', id: readText(id), model: readText(model) })
      }
      if (choice) readChoice(choice)
      notes.keepOfChunk(chunk, word !== '')
      return take()
    },
    unreadable: (data) => (word === '' ? fail(brokenAnswer(UNREADABLE, data)) : NOTHING),
    done: finish,
    end: () => (word === '' ? fail(brokenAnswer(TOO_EARLY)) : finish()),
    fail,
  }
}

/** vLLM tells the stop sequence, or the id of a token; others repeat their finish word there. */
function readStopSequence(word: string, reason: unknown): string | undefined {
  return word === 'stop' && reason !== 'stop' && reason !== 'end_turn' ? readText(reason) : undefined
}

/** What an answer says beside its words. */
interface Notes {
  keepOfChunk(chunk: Fields, isLate: boolean): void
  keepOfChoice(choice: Fields): void
  finishEvent(finish: Finish, message: Fields | undefined): FinishEvent
}

function createNotes(): Notes {
  let usage: Usage | undefined
  /** Unread fields of the answer. */
  let top: Fields | undefined
  /** Unread fields of its choice. */
  const beside: Record<string, unknown> = {}
  return {
    keepOfChunk(chunk, isLate) {
      const told = readChunkUsage(chunk, usage)
      if (told && (!usage || !isBlankUsage(told))) usage = told
      // The first chunk and the last ones carry what is worth keeping; the others repeat it.
      if (!top || told || isLate) top = mergeUnread(top, chunk)
    },
    keepOfChoice: (choice) => keepUnread(beside, choice),
    finishEvent: (finish, message) => ({
      type: 'finish',
      finish: { ...finish, extras: ownExtras({ ...beside, message }) },
      usage,
      extras: top && ownExtras(top),
    }),
  }
}

function firstIndex(choices: readonly unknown[]): number | undefined {
  const { index } = readObject(choices[0]) ?? {}
  return choices.length === 0 ? undefined : (readNumber(index) ?? 0)
}

function readMine(choices: readonly unknown[], mine: number | undefined): Fields | undefined {
  for (const choice of choices) {
    if (!isObject(choice)) continue
    const { index } = choice
    if ((readNumber(index) ?? 0) === mine) return choice
  }
  return undefined
}

function mergeUnread(before: Fields | undefined, chunk: Fields): JsonObject {
  const {
    id: _id,
    object: _object,
    created: _created,
    model: _model,
    choices: _choices,
    usage: _usage,
    ...unread
  } = chunk
  return before ? { ...before, ...unread } : unread
}

const READ_OF_CHOICE: ReadonlySet<string> = new Set(['delta', 'message', 'finish_reason', 'index', 'stop_reason'])

/** Log probabilities come piece by piece; of everything else the last word counts. */
function keepUnread(into: Record<string, unknown>, choice: Fields): void {
  for (const key in choice) {
    const value = choice[key]
    if (value === null || value === undefined || READ_OF_CHOICE.has(key)) continue
    const before = readObject(into[key])
    into[key] = key === 'logprobs' && before && isObject(value) ? joinLists(before, value) : value
  }
}

function joinLists(before: Fields, more: Fields): Fields {
  const joined: Record<string, unknown> = { ...before }
  for (const key in more) {
    const [first, next] = [before[key], more[key]]
    if (Array.isArray(first) && Array.isArray(next)) joined[key] = [...first, ...next]
    else if (next !== null) joined[key] = next
  }
  return joined
}
