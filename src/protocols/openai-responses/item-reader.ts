import { type Fields, readNumber, readObject, readObjects, readString, readText } from '../../lib/json.ts'
import { decodeCall, decodeContent, decodeItem, MESSAGE_TWIN, readInput } from './item-in.ts'
import type { PartLane } from './part-queue.ts'
import { CONTENT_TWIN, decodeReasoning, ITEM_TWIN, SUMMARY_GAP } from './reasoning.ts'

/** Reads the events of one streamed item; its parts go to a lane. */
export interface ItemReader {
  /** Takes an event of the item between its beginning and its end. */
  read(type: string, event: Fields): void
  /** Takes the whole item, undefined when the vendor never told it. */
  end(item: Fields | undefined): void
}

/** @param begun the item as it began. */
export function createItemReader(begun: Fields, lane: PartLane): ItemReader {
  switch (begun['type']) {
    case 'message':
      return createMessageReader(begun, lane)
    case 'reasoning':
      return createReasoningReader(begun, lane)
    case 'function_call':
    case 'custom_tool_call':
      return createCallReader(begun, lane)
    default:
      return { read: () => undefined, end: (item) => tellWhole(item ?? begun, lane) }
  }
}

/** The item that an event belongs to, where the vendor never said that one began; undefined for events of no part. */
export function itemBegunBy(type: string, { item_id: id }: Fields): Fields | undefined {
  if (type.startsWith('response.output_text.') || type.startsWith('response.refusal.')) {
    return { type: 'message', id, role: 'assistant' }
  }
  if (type.startsWith('response.reasoning')) return { type: 'reasoning', id }
  if (type.startsWith('response.function_call_arguments.')) return { type: 'function_call', id }
  return type.startsWith('response.custom_tool_call_input.') ? { type: 'custom_tool_call', id } : undefined
}

/** All parts of an item that nothing was told of yet. */
function tellWhole(item: Fields, lane: PartLane): void {
  for (const part of decodeItem(item)) {
    switch (part.type) {
      case 'text':
        lane.start({ type: 'text', refusal: part.refusal, extras: part.extras })
        if (part.text !== '') lane.add(part.text)
        lane.end({ extras: part.extras })
        break
      case 'media':
      case 'opaque':
        lane.start(part)
        lane.end({})
        break
      // These have readers of their own.
      case 'reasoning':
      case 'tool-call':
    }
  }
}

/** A part of a message's content that is being told. */
interface OpenContent {
  readonly at: number
  readonly kind: 'text' | 'refusal' | 'opaque'
  /** As it is known so far. */
  part: Fields
  isSaid: boolean
}

function kindOf({ type }: Fields): OpenContent['kind'] {
  if (type === 'refusal') return 'refusal'
  return type === undefined || type === 'output_text' || type === 'text' ? 'text' : 'opaque'
}

function createMessageReader(begun: Fields, lane: PartLane): ItemReader {
  let shell = shellOf(begun)
  let open: OpenContent | undefined
  /** How many parts of the content were told of. */
  let count = 0
  const close = (): void => {
    if (!open) return
    const { kind, part } = open
    open = undefined
    const decoded = decodeContent(kind === 'text' ? { ...part, type: 'output_text' } : part, shell)
    if (decoded.type === 'opaque') lane.start(decoded)
    lane.end({ extras: decoded.extras })
  }
  const begin = (at: number, part: Fields): OpenContent => {
    close()
    count = Math.max(count, at + 1)
    const content: OpenContent = { at, kind: kindOf(part), part, isSaid: false }
    open = content
    if (content.kind !== 'opaque') {
      const refusal = content.kind === 'refusal' ? true : undefined
      lane.start({ type: 'text', refusal, extras: { 'openai-responses': { [MESSAGE_TWIN]: shell } } })
    }
    return content
  }
  const contentAt = (at: number, kind: OpenContent['kind'], part: Fields): OpenContent =>
    open?.at === at && open.kind === kind ? open : begin(at, part)
  const say = (content: OpenContent, text: string | undefined): void => {
    if (text === undefined || text === '') return
    content.isSaid = true
    lane.add(text)
  }
  /** Takes a part when it is whole: what it says counts only where nothing of it was said before. */
  const readWhole = (at: number, part: Fields): void => {
    if (open?.at !== at && at < count) return
    const kind = kindOf(part)
    const content = contentAt(at, kind, part)
    content.part = part
    if (content.isSaid || kind === 'opaque') return
    const { text, refusal } = part
    say(content, readString(kind === 'refusal' ? (refusal ?? text) : text))
  }
  return {
    read(type, event) {
      const at = readNumber(event['content_index']) ?? 0
      switch (type) {
        case 'response.output_text.delta':
          return say(contentAt(at, 'text', SILENT_TEXT), readString(event['delta']))
        case 'response.refusal.delta':
          return say(contentAt(at, 'refusal', SILENT_REFUSAL), readString(event['delta']))
        case 'response.output_text.done':
          return readWhole(at, { ...(open?.at === at ? open.part : SILENT_TEXT), text: event['text'] })
        case 'response.refusal.done':
          return readWhole(at, { ...SILENT_REFUSAL, refusal: event['refusal'] })
        case 'response.content_part.added':
          begin(at, readObject(event['part']) ?? SILENT_TEXT)
          return
        case 'response.content_part.done': {
          const part = readObject(event['part'])
          if (part) readWhole(at, part)
        }
      }
    },
    end(item) {
      if (item) shell = shellOf(item)
      if (count === 0) tellWhole({ ...(item ?? begun), type: 'message' }, lane)
      else for (const [at, part] of readObjects(item?.['content']).entries()) readWhole(at, part)
      close()
    },
  }
}

