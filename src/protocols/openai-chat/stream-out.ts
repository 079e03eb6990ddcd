import type { AnswerContext, Frame, Stage } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { OpaquePart, MediaPart, Seal } from '../../ir/part.ts'
import type { FinishEvent, ModelEvent, PartEndEvent, PartHead } from '../../ir/response.ts'
import { readObject } from '../../lib/json.ts'
import type { SealedPlace } from '../shared/seal.ts'
import { encodeFault } from './fault.ts'
import { readOwn } from './fields.ts'
import { writeFinish } from './finish.ts'
import { readDetailsSeal, wrappedDetail, writeCallSeals } from './reasoning.ts'
import { writeUsage } from './usage.ts'
import { writeImage } from './image.ts'

/** What is open on the client's side. */
type OpenPart =
  | { readonly type: 'text' | 'refusal' | 'none' }
  | { readonly type: 'reasoning'; readonly field: string; readonly place: SealedPlace; said: string }
  | { readonly type: 'call'; readonly index: number; readonly isCustom: boolean; isEmpty: boolean }

const NOTHING: readonly Frame[] = []
const CLOSED: OpenPart = { type: 'none' }
const FIRST: SealedPlace = { textChars: 0, calls: 0 }
const TAIL = ',"finish_reason":null}]}'

/** Writes a Chat Completions stream. @see https://platform.openai.com/docs/api-reference/chat-streaming */
export function streamEncoder(context: AnswerContext): Stage<ModelEvent, Frame> {
  /** What stands before the delta of every chunk. */
  let head = ''
  let open: OpenPart = CLOSED
  let calls = 0
  let textChars = 0
  /** Entries of `reasoning_details` so far. */
  let details = 0

  const chunk = (delta: string): readonly Frame[] => [{ data: head + delta + TAIL }]
  const openPart = (part: PartHead, index: number): readonly Frame[] => {
    const lost = (value: MediaPart | OpaquePart): readonly Frame[] => {
      context.onLoss({ path: `parts.${index}`, reason: value.type === 'media' ? 'answer-media' : 'foreign-part' })
      return NOTHING
    }
    switch (part.type) {
      case 'text':
        open = { type: part.refusal === true ? 'refusal' : 'text' }
        return NOTHING
      case 'reasoning':
        open = { type: 'reasoning', field: fieldFor(part.extras), place: { textChars, calls }, said: '' }
        return NOTHING
      case 'tool-call':
        open = { type: 'call', index: calls++, isCustom: part.kind === 'custom', isEmpty: true }
        return chunk(writeCallHead(part, open.index, context))
      case 'media': {
        const image = writeImage(part)
        return image ? chunk(JSON.stringify({ images: [image] })) : lost(part)
      }
      case 'opaque':
        return lost(part)
    }
  }
  const closePart = (part: OpenPart, { seals }: PartEndEvent): readonly Frame[] => {
    if (part.type === 'call') return closeCall(part, seals).flatMap(chunk)
    const isThinking = part.type === 'reasoning'
    if (!isThinking && (!seals || seals.length === 0)) return NOTHING
    const [text, place] = isThinking ? [part.said, part.place] : [undefined, FIRST]
    const entries = detailsFor(seals ?? [], text, details, place)
    details += entries.length
    return entries.length === 0 ? NOTHING : chunk(JSON.stringify({ reasoning_details: entries }))
  }
  return {
    push(event) {
      switch (event.type) {
        case 'start':
          head = writeHead(event.id, context)
          return chunk('{"role":"assistant","content":""}')
        case 'part-start':
          return openPart(event.part, event.index)
        case 'part-delta':
          if (open.type === 'text') textChars += event.delta.length
          return chunk(writeDelta(open, event.delta))
        case 'part-end': {
          const part = open
          open = CLOSED
          return closePart(part, event)
        }
        case 'finish':
          return writeEnding(event, head, calls > 0, context)
        case 'fault':
          return [{ data: JSON.stringify(encodeFault(event.fault)) }]
      }
    },
    end: () => NOTHING,
  }
}

function writeCallHead(
  { id, name, kind }: Extract<PartHead, { type: 'tool-call' }>,
  index: number,
  { newId }: AnswerContext,
): string {
  const named = kind === 'custom' ? { custom: { name, input: '' } } : { function: { name, arguments: '' } }
  return JSON.stringify({ tool_calls: [{ index, id: id === '' ? newId('call_') : id, type: kind, ...named }] })
}

