import type { AnswerContext, Frame, StreamEncoder } from '../../ir/codec.ts'
import type { FinishEvent, PartEndEvent, PartHead, StartEvent } from '../../ir/response.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { Fields } from '../../lib/json.ts'
import { encodeFault } from './fault.ts'
import { finishWord } from './finish.ts'
import { clientSignatures, readOwn, signatureAlone } from './part-out.ts'
import { encodeAnswerPart, isBlocked, isBroken } from './response.ts'
import { encodeUsage } from './usage.ts'

const NOTHING: readonly Frame[] = []
const HEAD = '{"candidates":[{"content":{"role":"model","parts":['

/** Writes chunks that are each a whole `GenerateContentResponse`; calls come complete. */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  let start: StartEvent = { type: 'start' }
  let names: Fields = {}
  /** What stands after the parts of every chunk but the last. */
  let tail = ''
  let open: PartHead | undefined
  /** What stands before a text of the open part, and after it. */
  let before = ''
  let after = ''
  /** The input of the open call so far. */
  let input = ''
  /** Something of the open part was said. */
  let isSaid = false
  let hasParts = false
  /** A call that broke off: it goes out unless the answer's end says that the limit cut it. */
  let broken: readonly Frame[] = NOTHING

  const chunk = (parts: string): Frame => {
    hasParts = true
    return { data: HEAD + parts + tail }
  }
  const chunkOf = (parts: readonly Fields[]): readonly Frame[] =>
    parts.length === 0 ? NOTHING : [chunk(parts.map((part) => JSON.stringify(part)).join(','))]
  const takeBroken = (): readonly Frame[] => {
    const frames = broken
    broken = NOTHING
    return frames
  }
  const startPart = (head: PartHead, index: number): void => {
    open = head
    input = ''
    isSaid = false
    if (head.type === 'text' && head.refusal === true)
      context.onLoss({ path: `parts.${index}`, reason: 'refusal-as-text' })
    before = head.type === 'reasoning' ? '{"thought":true,"text":' : '{"text":'
    after = writeTail(readOwn('extras' in head ? head.extras : undefined))
  }
  const say = (delta: string): readonly Frame[] => {
    isSaid = true
    if (open?.type === 'tool-call') {
      input += delta
      return NOTHING
    }
    const frame = chunk(before + JSON.stringify(delta) + after)
    // Its other fields are told once.
    after = '}'
    return [frame]
  }
  const endPart = ({ index, seals, extras: later }: PartEndEvent): readonly Frame[] => {
    const part = open
    open = undefined
    if (!part) return NOTHING
    const path = `parts.${index}`
    switch (part.type) {
      case 'text':
      case 'reasoning': {
        const isThought = part.type === 'reasoning' || seals?.some(({ maker }) => maker !== 'gemini') === true
        const signatures = clientSignatures(seals, part.type === 'reasoning' && !isSaid)
        return chunkOf(signatures.map((signature) => signatureAlone(signature, isThought)))
      }
      case 'tool-call': {
        const call = { ...part, input, seals, extras: mergeExtras(part.extras, later) }
        const frames = chunkOf(encodeAnswerPart(call, path, context.onLoss))
        if (!isBroken(call)) return frames
        broken = frames
        return NOTHING
      }
      case 'media':
      case 'opaque':
        return chunkOf(encodeAnswerPart({ ...part, seals: seals ?? part.seals }, path, context.onLoss))
    }
  }
  const finish = (event: FinishEvent): Frame => {
    const own = readOwn(mergeExtras(start.extras, event.extras))
    const usageMetadata = event.usage ? encodeUsage(event.usage) : own['usageMetadata']
    const others = { usageMetadata, ...names, ...own }
    if (!hasParts && isBlocked(event.finish, own)) return { data: JSON.stringify(others) }
    const candidate = { finishReason: finishWord(event.finish), index: 0, ...readOwn(event.finish.extras) }
    return { data: JSON.stringify({ candidates: [candidate], ...others }) }
  }
  return {
    push(event) {
      switch (event.type) {
        case 'start':
          start = event
          names = { modelVersion: context.model || event.model, responseId: event.id || context.newId('') }
          tail = `]},"index":0}],${JSON.stringify(names).slice(1)}`
          return NOTHING
        case 'part-start':
          startPart(event.part, event.index)
          return takeBroken()
        case 'part-delta':
          return say(event.delta)
        case 'part-end':
          return endPart(event)
        case 'finish':
          return event.finish.reason === 'length' ? [finish(event)] : [...takeBroken(), finish(event)]
        case 'fault':
          return [{ data: JSON.stringify(encodeFault(event.fault)) }]
      }
    },
    end: () => NOTHING,
  }
}

/** The other fields of a text's part, and its end. */
function writeTail(fields: Fields): string {
  const json = JSON.stringify(fields)
  return json === '{}' ? '}' : `,${json.slice(1)}`
}
