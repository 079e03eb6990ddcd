import type { AnswerContext, Frame } from '../../ir/codec.ts'
import type { Seal } from '../../ir/part.ts'
import type { PartEndEvent, PartHead } from '../../ir/response.ts'
import type { EventWriter } from './event-writer.ts'
import { createCallIds, imageItem, messageOf } from './item-out.ts'
import type { OutputWriter } from './output-writer.ts'
import { writePartSeals } from './reasoning.ts'
import { beginCall } from './call-writer.ts'
import { createMessageStream, type PartStream } from './text-writer.ts'
import { createThoughtStream } from './thought-writer.ts'

/** Writes the parts of one streamed answer as items. */
export interface ItemStream {
  start(head: PartHead, index: number): readonly Frame[]
  add(delta: string): readonly Frame[]
  end(event: PartEndEvent): readonly Frame[]
  /** A call has begun and its end is not written: a client that saw it would run the call. */
  hasOpenCall(): boolean
  hasOpenPart(): boolean
}

const NO_FRAMES: readonly Frame[] = []

export function createItemStream(context: AnswerContext, events: EventWriter, output: OutputWriter): ItemStream {
  const { newId, onLoss } = context
  const callId = createCallIds(newId)
  const messages = createMessageStream(context, events, output)
  /** The last part that began, unless it was left out. */
  let head: PartHead | undefined
  /** Its deltas, until it ends. */
  let stream: PartStream | undefined
  const sealed = (seals: readonly Seal[] | undefined): readonly Frame[] =>
    seals && seals.length > 0 ? output.whole(writePartSeals(seals, newId('rs_'))) : NO_FRAMES
  /** Nothing keeps the place of what is left out: its seals would come back as those of the part before it. */
  const lost = (index: number, reason: string): readonly Frame[] => {
    head = undefined
    onLoss({ path: `parts.${index}`, reason })
    return NO_FRAMES
  }
  return {
    hasOpenCall: () => head?.type === 'tool-call' && (stream !== undefined || output.hasHeld()),
    hasOpenPart: () => stream !== undefined,
    start(part, index) {
      head = part
      stream = undefined
      switch (part.type) {
        case 'text':
          stream = messages.text(part)
          return NO_FRAMES
        case 'reasoning':
          stream = createThoughtStream(part, context, events, output)
          return NO_FRAMES
        case 'tool-call': {
          const call = beginCall(part, callId(part.id), context, events, output)
          stream = call.stream
          return call.frames
        }
        case 'media': {
          const item = imageItem(part, newId)
          return item ? output.whole(item) : lost(index, 'answer-media')
        }
        case 'opaque': {
          if (part.protocol !== 'openai-responses') return lost(index, 'foreign-part')
          const shell = messageOf(part.extras)
          return shell ? messages.opaque(part.value, shell) : output.whole(part.value)
        }
      }
    },
    add: (delta) => (delta === '' ? NO_FRAMES : (stream?.add(delta) ?? NO_FRAMES)),
    end(ending) {
      const ended = stream?.end(ending) ?? NO_FRAMES
      stream = undefined
      if (!head || head.type === 'reasoning') return ended
      const seals = sealed(ending.seals ?? (head.type === 'media' ? head.seals : undefined))
      return seals.length === 0 ? ended : [...ended, ...seals]
    },
  }
}