function writeHead(id: string | undefined, { newId, createdAt, model }: AnswerContext): string {
  const chunkId = id === undefined || id === '' ? newId('chatcmpl-') : id
  const top = { id: chunkId, object: 'chat.completion.chunk', created: createdAt, model }
  return `${JSON.stringify(top).slice(0, -1)},"choices":[{"index":0,"delta":`
}

/** Clients of the vendor's own protocol see its thinking where the vendor shows it, all others where most clients look. */
function fieldFor(extras: PartEndEvent['extras']): string {
  const { field } = readOwn(extras)
  return field === 'reasoning' ? field : 'reasoning_content'
}

function writeDelta(open: OpenPart, delta: string): string {
  const text = JSON.stringify(delta)
  switch (open.type) {
    case 'reasoning':
      open.said += delta
      return `{"${open.field}":${text}}`
    case 'refusal':
      return `{"refusal":${text}}`
    case 'call':
      open.isEmpty = false
      return open.isCustom
        ? `{"tool_calls":[{"index":${open.index},"custom":{"input":${text}}}]}`
        : `{"tool_calls":[{"index":${open.index},"function":{"arguments":${text}}}]}`
    case 'text':
    case 'none':
      return `{"content":${text}}`
  }
}

/** The last deltas of a call: arguments for one that has none, and its seals. */
function closeCall(
  { index, isCustom, isEmpty }: Extract<OpenPart, { type: 'call' }>,
  seals: readonly Seal[] | undefined,
): readonly string[] {
  const deltas: string[] = []
  if (isEmpty && !isCustom) deltas.push(`{"tool_calls":[{"index":${index},"function":{"arguments":"{}"}}]}`)
  const extra_content = seals && writeCallSeals(seals)
  // The Python SDK's helper expects more of the call in every delta of it.
  const more = isCustom ? { custom: { input: '' } } : { function: { arguments: '' } }
  if (extra_content) deltas.push(JSON.stringify({ tool_calls: [{ index, ...more, extra_content }] }))
  return deltas
}

/**
 * The entries of `reasoning_details` for a part's seals: the vendor's own as it gave them, and one for all foreign
 * ones, or for foreign thinking without any. That one holds the thinking too, because a client need not bring it back beside them.
 *
 * @param text undefined for a part that is no thinking.
 * @param place what of the answer came before the part.
 */
export function detailsFor(
  seals: readonly Seal[],
  text: string | undefined,
  index: number,
  { textChars, calls }: SealedPlace,
): readonly JsonObject[] {
  const entries: JsonObject[] = []
  const foreign: Seal[] = []
  for (const seal of seals) {
    // Mistral wants its thinking back in a form that no other vendor takes from a client.
    if (seal.maker !== 'openai-chat' || (seal.kind === 'field' && seal.value === 'thinking')) foreign.push(seal)
    else if (seal.kind === 'details') entries.push(...readDetailsSeal(seal.value))
  }
  // Thinking that nobody sealed was another vendor's: those of this protocol are known by their fields.
  const isForeign = foreign.length > 0 || (seals.length === 0 && text !== undefined && text !== '')
  // At the very beginning is where thinking stands unless something else is said.
  const after = textChars + calls > 0 ? { textChars, calls } : undefined
  if (isForeign) entries.push(wrappedDetail({ seals: foreign, text, after }, index + entries.length))
  return entries
}

/** The finish, the usage where the client wants it, and the mark that all is said. */
function writeEnding(
  { finish, usage, extras }: FinishEvent,
  head: string,
  hasCalls: boolean,
  { includeUsage, onLoss }: AnswerContext,
): readonly Frame[] {
  const { message, ...choice } = readOwn(finish.extras)
  const delta = JSON.stringify(readObject(message) ?? {})
  const beside = `${writeFields(choice)}}]${writeFields(readOwn(extras))}}`
  const frames: Frame[] = [
    { data: `${head}${delta},"finish_reason":${JSON.stringify(writeFinish(finish, hasCalls, onLoss))}${beside}` },
  ]
  if (includeUsage && usage) {
    const top = head.slice(0, head.indexOf(',"choices":['))
    frames.push({ data: `${top},"choices":[],"usage":${JSON.stringify(writeUsage(usage))}}` })
  }
  frames.push({ data: '[DONE]' })
  return frames
}

/** Fields that follow others in an object, each after its comma. */
function writeFields(fields: JsonObject): string {
  const json = JSON.stringify(fields)
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}
