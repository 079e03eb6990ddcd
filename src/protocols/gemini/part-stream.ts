import type { Seal } from '../../ir/part.ts'
import type { AnswerPart, ModelEvent, PartHead } from '../../ir/response.ts'
import { isObject, readObject, readText, type Fields } from '../../lib/json.ts'
import { camelObject } from './json-case.ts'
import { createPartialArgs, type PartialArgs } from './partial-args.ts'
import { decodeAnswerPart, readLateSeals, readSeals } from './part-in.ts'

/** Reads the parts of one answer as they come; the events they make are added to the list given. */
export interface PartReader {
  add(part: Fields, events: ModelEvent[]): void
  /** Ends the open part. */
  close(events: ModelEvent[]): void
  /** A call came that the client has to run. */
  hasCall(): boolean
}

interface OpenPart {
  readonly type: PartHead['type']
  /** Name of a call. */
  readonly name?: string
  /** Arguments of a call that is still coming. */
  args?: PartialArgs
  seals?: readonly Seal[]
}

/**
 * A text goes on in the next part of its kind, until a signature ends it; a part stays open until the next one, because
 * its signature may come late.
 */
export function createPartReader(): PartReader {
  /** Index of the last part that began. */
  let index = -1
  let open: OpenPart | undefined
  let hasCall = false

  const endArgs = (part: OpenPart, events: ModelEvent[]): void => {
    if (part.args) events.push({ type: 'part-delta', index, delta: part.args.json() })
    part.args = undefined
  }
  const close = (events: ModelEvent[]): void => {
    if (!open) return
    endArgs(open, events)
    events.push({ type: 'part-end', index, seals: open.seals })
    open = undefined
  }
  const begin = (part: Fields, events: ModelEvent[]): OpenPart => {
    close(events)
    const { head, said, opened } = openPart(decodeAnswerPart(part))
    index++
    hasCall ||= head.type === 'tool-call'
    events.push({ type: 'part-start', index, part: head })
    if (said !== '') events.push({ type: 'part-delta', index, delta: said })
    open = opened
    return opened
  }
  /** Takes a call, or a piece of one whose arguments are streamed. */
  const addCall = (part: Fields, events: ModelEvent[]): void => {
    const { name, args, partialArgs, willContinue, ...others } = camelObject(part['functionCall']) ?? {}
    const isNew = readText(name) !== undefined && (partialArgs === undefined || name !== open?.name)
    const isStreamed = partialArgs !== undefined || willContinue === true
    let call = open
    if (!call?.args || isNew) {
      // The end of a call that never began.
      if (readText(name) === undefined && args === undefined && !isStreamed) return
      call = begin({ ...part, functionCall: { ...others, name, args: isStreamed ? undefined : args } }, events)
      if (!isStreamed) return
      call.args = createPartialArgs(readObject(args) ?? {})
    } else call.seals = joined(call.seals, readSeals(part))
    call.args?.add(partialArgs)
    if (willContinue !== true) endArgs(call, events)
  }
  return {
    close,
    hasCall: () => hasCall,
    add(part, events) {
      const kind = plainKind(part)
      if (kind !== undefined && open?.type === kind && !open.seals) {
        if (part['text'] !== '') events.push({ type: 'part-delta', index, delta: String(part['text']) })
        open.seals = readSeals(part)
        return
      }
      const late = open && readLateSeals(part, open.type === 'reasoning')
      if (open && late) open.seals = joined(open.seals, late)
      else if (kind !== undefined && part['text'] === '' && part['thoughtSignature'] === undefined) return
      else if (isObject(part['functionCall'])) addCall(part, events)
      else begin(part, events)
    },
  }
}

/** How a part is told: as it begins, what it says by then, and what is to be known of it while it is open. */
function openPart(part: AnswerPart): { readonly head: PartHead; readonly said: string; readonly opened: OpenPart } {
  const { seals, extras } = part
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { head: { type: part.type, extras }, said: part.text, opened: { type: part.type, seals } }
    case 'tool-call': {
      const { type, id, name, kind, input } = part
      return { head: { type, id, name, kind, extras }, said: input, opened: { type, name, seals } }
    }
    case 'media':
    case 'opaque':
      return { head: { ...part, seals: undefined }, said: '', opened: { type: part.type, seals } }
  }
}

/** What a part of nothing but text, and perhaps a signature, is; undefined for any other. */
function plainKind(part: Fields): 'text' | 'reasoning' | undefined {
  if (typeof part['text'] !== 'string') return undefined
  for (const key in part) if (key !== 'text' && key !== 'thought' && key !== 'thoughtSignature') return undefined
  return part['thought'] === true ? 'reasoning' : 'text'
}

function joined(first: readonly Seal[] | undefined, later: readonly Seal[] | undefined): readonly Seal[] | undefined {
  return first && later ? [...first, ...later] : (first ?? later)
}
