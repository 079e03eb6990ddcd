import type { Seal } from '../../ir/part.ts'
import type { ModelEvent, PartHead } from '../../ir/response.ts'
import { isObject, readObject, readText, type Fields } from '../../lib/json.ts'
import { camelFields } from './json-case.ts'
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

  const begin = (head: PartHead, part: OpenPart, said: string, events: ModelEvent[]): void => {
    close(events)
    index++
    open = part
    hasCall ||= head.type === 'tool-call'
    events.push({ type: 'part-start', index, part: head })
    if (said !== '') events.push({ type: 'part-delta', index, delta: said })
  }
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
  /** True when the part is a piece of a call whose arguments are streamed, and was taken. */
  const addPiece = (part: Fields, events: ModelEvent[]): boolean => {
    const call = camelFields(readObject(part['functionCall']) ?? {})
    const { name, args, partialArgs, willContinue } = call
    const isNew = readText(name) !== undefined && !(partialArgs !== undefined && name === open?.name)
    if (open?.args && !isNew) {
      open.args.add(partialArgs)
      open.seals = joined(open.seals, readSeals(part))
      if (willContinue !== true) endArgs(open, events)
      return true
    }
    // The end of a call that never began, or has ended.
    if (readText(name) === undefined && args === undefined && partialArgs === undefined) return true
    if (willContinue !== true && partialArgs === undefined) return false
    const { willContinue: _more, partialArgs: _pieces, args: _args, ...first } = call
    beginWhole({ ...part, functionCall: first }, events)
    if (!open) return true
    open.args = createPartialArgs(readObject(args) ?? {})
    open.args.add(partialArgs)
    if (willContinue !== true) endArgs(open, events)
    return true
  }
  const beginWhole = (part: Fields, events: ModelEvent[]): void => {
    const whole = decodeAnswerPart(part)
    const { seals, extras } = whole
    switch (whole.type) {
      case 'text':
      case 'reasoning':
        return begin({ type: whole.type, extras }, { type: whole.type, seals }, whole.text, events)
      case 'tool-call': {
        const { type, id, name, kind, input } = whole
        return begin({ type, id, name, kind, extras }, { type, name, seals }, input, events)
      }
      case 'media':
      case 'opaque':
        return begin({ ...whole, seals: undefined }, { type: whole.type, seals }, '', events)
    }
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
      else if (!isObject(part['functionCall']) || !addPiece(part, events)) beginWhole(part, events)
    },
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
