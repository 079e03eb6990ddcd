import { Fault } from './fault.ts'
import type { Extras } from './protocol.ts'
import type { AnswerPart, ModelEvent, ModelResponse, PartEndEvent, PartHead, ResponseHead } from './response.ts'

/** Folds the events of one answer into the answer; whoever has the events one by one pushes them. */
export interface Collector {
  push(event: ModelEvent): void
  /** @throws {Fault} the fault that ended the stream, or upstream when nothing ended it. */
  response(): ModelResponse
}

export function createCollector(): Collector {
  let head: ResponseHead = {}
  let ending: Extract<ModelEvent, { type: 'finish' | 'fault' }> | undefined
  const parts: AnswerPart[] = []
  /** The part that is open, and what its deltas said so far. */
  let open: PartHead | undefined
  let said = ''
  return {
    push(event) {
      switch (event.type) {
        case 'start': {
          const { type: _type, usage: _usage, ...rest } = event
          head = rest
          break
        }
        case 'part-start':
          open = event.part
          said = ''
          break
        case 'part-delta':
          said += event.delta
          break
        case 'part-end':
          if (open) parts.push(closePart(open, said, event))
          open = undefined
          break
        case 'finish':
        case 'fault':
          ending = event
      }
    },
    response() {
      if (!ending) throw new Fault('upstream', 'The upstream ended its answer before it was complete.')
      if (ending.type === 'fault') throw ending.fault
      const extras = mergeExtras(head.extras, ending.extras)
      return { ...head, extras, parts, finish: ending.finish, usage: ending.usage }
    },
  }
}

/** The whole answer that a stream of events tells. @throws {Fault} see {@link Collector}. */
export function collect(events: Iterable<ModelEvent>): ModelResponse {
  const collector = createCollector()
  for (const event of events) collector.push(event)
  return collector.response()
}

/** The stream of events that tells a whole answer, one delta a part. */
export function* replay(response: ModelResponse): Generator<ModelEvent> {
  const { parts, finish, usage, ...head } = response
  yield { type: 'start', ...head }
  for (const [index, part] of parts.entries()) {
    const { head: partHead, said, end } = openPart(part)
    yield { type: 'part-start', index, part: partHead }
    if (said !== '') yield { type: 'part-delta', index, delta: said }
    yield { type: 'part-end', index, ...end }
  }
  yield { type: 'finish', finish, usage }
}

function closePart(head: PartHead, said: string, { seals, extras: later }: PartEndEvent): AnswerPart {
  const extras = mergeExtras(head.extras, later)
  switch (head.type) {
    case 'text':
    case 'reasoning':
      return { ...head, text: said, seals, extras }
    case 'tool-call':
      return { ...head, input: said, seals, extras }
    case 'media':
    case 'opaque':
      return { ...head, seals: seals ?? head.seals, extras }
  }
}

function openPart(part: AnswerPart): { head: PartHead; said: string; end: Pick<PartEndEvent, 'seals' | 'extras'> } {
  const { seals, extras } = part
  switch (part.type) {
    case 'text':
      return { head: { type: 'text', refusal: part.refusal, extras }, said: part.text, end: { seals, extras } }
    case 'reasoning':
      return { head: { type: 'reasoning', extras }, said: part.text, end: { seals, extras } }
    case 'tool-call': {
      const { type, id, name, kind, namespace } = part
      return { head: { type, id, name, kind, namespace, extras }, said: part.input, end: { seals, extras } }
    }
    case 'media':
    case 'opaque':
      return { head: part, said: '', end: { seals } }
  }
}

/** Both, field by field; of a field in both the later one counts. */
export function mergeExtras(first: Extras | undefined, later: Extras | undefined): Extras | undefined {
  if (!first || !later) return first ?? later
  const merged: Record<string, object> = { ...first }
  for (const [protocol, fields] of Object.entries(later)) merged[protocol] = { ...merged[protocol], ...fields }
  return merged
}
