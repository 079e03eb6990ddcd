import type { Frame } from '../ir/codec.ts'
import { isObject, parseObject, readArray, readNumber, readObject } from '../lib/json.ts'
import type { FrameEditor } from './provider.ts'

/** Characters of items that are kept for the last event. */
const KEPT_CHARS_MAX = 32 * 1024 * 1024

/**
 * Puts the items that a stream of Responses told of into the response of its last event, where the vendor leaves them
 * out: clients read the whole answer from there.
 */
export function fillOutput(): FrameEditor {
  /** By place in the output; those without one follow each other. */
  const items = new Map<number, unknown>()
  let keptChars = 0
  const keep = ({ data }: Frame): void => {
    keptChars += data.length
    if (keptChars > KEPT_CHARS_MAX) return
    const { item, output_index: index } = parseObject(data) ?? {}
    if (isObject(item)) items.set(readNumber(index) ?? items.size, item)
  }
  return (frame) => {
    if (isOf(frame, 'response.output_item.done')) keep(frame)
    else if (items.size > 0 && keptChars <= KEPT_CHARS_MAX && ENDINGS.some((type) => isOf(frame, type)))
      return filled(frame, items)
    return frame
  }
}

const ENDINGS = ['response.completed', 'response.incomplete'] as const

function isOf({ event, data }: Frame, type: string): boolean {
  return event === undefined ? data.includes(`"type":"${type}"`) : event === type
}

function filled(frame: Frame, items: ReadonlyMap<number, unknown>): Frame {
  const event = parseObject(frame.data)
  const response = readObject(event?.['response'])
  if (!response || readArray(response['output']).length > 0) return frame
  const output = [...items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
  return { ...frame, data: JSON.stringify({ ...event, response: { ...response, output } }) }
}
