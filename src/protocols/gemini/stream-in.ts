import type { Frame, Stage } from '../../ir/codec.ts'
import type { Fault } from '../../ir/fault.ts'
import type { ModelEvent } from '../../ir/response.ts'
import { parseJson, readObject, type Fields } from '../../lib/json.ts'
import { createAnswerReader } from './answer-in.ts'
import { brokenAnswer, decodeStreamFault, isFault } from './fault.ts'
import { EXCERPT_CHARS_MAX } from '../shared/fault-body.ts'

const NOTHING: readonly ModelEvent[] = []

/**
 * Reads a stream of chunks. It has no mark of its end: an answer that said why it ends is complete when the stream ends,
 * because usage, and sometimes more text, follows the finish reason.
 *
 * @see https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function streamDecoder(): Stage<Frame, ModelEvent> {
  const answer = createAnswerReader()
  /** A finish or a fault was given: nothing may follow. */
  let isOver = false
  const fail = (fault: Fault): ModelEvent[] => {
    isOver = true
    return [{ type: 'fault', fault }]
  }
  const read = (chunk: Fields, isPlain: boolean): ModelEvent[] =>
    isFault(chunk) ? fail(decodeStreamFault(chunk)) : answer.read(chunk, isPlain)
  /** Without `alt=sse` the whole stream is one list, and so is a lone error. */
  const readList = (chunks: readonly unknown[]): ModelEvent[] => {
    const events: ModelEvent[] = []
    for (const item of chunks) {
      const chunk = readObject(item)
      if (isOver) break
      events.push(
        ...(chunk ? read(chunk, false) : fail(brokenAnswer('The upstream sent a list that is no list of answers.'))),
      )
    }
    return events
  }
  return {
    push({ event, data }) {
      if (isOver) return NOTHING
      const value = parseJson(data)
      const chunk = readObject(value)
      if (chunk) return read(chunk, !data.includes('_'))
      if (Array.isArray(value)) return readList(value)
      const text = data.trim()
      if (text === '' || text === '[DONE]') return NOTHING
      const words =
        event === 'error' ? text.slice(0, EXCERPT_CHARS_MAX) : 'The upstream sent an event that is no JSON object.'
      return fail(brokenAnswer(words, text))
    },
    end() {
      if (isOver) return NOTHING
      if (!answer.isComplete()) return fail(brokenAnswer('The upstream ended its answer before it was complete.'))
      isOver = true
      return answer.done()
    },
  }
}
