import type { Frame } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { EventWriter } from './event-writer.ts'
import type { ItemStatus } from './item-out.ts'

/** Writes what ends an item, when it is known whether the item is whole. */
export type ItemEnding = (status: ItemStatus) => readonly Frame[]

/** Writes the beginnings and ends of one answer's items, one item after the other. */
export interface OutputWriter {
  /** Index of the item that begins next. */
  nextIndex(): number
  /** Ends the item before and begins one. */
  begin(item: JsonObject): readonly Frame[]
  /** Ends an item; `json` is all of it. */
  end(index: number, json: string): Frame
  /** An item that is known whole, after the end of the one before. */
  whole(item: JsonObject): readonly Frame[]
  /** Puts the end of an item off until something follows: the one at which the model is stopped is not whole. */
  hold(ending: ItemEnding): void
  isHeld(ending: ItemEnding): boolean
  hasHeld(): boolean
  /** Ends the item whose end was put off. */
  finish(status: ItemStatus): readonly Frame[]
  /** The items that have ended, as JSON. */
  readonly items: readonly string[]
}

export function createOutputWriter(events: EventWriter): OutputWriter {
  const items: string[] = []
  let nextIndex = 0
  let held: ItemEnding | undefined
  const finish = (status: ItemStatus): readonly Frame[] => {
    const ending = held
    held = undefined
    return ending ? ending(status) : []
  }
  const begin = (item: JsonObject): readonly Frame[] => [
    ...finish('completed'),
    events.at('response.output_item.added', `"output_index":${nextIndex++}`, { item }),
  ]
  const end = (index: number, json: string): Frame => {
    items.push(json)
    return events.raw('response.output_item.done', `"output_index":${index},"item":${json}`)
  }
  return {
    items,
    begin,
    end,
    finish,
    nextIndex: () => nextIndex,
    whole(item) {
      const { result: _result, ...begun } = item
      const started = begin(item['status'] === undefined ? begun : { ...begun, status: 'in_progress' })
      return [...started, end(nextIndex - 1, JSON.stringify(item))]
    },
    hold: (ending) => void (held = ending),
    isHeld: (ending) => held === ending,
    hasHeld: () => held !== undefined,
  }
}
