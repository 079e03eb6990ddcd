import type { Frame, Tap } from '../../ir/codec.ts'
import type { Fault } from '../../ir/fault.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson, readObject, readString } from '../../lib/json.ts'
import { brokenAnswer, readFailure, readSmuggledFault, smuggledFault } from './fault.ts'
import { isResponse } from './response.ts'
import { readUsage } from './usage.ts'

/** Events with which an answer ends, or fails. */
const ENDINGS: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.done',
  'response.error',
  'error',
])

/** Events that say that an answer is to come: it may still fail without a word. */
const OPENINGS: ReadonlySet<string> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  // Of ChatGPT's backend alone.
  'response.metadata',
])

/**
 * Reads along a relayed answer. Of a stream only the events with which it ends are parsed: a key and its value between
 * plain quotes cannot stand inside a string of the model's, where quotes are escaped.
 */
export function tap(): Tap {
  const seen = new SeenSigns()
  return {
    seen,
    pushFrame(frame) {
      if (frame.data === '' || seen.isOver) return
      const type = typeOf(frame)
      if (type !== undefined && !ENDINGS.has(type)) {
        if (type.startsWith('response.') && !OPENINGS.has(type)) seen.hasContent = true
      } else readTelling(frame, seen)
    },
    pushBody(body) {
      seen.fault = readSmuggledFault(body)
      seen.usage = readUsage(body['usage'])
      seen.hasContent = isResponse(body)
      seen.isOver = true
    },
  }
}

class SeenSigns {
  hasContent = false
  isOver = false
  usage: Usage | undefined
  fault: Fault | undefined

  get isComplete(): boolean {
    return this.isOver && this.fault === undefined
  }
}

/** The event's type as its name or, where it has none, its data tells; undefined where nothing but parsing can tell. */
function typeOf({ event, data }: Frame): string | undefined {
  if (event !== undefined && event !== 'message') return event
  return /"type"\s*:\s*"(response\.[^"]*|error)"/.exec(data)?.[1]
}

function readTelling({ event: name, data }: Frame, seen: SeenSigns): void {
  if (data.trim() === '[DONE]') return
  const value = readObject(parseJson(data))
  if (!value) {
    seen.fault ??=
      name === 'error' ? smuggledFault(data) : brokenAnswer('The upstream sent an event that is no JSON object.', data)
    return
  }
  const isWhole = value['type'] === undefined && isResponse(value)
  const type = isWhole ? 'response.done' : (readString(value['type']) ?? name ?? '')
  const response = isWhole ? value : readObject(value['response'])
  const fault = type === 'error' || type === 'response.error' ? smuggledFault(value) : readSmuggledFault(value)
  if (fault) seen.fault ??= fault
  else if (!ENDINGS.has(type)) seen.hasContent ||= type.startsWith('response.')
  else {
    seen.fault ??= readFailure(type, response ?? {})
    seen.usage = readUsage(response?.['usage'])
    seen.hasContent ||= seen.fault === undefined
    seen.isOver = true
  }
}
