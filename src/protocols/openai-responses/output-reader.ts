import { type Fields, readNumber, readObject } from '../../lib/json.ts'
import { createItemReader, itemBegunBy, type ItemReader } from './item-reader.ts'
import type { PartLane, PartQueue } from './part-queue.ts'

/** The items of one streamed response. Ids may change from event to event: only the output index tells them apart. */
export interface OutputReader {
  /** Takes the beginning or the end of an item. */
  place(event: Fields, isDone: boolean): void
  /** Takes an event inside an item; false when there is nothing to read in it. */
  read(type: string, event: Fields): boolean
  /** Ends all items; `output` may hold some that no event told of, and the ends of others. */
  finish(output: readonly Fields[]): void
  /** A call came that the client has to run. */
  hasCall(): boolean
}

interface Item {
  readonly type: unknown
  readonly reader: ItemReader
  readonly lane: PartLane
  /** What the item is called in its last event. */
  id?: unknown
  isDone: boolean
}

export function createOutputReader(queue: PartQueue): OutputReader {
  const byIndex = new Map<number, Item>()
  const all: Item[] = []
  let hasCall = false
  /** Output index of the last event: some servers leave it out. */
  let lastIndex = 0

  const open = (index: number, begun: Fields): Item => {
    const lane = queue.open()
    const { type } = begun
    hasCall ||= type === 'function_call' || type === 'custom_tool_call'
    const item: Item = { type, reader: createItemReader(begun, lane), lane, isDone: false }
    byIndex.set(index, item)
    all.push(item)
    return item
  }
  const end = (item: Item, whole: Fields | undefined): void => {
    if (item.isDone) return
    item.isDone = true
    item.id = whole?.['id']
    item.reader.end(whole)
    item.lane.close()
  }
  const indexOf = ({ output_index }: Fields): number => (lastIndex = readNumber(output_index) ?? lastIndex)
  return {
    place(event, isDone) {
      const value = readObject(event['item'])
      if (!value) return
      const index = indexOf(event)
      const known = byIndex.get(index)
      const isSame =
        known !== undefined && known.type === value['type'] && (!known.isDone || (isDone && known.id === value['id']))
      if (known && !isSame) end(known, undefined)
      const item = isSame ? known : open(index, value)
      if (isDone) end(item, value)
    },
    read(type, event) {
      const index = indexOf(event)
      let item = byIndex.get(index)
      if (!item) {
        const begun = itemBegunBy(type, event)
        if (!begun) return false
        item = open(index, begun)
      }
      if (item.isDone) return false
      item.reader.read(type, event)
      return true
    },
    finish(output) {
      const count = all.length
      for (const [at, whole] of output.entries()) {
        const item = byIndex.get(at)
        if (item && item.type === whole['type']) end(item, whole)
        else if (!item && at >= count) end(open(at, whole), whole)
      }
      for (const item of all) end(item, undefined)
    },
    hasCall: () => hasCall,
  }
}
