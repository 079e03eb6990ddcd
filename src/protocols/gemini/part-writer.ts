import type { OnLoss } from '../../ir/codec.ts'
import { mergeExtras } from '../../ir/collect.ts'
import type { PartEndEvent, PartHead } from '../../ir/response.ts'
import type { Fields } from '../../lib/json.ts'
import { clientSignatures, readOwn, signatureAlone } from './part-out.ts'
import { encodeAnswerPart, isBroken } from './response.ts'

/** Writes the parts of one streamed answer: as JSON, several with commas between them, '' for none. */
export interface PartWriter {
  start(head: PartHead, index: number): void
  add(delta: string): string
  end(event: PartEndEvent): string
  /** Gives a call that broke off, once: it goes out unless the answer's end says that the limit cut it. */
  takeBroken(): string
}

export function createPartWriter(onLoss: OnLoss): PartWriter {
  let open: PartHead | undefined
  /** What stands before a text of the open part, and after it. */
  let before = ''
  let after = ''
  /** The input of the open call so far. */
  let input = ''
  /** Something of the open part was said. */
  let isSaid = false
  let broken = ''
  return {
    start(head, index) {
      open = head
      input = ''
      isSaid = false
      if (head.type === 'text' && head.refusal === true) onLoss({ path: `parts.${index}`, reason: 'refusal-as-text' })
      before = head.type === 'reasoning' ? '{"thought":true,"text":' : '{"text":'
      after = writeTail(readOwn(head.extras))
    },
    add(delta) {
      isSaid = true
      if (open?.type === 'tool-call') {
        input += delta
        return ''
      }
      const part = before + JSON.stringify(delta) + after
      // Its other fields are told once.
      after = '}'
      return part
    },
    end(event) {
      const part = open
      open = undefined
      if (!part) return ''
      if (part.type === 'text' || part.type === 'reasoning') return writeSignatures(part.type, isSaid, event)
      const written = writeWhole(part, input, event, onLoss)
      if (part.type !== 'tool-call' || !isBroken({ ...part, input })) return written
      broken = written
      return ''
    },
    takeBroken() {
      const part = broken
      broken = ''
      return part
    },
  }
}

/** The other fields of a text's part, and its end. */
function writeTail(fields: Fields): string {
  const json = JSON.stringify(fields)
  return json === '{}' ? '}' : `,${json.slice(1)}`
}

/** The signatures of a part that was said already. */
function writeSignatures(type: 'text' | 'reasoning', isSaid: boolean, { seals = [] }: PartEndEvent): string {
  if (seals.length === 0) return ''
  const isThought = type === 'reasoning' || seals.some(({ maker }) => maker !== 'gemini')
  const signatures = clientSignatures(seals, type === 'reasoning' && !isSaid)
  return writeParts(signatures.map((signature) => signatureAlone(signature, isThought)))
}

type WholeHead = Exclude<PartHead, { type: 'text' | 'reasoning' }>

/** A part that goes out when it is complete. */
function writeWhole(
  part: WholeHead,
  input: string,
  { index, seals, extras: later }: PartEndEvent,
  onLoss: OnLoss,
): string {
  const extras = mergeExtras(part.extras, later)
  const whole =
    part.type === 'tool-call' ? { ...part, input, seals, extras } : { ...part, seals: seals ?? part.seals, extras }
  return writeParts(encodeAnswerPart(whole, `parts.${index}`, onLoss))
}

function writeParts(parts: readonly Fields[]): string {
  return parts.map((part) => JSON.stringify(part)).join(',')
}
