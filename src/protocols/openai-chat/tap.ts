import type { Tap } from '../../ir/codec.ts'
import type { Fault } from '../../ir/fault.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson, parseObject } from '../../lib/json.ts'
import { readSmuggledFault, smuggledFault } from './fault.ts'
import { isBlankUsage, readChunkUsage, readUsage } from './usage.ts'

/**
 * Reads along a relayed answer. Most chunks are not parsed: a key between plain quotes cannot stand inside a string of
 * the model's, where quotes are escaped, so looking for the keys that matter is enough to tell them apart.
 */
export function tap(): Tap {
  const seen = new SeenSigns()
  return {
    seen,
    pushFrame({ event, data }) {
      if (data === '' || seen.isOver) return
      if (data.trim() === '[DONE]') seen.isOver = true
      else if (event === 'error') seen.fault ??= smuggledFault(parseJson(data) ?? data)
      else readChunk(data, seen)
    },
    pushBody(body) {
      const { choices, usage } = body
      seen.fault = readSmuggledFault(body)
      seen.usage = readUsage(usage)
      seen.hasContent = Array.isArray(choices) && choices.length > 0
      seen.isOver = true
    },
  }
}

class SeenSigns {
  hasContent = false
  hasFinish = false
  isOver = false
  usage: Usage | undefined
  fault: Fault | undefined

  get isComplete(): boolean {
    return (this.hasFinish || this.isOver) && this.fault === undefined
  }
}

const QUOTE = 0x22
const BRACE = 0x7b

function readChunk(data: string, seen: SeenSigns): void {
  const isOdd = !data.includes('"choices"') || startOfValue(data, '"error"') !== undefined
  const hasUsage = startOfValue(data, '"usage"') === BRACE
  if (isOdd || hasUsage) {
    const chunk = parseObject(data)
    const fault = chunk && readSmuggledFault(chunk)
    if (fault) {
      seen.fault ??= fault
      return
    }
    const usage = chunk && readChunkUsage(chunk, seen.usage)
    if (usage && (!seen.usage || !isBlankUsage(usage))) seen.usage = usage
    if (!chunk || !Array.isArray(chunk['choices'])) return
  }
  seen.hasContent = true
  if (startOfValue(data, '"finish_reason"') === QUOTE && !/"finish_reason"\s*:\s*"(?:error)?"/.test(data))
    seen.hasFinish = true
}

/** Code of the first character of a key's value; undefined when the key is missing or its value is null. */
function startOfValue(data: string, key: string): number | undefined {
  const at = data.indexOf(key)
  if (at < 0) return undefined
  let next = at + key.length
  while (data.charCodeAt(next) <= 0x20) next++
  if (data.charCodeAt(next) !== 0x3a) return undefined
  next++
  while (data.charCodeAt(next) <= 0x20) next++
  return data.startsWith('null', next) ? undefined : data.charCodeAt(next)
}
