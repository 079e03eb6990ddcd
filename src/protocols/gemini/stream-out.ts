import type { AnswerContext, Frame, StreamEncoder } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { FinishEvent, StartEvent } from '../../ir/response.ts'
import type { Fields } from '../../lib/json.ts'
import { encodeFault } from './fault.ts'
import { finishWord } from './finish.ts'
import { readOwn } from './part-out.ts'
import { createPartWriter } from './part-writer.ts'
import { isBlocked } from './response.ts'
import { encodeUsage } from './usage.ts'

const NOTHING: readonly Frame[] = []

/** What stands before the parts of every chunk but the last. */
const HEAD = '{"candidates":[{"content":{"role":"model","parts":['

/**
 * Writes chunks that are each a whole `GenerateContentResponse`; calls come complete.
 *
 * @see https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
 */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  const parts = createPartWriter(context.onLoss)
  let start: StartEvent = { type: 'start' }
  let names: Fields = {}
  /** What stands after the parts of every chunk but the last. */
  let tail = ''
  let hasParts = false
  const chunk = (written: string): readonly Frame[] => {
    if (written === '') return NOTHING
    hasParts = true
    return [{ data: HEAD + written + tail }]
  }
  return {
    push(event) {
      switch (event.type) {
        case 'start':
          start = event
          names = { modelVersion: context.model || event.model, responseId: event.id || context.newId('') }
          tail = `]},"index":0}],${JSON.stringify(names).slice(1)}`
          return NOTHING
        case 'part-start':
          parts.start(event.part, event.index)
          return chunk(parts.takeBroken())
        case 'part-delta':
          return chunk(parts.add(event.delta))
        case 'part-end':
          return chunk(parts.end(event))
        case 'finish': {
          const late = event.finish.reason === 'length' ? NOTHING : chunk(parts.takeBroken())
          return [...late, { data: JSON.stringify(lastChunk(event, start, names, hasParts)) }]
        }
        case 'fault':
          return [{ data: JSON.stringify(encodeFault(event.fault)) }]
      }
    },
    end: () => NOTHING,
  }
}

function lastChunk(
  { finish, usage, extras }: FinishEvent,
  start: StartEvent,
  names: Fields,
  hasParts: boolean,
): Fields {
  const own = readOwn(mergeExtras(start.extras, extras))
  const others = { usageMetadata: usage ? encodeUsage(usage) : own['usageMetadata'], ...names, ...own }
  if (!hasParts && isBlocked(finish, own)) return others
  // Google's clients keep no conversation of whose answers one chunk is without a part.
  const content = hasParts ? { role: 'model', parts: [{ text: '' }] } : undefined
  const candidate = { content, finishReason: finishWord(finish), index: 0, ...readOwn(finish.extras) }
  return { candidates: [candidate], ...others }
}
