import type { AnswerContext, Frame } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { PartHead } from '../../ir/response.ts'
import { readText } from '../../lib/json.ts'
import { jsonWith } from './envelope.ts'
import type { EventWriter } from './event-writer.ts'
import { callItem, callPrefix, twinOf, wholeInput } from './item-out.ts'
import type { OutputWriter } from './output-writer.ts'
import type { PartStream } from './text-writer.ts'

type CallHead = Extract<PartHead, { type: 'tool-call' }>

/** Begins a call. Its end is put off: a client runs it then, so it must be whole. */
export function beginCall(
  head: CallHead,
  callId: string,
  { newId }: AnswerContext,
  events: EventWriter,
  output: OutputWriter,
): { readonly frames: readonly Frame[]; readonly stream: PartStream } {
  const ids = { id: readText(twinOf(head.extras)?.['id']) ?? newId(callPrefix(head)), callId }
  const index = output.nextIndex()
  const place = `"item_id":${JSON.stringify(ids.id)},"output_index":${index}`
  const base = head.kind === 'custom' ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
  const deltaEvent = `${base}.delta`
  const { item: begun, field } = callItem(head, ids, 'in_progress')
  const frames = output.begin({ ...begun, [field]: '' })
  let said = ''
  const add = (delta: string): readonly Frame[] => {
    said += delta
    return [events.raw(deltaEvent, `${place},"delta":${JSON.stringify(delta)}`)]
  }
  const stream: PartStream = {
    add,
    end({ extras: later }) {
      const extras = mergeExtras(head.extras, later)
      const input = wholeInput(head.kind, said)
      const missing = input === said ? [] : add(input)
      output.hold((status) => {
        const { item } = callItem({ ...head, extras }, ids, status)
        const json = JSON.stringify(input)
        return [
          events.raw(`${base}.done`, `${place},"${field}":${json}`),
          output.end(index, jsonWith(item, field, json)),
        ]
      })
      return missing
    },
  }
  return { frames, stream }
}
