import type { AnswerContext, Frame, StreamEncoder } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { Fault } from '../../ir/fault.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { FinishEvent } from '../../ir/response.ts'
import type { Usage } from '../../ir/usage.ts'
import { jsonWith, writeEnding, writeHead, writeRest } from './envelope.ts'
import { createEventWriter } from './event-writer.ts'
import { errorFields, failureOf } from './fault.ts'
import { encodeEnding, type Ending } from './finish.ts'
import { createOutputWriter } from './output-writer.ts'
import { createItemStream } from './item-writer.ts'

const IN_PROGRESS: Ending = { status: 'in_progress' }
const NO_FRAMES: readonly Frame[] = []

/** Writes the events of a streamed response. @see https://platform.openai.com/docs/api-reference/responses-streaming */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  const events = createEventWriter()
  const output = createOutputWriter(events)
  const items = createItemStream(context, events, output)
  /** Id of the response; '' until the client was told of it. */
  let id = ''
  let isOver = false
  let extras: Extras | undefined

  /** The response as it is now, as JSON. */
  const snapshot = (ending: Ending, usage?: Usage, error?: object): string => {
    const own = { ...writeHead(id, context), ...writeEnding(ending, usage), ...writeRest(extras, context) }
    return jsonWith(error ? { ...own, error } : own, 'output', `[${output.items.join(',')}]`)
  }
  const begin = (upstreamId: string | undefined): readonly Frame[] => {
    if (id !== '') return NO_FRAMES
    id = upstreamId === undefined || upstreamId === '' ? context.newId('resp_') : upstreamId
    const response = `"response":${snapshot(IN_PROGRESS)}`
    return [events.raw('response.created', response), events.raw('response.in_progress', response)]
  }
  const finish = ({ finish: why, usage, extras: later }: FinishEvent): readonly Frame[] => {
    isOver = true
    extras = mergeExtras(extras, later)
    const ending = encodeEnding(why, context.onLoss)
    // A stream ends in one of two ways, whatever else a vendor says of a whole answer.
    const status = ending.status === 'completed' ? 'completed' : 'incomplete'
    const last = output.finish(status)
    return [...last, events.raw(`response.${status}`, `"response":${snapshot(ending, usage)}`)]
  }
  const fail = (fault: Fault): readonly Frame[] => {
    isOver = true
    const begun = begin(undefined)
    const error = (): Frame => events.write('error', errorFields(fault))
    // A call that was cut off must not look whole, and a response can only fail after all its items have ended.
    if (items.hasOpenCall()) return [...begun, error()]
    const open = items.hasOpenPart() ? items.end({ type: 'part-end', index: 0 }) : NO_FRAMES
    const last = [...open, ...output.finish('incomplete'), error()]
    const failed = `"response":${snapshot({ status: 'failed' }, undefined, failureOf(fault))}`
    return [...begun, ...last, events.raw('response.failed', failed)]
  }
  return {
    push(event) {
      switch (event.type) {
        case 'part-delta':
          return items.add(event.delta)
        case 'part-start':
          return items.start(event.part, event.index)
        case 'part-end':
          return items.end(event)
        case 'start':
          extras = event.extras
          return begin(event.id)
        case 'finish':
          return finish(event)
        case 'fault':
          return fail(event.fault)
      }
    },
    end: () => NO_FRAMES,
    keepAlive() {
      if (isOver) return NO_FRAMES
      return id === '' ? begin(undefined) : [events.raw('response.in_progress', `"response":${snapshot(IN_PROGRESS)}`)]
    },
  }
}
