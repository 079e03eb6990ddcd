import type { ModelEvent, PartEndEvent, PartHead } from '../../ir/response.ts'

/** What is told of a part when it is complete. */
export type PartEnding = Pick<PartEndEvent, 'seals' | 'extras'>

/** Takes the parts of one item, one after the other. */
export interface PartLane {
  start(part: PartHead): void
  add(delta: string): void
  end(ending: PartEnding): void
  /** The item has no more parts. */
  close(): void
}

/** Puts the parts of items that come at the same time one after the other: those of later items wait. */
export interface PartQueue {
  /** A lane for the item that began last. */
  open(): PartLane
  /** What is ready to be told since it was asked last. */
  take(): readonly ModelEvent[]
}

/** What waits, as it will be told but for its index. */
type PartEvent = Extract<ModelEvent, { type: 'part-start' | 'part-delta' | 'part-end' }>

interface Lane {
  readonly waiting: PartEvent[]
  isClosed: boolean
}

const NOTHING: readonly ModelEvent[] = []

export function createPartQueue(): PartQueue {
  let events: ModelEvent[] = []
  /** Index of the last part that began. */
  let index = -1
  /** The items that are not over; the first one is told as it comes. */
  const lanes: Lane[] = []
  const tell = (lane: Lane, event: PartEvent): void => {
    if (lane !== lanes[0]) {
      lane.waiting.push(event)
      return
    }
    if (event.type === 'part-start') index++
    events.push(event.index === index ? event : { ...event, index })
  }
  const close = (lane: Lane): void => {
    lane.isClosed = true
    while (lanes[0]?.isClosed === true) {
      lanes.shift()
      const [next] = lanes
      if (next) for (const event of next.waiting.splice(0)) tell(next, event)
    }
  }
  return {
    open() {
      const lane: Lane = { waiting: [], isClosed: false }
      lanes.push(lane)
      return {
        start: (part) => tell(lane, { type: 'part-start', index: index + 1, part }),
        add: (delta) => tell(lane, { type: 'part-delta', index, delta }),
        end: (ending) => tell(lane, { type: 'part-end', index, ...ending }),
        close: () => close(lane),
      }
    },
    take() {
      if (events.length === 0) return NOTHING
      const taken = events
      events = []
      return taken
    },
  }
}
