import type { MediaPart, Seal, ToolKind } from '../../ir/part.ts'
import type { ModelEvent, PartHead } from '../../ir/response.ts'
import type { Extras } from '../../ir/protocol.ts'
import { type Fields, parseJson } from '../../lib/json.ts'
import { appendDetails, detailsSeal, fieldSeal, type ReasoningField } from './reasoning.ts'

/** A call as far as it is known. */
export interface OpenCall {
  readonly id: string
  /** '' until the vendor says it. */
  name: string
  readonly kind: ToolKind
  /** Its input so far. */
  said: string
  seals?: readonly Seal[]
}

/** What may be open, or wait for its turn. */
type Piece =
  | { readonly type: 'text' | 'refusal'; said: string }
  | { readonly type: 'reasoning'; readonly field: ReasoningField | undefined; said: string }
  | { readonly type: 'call'; readonly call: OpenCall }
  | { readonly type: 'media'; readonly part: MediaPart }

/** Turns what a vendor says, in whatever order, into parts that never overlap. */
export interface PartWriter {
  readonly hasParts: () => boolean
  readonly hasCalls: () => boolean
  readonly say: (type: 'text' | 'refusal', delta: string) => void
  readonly think: (delta: string, field: ReasoningField | undefined) => void
  /** Details of the thinking; they are sealed when a part of thinking ends, the late ones at the end. */
  readonly note: (details: readonly Fields[]) => void
  readonly show: (part: MediaPart) => void
  /** Takes more of a call's input, or ('') that its name became known. */
  readonly call: (call: OpenCall, delta: string) => void
  /** Ends what is open and gives what still waits. */
  readonly close: () => void
  /** As {@link close}, and seals the details that came too late for their part. */
  readonly finish: () => void
}

/** Of a call whose name never came; whoever runs it says that there is no such tool. */
const NAMELESS = 'unnamed_tool'

/** @param write gets the events, in order. */
export function createPartWriter(write: (event: ModelEvent) => void): PartWriter {
  const line = createPartLine(write)
  /** What came while an unfinished call was open, in order. */
  let waiting: Piece[] = []

  /** Starts what waits, as far as the open call is complete and the next one has its name. */
  const advance = (): void => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (isUnfinished(line.open()) || (next.type === 'call' && next.call.name === '')) return
      waiting.shift()
      line.start(next)
    }
  }
  const add = (piece: Piece): void => {
    waiting.push(piece)
    advance()
  }
  const speak = (type: 'text' | 'refusal' | 'reasoning', delta: string, field?: ReasoningField): void => {
    const last = waiting.at(-1)
    if (!last && line.open()?.type === type) line.continue(delta)
    else if (last?.type === type) last.said += delta
    else add(type === 'reasoning' ? { type, field, said: delta } : { type, said: delta })
  }
  const close = (): void => {
    for (const piece of waiting) if (piece.type !== 'call' || isWorthwhile(piece.call)) line.start(piece)
    waiting = []
    line.end()
  }
  return {
    hasParts: line.hasParts,
    hasCalls: line.hasCalls,
    say: speak,
    think: (delta, field) => speak('reasoning', delta, field),
    note: line.note,
    show: (part) => add({ type: 'media', part }),
    call(call, delta) {
      call.said += delta
      if (line.isOpen(call)) {
        if (delta !== '') line.continue(delta)
        if (waiting.length > 0) advance()
      } else if (waiting.some((piece) => piece.type === 'call' && piece.call === call)) advance()
      else if (!line.hasEnded(call)) add({ type: 'call', call })
    },
    close,
    finish() {
      close()
      if (!line.hasLateDetails()) return
      line.start({ type: 'reasoning', field: undefined, said: '' })
      line.end()
    },
  }
}

/** A call that a vendor mentioned with neither name nor input is none. */
function isWorthwhile(call: OpenCall): boolean {
  if (call.name === '' && call.said.trim() === '') return false
  if (call.name === '') call.name = NAMELESS
  return true
}

/** The parts that were started, of which the last may be open. */
interface PartLine {
  readonly open: () => Piece | undefined
  readonly isOpen: (call: OpenCall) => boolean
  readonly hasEnded: (call: OpenCall) => boolean
  readonly hasParts: () => boolean
  readonly hasCalls: () => boolean
  readonly hasLateDetails: () => boolean
  readonly note: (details: readonly Fields[]) => void
  /** Ends what is open, and says of the new one what is known. */
  readonly start: (piece: Piece) => void
  readonly continue: (delta: string) => void
  readonly end: () => void
}

function createPartLine(write: (event: ModelEvent) => void): PartLine {
  /** Index of the part that is open, or was last. */
  let index = -1
  let open: Piece | undefined
  /** Calls that were ended: whatever still comes for them is white space. */
  const ended = new Set<OpenCall>()
  /** Details of thinking that no part has taken with it. */
  let details: Record<string, unknown>[] = []
  let hasCalls = false

  const takeSeals = (piece: Piece): readonly Seal[] | undefined => {
    if (piece.type === 'call') return piece.call.seals
    if (piece.type !== 'reasoning') return undefined
    const seals = piece.field === undefined ? [] : [fieldSeal(piece.field)]
    if (details.length > 0) seals.push(detailsSeal(details))
    details = []
    return seals
  }
  const end = (): void => {
    if (!open) return
    write({ type: 'part-end', index, seals: takeSeals(open) })
    if (open.type === 'call') ended.add(open.call)
    open = undefined
  }
  return {
    open: () => open,
    isOpen: (call) => open?.type === 'call' && open.call === call,
    hasEnded: (call) => ended.has(call),
    hasParts: () => index >= 0,
    hasCalls: () => hasCalls,
    hasLateDetails: () => details.length > 0,
    note: (more) => appendDetails(details, more),
    start(piece) {
      end()
      index++
      open = piece
      write({ type: 'part-start', index, part: headOf(piece) })
      const said = saidOf(piece)
      if (said !== '') write({ type: 'part-delta', index, delta: said })
      if (piece.type === 'call') hasCalls = true
      else if (piece.type === 'media') end()
    },
    continue: (delta) => write({ type: 'part-delta', index, delta }),
    end,
  }
}

function saidOf(piece: Piece): string {
  if (piece.type === 'call') return piece.call.said
  return piece.type === 'media' ? '' : piece.said
}

function isUnfinished(piece: Piece | undefined): boolean {
  if (piece?.type !== 'call' || piece.call.kind === 'custom') return false
  const { said } = piece.call
  // Only a closing brace can complete it: most pieces need no parsing.
  return !/\}\s*$/.test(said) || parseJson(said) === undefined
}

function headOf(piece: Piece): PartHead {
  switch (piece.type) {
    case 'text':
      return { type: 'text' }
    case 'refusal':
      return { type: 'text', refusal: true }
    case 'reasoning':
      return { type: 'reasoning', extras: piece.field === 'reasoning' ? PLAIN_FIELD : undefined }
    case 'call':
      return { type: 'tool-call', id: piece.call.id, name: piece.call.name, kind: piece.call.kind }
    case 'media':
      return piece.part
  }
}

/** Tells clients of this protocol in which field the vendor shows its thinking, where it is not the usual one. */
const PLAIN_FIELD: Extras = { 'openai-chat': { field: 'reasoning' satisfies ReasoningField } }
