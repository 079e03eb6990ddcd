import type { ModelEvent, PartEndEvent, PartHead } from '../../ir/response.ts'
import { parseJson, readString, readText, type Fields } from '../../lib/json.ts'
import { decodeAnswerBlock, opaqueFor, ownExtras, readCitations } from './blocks-in.ts'

/** Reads the blocks of one streamed answer; the events they make are added to the list given. */
export interface BlockReader {
  open(wireIndex: number, block: Fields, events: ModelEvent[]): void
  add(wireIndex: number, delta: Fields, events: ModelEvent[]): void
  /** Ends the open block, or only the one with this index; gives the list back. */
  close(events: ModelEvent[], wireIndex?: number): ModelEvent[]
  /** A call came that the client has to run. */
  hasCall(): boolean
}

interface OpenBlock {
  readonly wireIndex: number
  readonly kind: 'text' | 'thinking' | 'redacted_thinking' | 'tool_use' | 'opaque'
  /** The block as it began; that of an opaque one grows. */
  readonly block: Record<string, unknown>
  readonly citations: unknown[]
  signature?: string
  /** Something was said since the block began. */
  isSaid: boolean
  /** Streamed input of an opaque block. */
  input: string
}

export function createBlockReader(): BlockReader {
  /** Index of the last part that began. */
  let index = -1
  let open: OpenBlock | undefined
  let hasCall = false

  const openBlock = (wireIndex: number, block: Fields, events: ModelEvent[]): void => {
    closeBlock(events)
    index++
    const kind = kindOf(block)
    open = {
      wireIndex,
      kind,
      block: { ...block },
      citations: [],
      signature: readText(block['signature']),
      isSaid: false,
      input: '',
    }
    const part = headOf(kind, block)
    if (!part) return
    hasCall ||= kind === 'tool_use'
    events.push({ type: 'part-start', index, part })
    if (kind === 'text' || kind === 'thinking') say(readString(block[kind]), events)
  }
  const say = (delta: string | undefined, events: ModelEvent[]): void => {
    if (!open || delta === undefined || delta === '') return
    open.isSaid = true
    events.push({ type: 'part-delta', index, delta })
  }
  const closeBlock = (events: ModelEvent[], wireIndex?: number): ModelEvent[] => {
    if (!open || (wireIndex !== undefined && wireIndex !== open.wireIndex)) return events
    const block = open
    if (block.kind === 'tool_use') say(lateInput(block), events)
    if (block.kind === 'redacted_thinking') say(endedReasoning(block).text, events)
    open = undefined
    if (block.kind === 'opaque') events.push({ type: 'part-start', index, part: opaqueFor(endedOpaque(block)) })
    events.push({ type: 'part-end', index, ...endOf(block) })
    return events
  }
  return {
    open: openBlock,
    close: closeBlock,
    hasCall: () => hasCall,
    add(wireIndex, delta, events) {
      const { type } = delta
      // A server that goes back to a block it left, or never began it, goes on in a part of its own.
      if (type === 'text_delta' || type === 'thinking_delta') {
        const kind = type === 'text_delta' ? 'text' : 'thinking'
        if (open?.kind === 'opaque' && open.wireIndex === wireIndex) return addOpaque(open, delta)
        if (open?.wireIndex !== wireIndex || open.kind !== kind) openBlock(wireIndex, { type: kind }, events)
        return say(readString(delta[kind]), events)
      }
      if (!open || open.wireIndex !== wireIndex) return
      if (open.kind === 'opaque') addOpaque(open, delta)
      else if (type === 'input_json_delta' && open.kind === 'tool_use') say(readString(delta['partial_json']), events)
      else if (type === 'signature_delta') open.signature = readText(delta['signature']) ?? open.signature
      else if (type === 'citations_delta') open.citations.push(delta['citation'])
    },
  }
}

function kindOf({ type }: Fields): OpenBlock['kind'] {
  return type === 'text' || type === 'thinking' || type === 'redacted_thinking' || type === 'tool_use' ? type : 'opaque'
}

/** How a part begins; an opaque one is told when it is whole. */
function headOf(kind: OpenBlock['kind'], block: Fields): PartHead | undefined {
  switch (kind) {
    case 'text': {
      const { type: _type, text: _text, citations: _citations, ...rest } = block
      return { type: 'text', extras: ownExtras(rest) }
    }
    case 'thinking': {
      const { type: _type, thinking: _thinking, signature: _signature, ...rest } = block
      return { type: 'reasoning', extras: ownExtras(rest) }
    }
    case 'redacted_thinking':
      return { type: 'reasoning' }
    case 'tool_use': {
      const { type: _type, id, name, input: _input, ...rest } = block
      const extras = ownExtras(rest)
      return { type: 'tool-call', id: readString(id) ?? '', name: readString(name) ?? '', kind: 'function', extras }
    }
    case 'opaque':
      return undefined
  }
}

/** The input of a call that came without deltas: whole with its beginning, or none. */
function lateInput({ isSaid, block }: OpenBlock): string {
  return isSaid ? '' : JSON.stringify(block['input'] ?? {})
}

function endedReasoning({
  block,
  signature,
}: OpenBlock): Extract<ReturnType<typeof decodeAnswerBlock>, { type: 'reasoning' }> {
  const part = decodeAnswerBlock({ ...block, signature })
  return part.type === 'reasoning' ? part : { type: 'reasoning', text: '' }
}

function endOf(open: OpenBlock): Pick<PartEndEvent, 'seals' | 'extras'> {
  switch (open.kind) {
    case 'text': {
      const citations = readCitations(open.citations.length > 0 ? open.citations : open.block['citations'])
      return { extras: ownExtras({ citations }) }
    }
    case 'thinking':
    case 'redacted_thinking':
      return { seals: endedReasoning(open).seals }
    case 'tool_use':
    case 'opaque':
      return {}
  }
}

/** Of blocks that nobody here knows, a delta's texts are appended and its other values replace. */
function addOpaque(open: OpenBlock, { type: _type, partial_json, ...fields }: Fields): void {
  const { block } = open
  if (typeof partial_json === 'string') open.input += partial_json
  for (const key in fields) {
    const before = block[key]
    const added = fields[key]
    block[key] = typeof before === 'string' && typeof added === 'string' ? before + added : added
  }
}

function endedOpaque({ block, input }: OpenBlock): Fields {
  const value = input === '' ? undefined : parseJson(input)
  return value === undefined ? block : { ...block, input: value }
}
