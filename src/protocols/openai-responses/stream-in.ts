import type { Frame, Stage } from '../../ir/codec.ts'
import { replay } from '../../ir/collect.ts'
import { Fault } from '../../ir/fault.ts'
import type { ModelEvent } from '../../ir/response.ts'
import { type Fields, isObject, parseJson, readObject, readObjects, readString } from '../../lib/json.ts'
import { brokenAnswer, readFailure, readSmuggledFault, smuggledFault } from './fault.ts'
import { decodeEnding, readEnding } from './finish.ts'
import { createOutputReader } from './output-reader.ts'
import { createPartQueue } from './part-queue.ts'
import { decodeHead, decodeResponse, isResponse } from './response.ts'
import { readUsage } from './usage.ts'

const NOTHING: readonly ModelEvent[] = []

/** Reads the events of a streamed response. @see https://platform.openai.com/docs/api-reference/responses-streaming */
export function streamDecoder(): Stage<Frame, ModelEvent> {
  const reader = createResponseReader()
  return {
    push({ event: name, data }) {
      if (data === '') return NOTHING
      const value = parseJson(data)
      if (!isObject(value)) {
        const fault = unreadable(name, data, value)
        return fault ? reader.fail(fault) : NOTHING
      }
      const type = readString(value['type']) ?? name
      if (type !== undefined && type !== 'message') return reader.read(type, value)
      if (isResponse(value)) return reader.readWhole(value)
      const fault = readSmuggledFault(value)
      return fault ? reader.fail(fault) : NOTHING
    },
    end: () => reader.fail(brokenAnswer('The upstream ended its answer before it was complete.')),
  }
}

/** Puts one answer together; every method gives the events that follow. After a finish or fault there are none. */
interface ResponseReader {
  read(type: string, event: Fields): readonly ModelEvent[]
  /** Takes a whole response in the place of an event. */
  readWhole(response: Fields): readonly ModelEvent[]
  fail(fault: Fault): readonly ModelEvent[]
}

function createResponseReader(): ResponseReader {
  const queue = createPartQueue()
  const items = createOutputReader(queue)
  let isStarted = false
  let isOver = false

  const fail = (fault: Fault): readonly ModelEvent[] => {
    if (isOver) return NOTHING
    isOver = true
    return [...queue.take(), { type: 'fault', fault }]
  }
  const start = (response: Fields): readonly ModelEvent[] => {
    if (isStarted) return NOTHING
    isStarted = true
    return [{ type: 'start', ...decodeHead(response) }]
  }
  /** What of the items was said; a server that never told of the response's beginning has nothing to tell in it. */
  const said = (): readonly ModelEvent[] => (isStarted ? queue.take() : [...start({}), ...queue.take()])
  const finish = (type: string, response: Fields): readonly ModelEvent[] => {
    const fault = readFailure(type, response)
    if (fault) return fail(fault)
    const started = start(response)
    items.finish(readObjects(response['output']))
    isOver = true
    const { extras } = decodeHead(response)
    const ending = readEnding(response, type === 'response.incomplete' ? 'incomplete' : 'completed')
    const why = decodeEnding(ending, items.hasCall())
    return [...started, ...queue.take(), { type: 'finish', finish: why, usage: readUsage(response['usage']), extras }]
  }
  return {
    fail,
    read(type, event) {
      if (isOver) return NOTHING
      switch (type) {
        case 'response.output_item.added':
        case 'response.output_item.done':
          items.place(event, type === 'response.output_item.done')
          return said()
        case 'response.created':
        case 'response.queued':
        case 'response.in_progress':
          return start(readObject(event['response']) ?? {})
        case 'response.completed':
        case 'response.incomplete':
        case 'response.done':
        case 'response.failed':
        case 'response.cancelled':
          return finish(type, readObject(event['response']) ?? {})
        case 'error':
        case 'response.error':
          return fail(smuggledFault(event))
        default:
          return items.read(type, event) ? said() : NOTHING
      }
    },
    readWhole(response) {
      if (isOver) return NOTHING
      if (isStarted) return finish('response.completed', response)
      isOver = true
      return replayWhole(response)
    },
  }
}

/** What data that is no JSON object says; undefined where it says nothing. */
function unreadable(name: string | undefined, data: string, value: unknown): Fault | undefined {
  const text = data.trim()
  if (text === '' || text === '[DONE]') return undefined
  if (name === 'error' || Array.isArray(value)) return smuggledFault(value ?? text)
  return brokenAnswer('The upstream sent an event that is no JSON object.', text)
}

/** A server that was asked for a stream and sent the whole response as one event. */
function replayWhole(body: Fields): readonly ModelEvent[] {
  try {
    return [...replay(decodeResponse(body))]
  } catch (error) {
    const fault = error instanceof Fault ? error : brokenAnswer('The upstream sent an answer that cannot be read.')
    return [{ type: 'fault', fault }]
  }
}
