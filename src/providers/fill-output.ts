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
    const type = typeOf(frame)
    if (type === 'response.output_item.done') keep(frame)
    else if (items.size > 0 && keptChars <= KEPT_CHARS_MAX && ENDINGS.has(type)) return filled(frame, items)
    return frame
  }
}

const ENDINGS: ReadonlySet<string | undefined> = new Set(['response.completed', 'response.incomplete'])

/**
 * The type of an event of Responses, or of Codex's backend alone, as its name or, where that says nothing, its data
 * tells; undefined for others. The types of what is in an event do not begin so.
 */
export function typeOf({ event, data }: Frame): string | undefined {
  if (event !== undefined && event !== 'message') return event
  return /"type"\s*:\s*"((?:response|codex)\.[^"]*)"/.exec(data)?.[1]
}

function filled(frame: Frame, items: ReadonlyMap<number, unknown>): Frame {
  const event = parseObject(frame.data)
  const response = readObject(event?.['response'])
  if (!response || readArray(response['output']).length > 0) return frame
  const output = [...items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
  return { ...frame, data: JSON.stringify({ ...event, response: { ...response, output } }) }
}
