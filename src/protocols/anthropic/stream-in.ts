import type { Frame, Stage } from '../../ir/codec.ts'
import { replay } from '../../ir/collect.ts'
import { Fault } from '../../ir/fault.ts'
import type { FinishEvent, ModelEvent, StartEvent } from '../../ir/response.ts'
import {
  parseJson,
  parseObject,
  readArray,
  readNumber,
  readObject,
  readObjects,
  readText,
  type Fields,
} from '../../lib/json.ts'
import { createBlockReader } from './block-stream.ts'
import { brokenAnswer, decodeStreamFault, SECOND_ANSWER } from './fault.ts'
import { decodeFinish, type StopFields } from './finish.ts'
import { decodeResponse, headExtras, isFault } from './response.ts'
import { decodeUsage, laterUsage } from './usage.ts'
import { EXCERPT_CHARS_MAX } from '../shared/fault-body.ts'

const NOTHING: readonly ModelEvent[] = []

/** Reads Anthropic's stream of events. @see https://docs.claude.com/en/docs/build-with-claude/streaming */
export function createStreamDecoder(): Stage<Frame, ModelEvent> {
  const message = createMessageReader()
  const blocks = createBlockReader()
  /** message_start came. */
  let isStarted = false
  /** A finish or a fault was given: nothing may follow. */
  let isOver = false

  const fail = (fault: Fault): ModelEvent[] => {
    isOver = true
    return [{ type: 'fault', fault }]
  }
  const start = (fields: Fields): ModelEvent[] => {
    if (isStarted) return fail(brokenAnswer(SECOND_ANSWER))
    isStarted = true
    const events: ModelEvent[] = [message.start(fields)]
    // Programmatic tool calling puts the whole answer into the first event.
    for (const [index, block] of readObjects(fields['content']).entries()) {
      blocks.open(index, block, events)
      blocks.close(events)
    }
    return events
  }
  const readBlockEvent = (event: Fields): ModelEvent[] => {
    const { type, index, delta, content_block } = event
    // A server that leaves message_start out has nothing to tell in it.
    const events = isStarted ? [] : start({})
    const at = readNumber(index) ?? 0
    if (type === 'content_block_delta') blocks.add(at, readObject(delta) ?? {}, events)
    else if (type === 'content_block_start') blocks.open(at, readObject(content_block) ?? {}, events)
    else blocks.close(events, at)
    return events
  }
  const readEvent = (event: Fields): readonly ModelEvent[] => {
    switch (event['type']) {
      case 'content_block_delta':
      case 'content_block_start':
      case 'content_block_stop':
        return readBlockEvent(event)
      case 'message_start':
        return start(readObject(event['message']) ?? {})
      case 'message_delta':
        message.add(event)
        return blocks.close([])
      case 'message_stop':
        if (!isStarted) return fail(brokenAnswer('The upstream ended its answer before it began.'))
        isOver = true
        return [...blocks.close([]), message.finish(blocks.hasCall())]
      case 'message':
        isOver = !isStarted
        return isStarted ? NOTHING : readWhole(event)
      default:
        return isFault(event) ? fail(decodeStreamFault(event)) : NOTHING
    }
  }
  return {
    push(frame) {
      if (isOver) return NOTHING
      const event = parseObject(frame.data)
      if (event) return readEvent(event)
      const fault = unreadable(frame)
      return fault ? fail(fault) : NOTHING
    },
    end() {
      return isOver ? NOTHING : fail(brokenAnswer('The upstream ended its answer before it was complete.'))
    },
  }
}

/** What data that is no JSON object says; undefined where it says nothing. */
function unreadable({ event, data }: Frame): Fault | undefined {
  const text = data.trim()
  if (text === '' || text === '[DONE]') return undefined
  // Google's way of listing its one error.
  const listed = readObject(readArray(parseJson(text))[0])
  if (listed && isFault(listed)) return decodeStreamFault(listed)
  return brokenAnswer(
    event === 'error' ? text.slice(0, EXCERPT_CHARS_MAX) : 'The upstream sent an event that is no JSON object.',
    text,
  )
}

/** A server that was asked for a stream and sent the whole message as one event. */
function readWhole(message: Fields): readonly ModelEvent[] {
  try {
    return [...replay(decodeResponse(message))]
  } catch (error) {
    return [
      {
        type: 'fault',
        fault: error instanceof Fault ? error : brokenAnswer('The upstream sent an answer that cannot be read.'),
      },
    ]
  }
}

/** What stands around the blocks of one answer. */
interface MessageReader {
  start(message: Fields): StartEvent
  /** Takes a message_delta. */
  add(event: Fields): void
  finish(hasCall: boolean): FinishEvent
}

function createMessageReader(): MessageReader {
  /** Usage as it was last told, field by field. */
  let usage: Fields | undefined
  let stop: StopFields = {}
  /** What message_delta told beside stop reason and usage. */
  let later: Fields = {}
  return {
    start({
      type: _type,
      role: _role,
      content: _content,
      id,
      model,
      stop_reason,
      stop_sequence,
      stop_details,
      usage: counted,
      ...rest
    }) {
      usage = readObject(counted)
      stop = { stop_reason, stop_sequence, stop_details }
      return {
        type: 'start',
        id: readText(id),
        model: readText(model),
        usage: decodeUsage(usage),
        extras: headExtras(rest),
      }
    },
    add({ type: _type, delta, usage: counted, ...rest }) {
      const { stop_reason, stop_sequence, stop_details, ...others } = readObject(delta) ?? {}
      usage = laterUsage(usage, readObject(counted))
      stop = {
        stop_reason: stop_reason ?? stop.stop_reason,
        stop_sequence: stop_sequence ?? stop.stop_sequence,
        stop_details: stop_details ?? stop.stop_details,
      }
      later = { ...later, ...others, ...rest }
    },
    finish: (hasCall) => ({
      type: 'finish',
      finish: decodeFinish(stop, hasCall),
      usage: decodeUsage(usage),
      extras: headExtras(later),
    }),
  }
}
