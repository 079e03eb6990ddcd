import type { ModelEvent } from '../../src/ir/response.ts'

/** Where a sequence of events departs from the grammar in `src/ir/response.ts`, each departure in words. */
export function grammarBreaches(events: readonly ModelEvent[]): readonly string[] {
  const breaches: string[] = []
  /** The type of the part that is open. */
  let open: string | undefined
  let isStarted = false
  let isOver = false
  let next = 0
  for (const [at, event] of events.entries()) {
    const breach = (text: string): void => void breaches.push(`event ${at} (${event.type}): ${text}`)
    if (isOver) breach('something follows the end')
    switch (event.type) {
      case 'start':
        if (at !== 0) breach('not the first event')
        isStarted = true
        break
      case 'part-start':
        if (!isStarted) breach('a part before the start')
        if (open !== undefined) breach(`${open} is still open`)
        if (event.index !== next) breach(`index ${event.index} instead of ${next}`)
        open = event.part.type
        break
      case 'part-delta':
        if (open === undefined) breach('no part is open')
        if (open === 'media' || open === 'opaque') breach(`a delta of ${open}`)
        if (event.index !== next) breach(`index ${event.index} instead of ${next}`)
        if (event.delta === '') breach('says nothing')
        break
      case 'part-end':
        if (open === undefined) breach('no part is open')
        if (event.index !== next) breach(`index ${event.index} instead of ${next}`)
        open = undefined
        next++
        break
      case 'finish':
        if (!isStarted) breach('a finish before the start')
        if (open !== undefined) breach(`${open} is still open`)
        isOver = true
        break
      case 'fault':
        isOver = true
    }
  }
  if (!isOver) breaches.push('neither finish nor fault ends it')
  return breaches
}