const SILENT_TEXT: Fields = { type: 'output_text', text: '' }
const SILENT_REFUSAL: Fields = { type: 'refusal', refusal: '' }

function shellOf({ role: _role, content: _content, ...shell }: Fields): Fields {
  return shell
}

function createCallReader(begun: Fields, lane: PartLane): ItemReader {
  let call = begun
  let isStarted = false
  let isSaid = false
  /** What was said of the input before the tool's name was known. */
  let early = ''
  const start = (): void => {
    if (isStarted) return
    isStarted = true
    const { input: _input, ...head } = decodeCall(call)
    lane.start(head)
    if (early !== '') lane.add(early)
  }
  const say = (text: string): void => {
    if (text === '') return
    isSaid = true
    if (isStarted) lane.add(text)
    else early += text
  }
  if (readText(begun['name']) !== undefined) start()
  return {
    read(type, event) {
      switch (type) {
        case 'response.function_call_arguments.delta':
        case 'response.custom_tool_call_input.delta':
          return say(readString(event['delta']) ?? '')
        case 'response.function_call_arguments.done':
          return isSaid ? undefined : say(readInput(event['arguments']))
        case 'response.custom_tool_call_input.done':
          return isSaid ? undefined : say(readInput(event['input']))
      }
    },
    end(item) {
      call = { ...begun, ...item }
      start()
      const { input, extras } = decodeCall(call)
      if (!isSaid) say(input)
      lane.end({ extras })
    },
  }
}

function createReasoningReader(begun: Fields, lane: PartLane): ItemReader {
  /** Where the item shows its thinking: where it spoke first. */
  let form: 'summary' | 'content' | undefined
  /** Index of the summary's or content's part that spoke last. */
  let last = -1
  const say = (where: 'summary' | 'content', at: number, text: string | undefined): void => {
    if (text === undefined || text === '' || (form !== undefined && form !== where)) return
    if (form === undefined) {
      form = where
      const twin = { [ITEM_TWIN]: { id: begun['id'] }, [CONTENT_TWIN]: where === 'content' ? true : undefined }
      lane.start({ type: 'reasoning', extras: { 'openai-responses': twin } })
    } else if (at !== last) lane.add(SUMMARY_GAP)
    last = at
    lane.add(text)
  }
  const sayWhole = (where: 'summary' | 'content', at: number, text: unknown): void => {
    if (at > last) say(where, at, readString(text))
  }
  return {
    read(type, event) {
      const { delta, text, part, summary_index, content_index } = event
      const inSummary = readNumber(summary_index) ?? 0
      const inContent = readNumber(content_index) ?? 0
      switch (type) {
        case 'response.reasoning_summary_text.delta':
          return say('summary', inSummary, readString(delta))
        case 'response.reasoning_text.delta':
          return say('content', inContent, readString(delta))
        case 'response.reasoning_summary_text.done':
          return sayWhole('summary', inSummary, text)
        case 'response.reasoning_text.done':
          return sayWhole('content', inContent, text)
        case 'response.reasoning_summary_part.done':
          return sayWhole('summary', inSummary, readObject(part)?.['text'])
        case 'response.content_part.done':
          return sayWhole('content', inContent, readObject(part)?.['text'])
      }
    },
    end(item) {
      const { text, seals, extras } = decodeReasoning({ ...begun, ...item })
      if (form === undefined) {
        lane.start({ type: 'reasoning', extras })
        if (text !== '') lane.add(text)
      }
      lane.end({ seals, extras })
    },
  }
}
