import type { AnswerContext, Frame } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { PartHead } from '../../ir/response.ts'
import { readText } from '../../lib/json.ts'
import type { EventWriter } from './event-writer.ts'
import { reasoningItem, twinOf } from './item-out.ts'
import type { OutputWriter } from './output-writer.ts'
import { isContentThinking } from './reasoning.ts'
import type { PartStream } from './text-writer.ts'

/** How an item's thinking is streamed: as its summary, or as the content that some vendors show. */
const SUMMARY = {
  part: 'response.reasoning_summary_part',
  text: 'response.reasoning_summary_text',
  index: '"summary_index":0',
  type: 'summary_text',
}
const CONTENT = {
  part: 'response.content_part',
  text: 'response.reasoning_text',
  index: '"content_index":0',
  type: 'reasoning_text',
}

/** Writes one thought, as an item that begins with its first words or with its seals. */
export function createThoughtStream(
  { extras }: Extract<PartHead, { type: 'reasoning' }>,
  { newId }: AnswerContext,
  events: EventWriter,
  output: OutputWriter,
): PartStream {
  const form = isContentThinking(extras) ? CONTENT : SUMMARY
  const deltaEvent = `${form.text}.delta`
  let id: string | undefined
  let place = ''
  let index = -1
  let said = ''
  const begin = (itemId: string): readonly Frame[] => {
    id = itemId
    index = output.nextIndex()
    place = `"item_id":${JSON.stringify(itemId)},"output_index":${index},${form.index}`
    return output.begin({ id: itemId, type: 'reasoning', summary: [] })
  }
  const beginText = (): readonly Frame[] => {
    const frames = begin(readText(twinOf(extras)?.['id']) ?? newId('rs_'))
    return [...frames, events.at(`${form.part}.added`, place, { part: { type: form.type, text: '' } })]
  }
  const endText = (): readonly Frame[] => {
    const text = JSON.stringify(said)
    return [
      events.raw(`${form.text}.done`, `${place},"text":${text}`),
      events.raw(`${form.part}.done`, `${place},"part":{"type":"${form.type}","text":${text}}`),
    ]
  }
  return {
    add(delta) {
      const before = said === '' ? beginText() : []
      said += delta
      const frame = events.raw(deltaEvent, `${place},"delta":${JSON.stringify(delta)}`)
      return before.length === 0 ? [frame] : [...before, frame]
    },
    end({ seals, extras: later }) {
      const part = { type: 'reasoning', text: said, seals, extras: mergeExtras(extras, later) } as const
      const item = reasoningItem(part, newId, id)
      if (!item) return []
      const before = said === '' ? begin(readText(item['id']) ?? '') : endText()
      return [...before, output.end(index, JSON.stringify(item))]
    },
  }
}
