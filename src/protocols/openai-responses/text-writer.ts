import type { AnswerContext, Frame } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { PartEndEvent, PartHead } from '../../ir/response.ts'
import { type Fields, readArray, readText } from '../../lib/json.ts'
import { jsonWith } from './envelope.ts'
import type { EventWriter } from './event-writer.ts'
import { contentOf, isSameMessage, messageItem, messageOf } from './item-out.ts'
import type { ItemEnding, OutputWriter } from './output-writer.ts'

type TextHead = Extract<PartHead, { type: 'text' }>

/** Writes one part of a streamed answer. */
export interface PartStream {
  add(delta: string): readonly Frame[]
  end(ending: PartEndEvent): readonly Frame[]
}

/** Writes the texts of one answer; those of one message follow each other in one item. */
export interface MessageStream {
  text(head: TextHead): PartStream
  /** A part of a message's content that only this protocol knows. */
  opaque(value: JsonObject, shell: Fields): readonly Frame[]
}

/** The message that goes on as long as texts follow. */
interface OpenMessage {
  /** The vendor's fields of it, as they were told last. */
  shell: Fields | undefined
  /** What places an event in it: the beginning of its JSON. */
  readonly place: string
  /** The complete parts of its content, as JSON. */
  readonly content: string[]
  readonly ending: ItemEnding
}

export function createMessageStream(
  { newId }: AnswerContext,
  events: EventWriter,
  output: OutputWriter,
): MessageStream {
  let last: OpenMessage | undefined
  const openMessage = (shell: Fields | undefined, frames: Frame[]): OpenMessage => {
    if (last && output.isHeld(last.ending) && isSameMessage(last.shell, shell)) return last
    const id = readText(shell?.['id']) ?? newId('msg_')
    const index = output.nextIndex()
    const opened: OpenMessage = {
      shell,
      place: `"item_id":${JSON.stringify(id)},"output_index":${index},"content_index":`,
      content: [],
      ending: (status) => {
        const item = messageItem(opened.shell, id, status)
        return [output.end(index, jsonWith(item, 'content', `[${opened.content.join(',')}]`))]
      },
    }
    frames.push(...output.begin({ ...messageItem(shell, id, 'in_progress'), content: [] }))
    output.hold(opened.ending)
    last = opened
    return opened
  }
  return {
    text: (head) => createTextStream(head, events, openMessage),
    opaque(value, shell) {
      const frames: Frame[] = []
      const message = openMessage(shell, frames)
      const place = `${message.place}${message.content.length}`
      message.content.push(JSON.stringify(value))
      for (const step of ['added', 'done'])
        frames.push(events.at(`response.content_part.${step}`, place, { part: value }))
      return frames
    },
  }
}

/** It begins with its first words: a text that says nothing would come back to a vendor that refuses it. */
function createTextStream(
  head: TextHead,
  events: EventWriter,
  openMessage: (shell: Fields | undefined, frames: Frame[]) => OpenMessage,
): PartStream {
  const isRefusal = head.refusal === true
  const base = isRefusal ? 'response.refusal' : 'response.output_text'
  const deltaEvent = `${base}.delta`
  const deltaEnd = isRefusal ? '' : ',"logprobs":[]'
  let message: OpenMessage | undefined
  let place = ''
  let said = ''
  const begin = (): readonly Frame[] => {
    const frames: Frame[] = []
    message = openMessage(messageOf(head.extras), frames)
    place = `${message.place}${message.content.length}`
    const { fields, field } = contentOf({ refusal: head.refusal })
    frames.push(events.at('response.content_part.added', place, { part: { ...fields, [field]: '' } }))
    return frames
  }
  return {
    add(delta) {
      const before = message ? undefined : begin()
      said += delta
      const frame = events.raw(deltaEvent, `${place},"delta":${JSON.stringify(delta)}${deltaEnd}`)
      return before ? [...before, frame] : [frame]
    },
    end({ extras: later }) {
      if (!message) return []
      const extras = mergeExtras(head.extras, later)
      const { fields, field } = contentOf({ refusal: head.refusal, extras })
      const text = JSON.stringify(said)
      const part = jsonWith(fields, field, text)
      message.shell = messageOf(extras)
      message.content.push(part)
      const { annotations, logprobs } = fields
      const beside = isRefusal ? '' : `,"logprobs":${JSON.stringify(logprobs ?? [])}`
      return [
        ...readArray(annotations).map((annotation, annotation_index) =>
          events.at('response.output_text.annotation.added', place, { annotation_index, annotation }),
        ),
        events.raw(`${base}.done`, `${place},"${field}":${text}${beside}`),
        events.raw('response.content_part.done', `${place},"part":${part}`),
      ]
    },
  }
}
