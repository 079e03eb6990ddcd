import type { Tap } from '../../ir/codec.ts'
import type { Fault } from '../../ir/fault.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson, readArray, readObject, readText, type Fields } from '../../lib/json.ts'
import { unwrapped } from './answer-in.ts'
import { brokenAnswer, decodeStreamFault, isFault } from './fault.ts'
import { camelFields, camelObject, camelObjects } from './json-case.ts'
import { decodeUsage, laterUsage } from './usage.ts'

/**
 * Reads along a relayed answer. The first chunk is parsed, then only those that may tell more than a piece of the
 * answer: a key between plain quotes cannot stand inside a string of the model's, where quotes are escaped.
 */
export function tap(): Tap {
  const seen = new SeenSigns()
  return {
    seen,
    pushFrame({ data }) {
      if (seen.hasContent && isPiece(data)) return
      const value = parseJson(data)
      const chunks = Array.isArray(value) ? value : [value]
      for (const chunk of chunks) {
        const fields = readObject(chunk)
        if (fields) readChunk(fields, seen)
        else if (!isBlank(data)) seen.fault ??= brokenAnswer('The upstream sent an event that is no JSON object.', data)
      }
    },
    pushBody(body) {
      readChunk(body, seen)
      seen.isOver = true
    },
  }
}

/** What was seen; there is no mark of the end. */
class SeenSigns {
  hasContent = false
  hasFinish = false
  isOver = false
  /** Usage as it was last told. */
  counted: Fields | undefined
  usage: Usage | undefined
  fault: Fault | undefined

  get isComplete(): boolean {
    return (this.hasFinish || this.isOver) && this.fault === undefined
  }
}

function isPiece(data: string): boolean {
  return data.includes('"candidates"') && !data.includes('"finishReason"') && !data.includes('"finish_reason"')
}

function isBlank(data: string): boolean {
  const text = data.trim()
  return text === '' || text === '[DONE]'
}

function readChunk(chunk: Fields, seen: SeenSigns): void {
  if (isFault(chunk)) {
    seen.fault ??= decodeStreamFault(chunk)
    return
  }
  const { candidates, promptFeedback, usageMetadata } = camelFields(unwrapped(chunk))
  const { blockReason } = camelObject(promptFeedback) ?? {}
  const isBlocked = readText(blockReason) !== undefined
  if (isBlocked || readArray(candidates).length > 0) seen.hasContent = true
  if (isBlocked || camelObjects(candidates).some(({ finishReason }) => readText(finishReason) !== undefined))
    seen.hasFinish = true
  const counted = camelObject(usageMetadata)
  if (counted) seen.usage = decodeUsage((seen.counted = laterUsage(seen.counted, counted)))
}
