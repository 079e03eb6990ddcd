import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Finish, FinishReason } from '../../ir/response.ts'
import { readObject, readText } from '../../lib/json.ts'

/** Reasons of `incomplete_details`. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'refusal'],
])

/** Why an answer ended, as its object tells it. */
export interface Ending {
  /** `completed`, `incomplete`, or what else a vendor says. */
  readonly status: string
  /** Of an incomplete one. */
  readonly reason?: string
}

/** Reads the ending of an answer's object; `status` is what holds when it says none. */
export function readEnding({ status: told, incomplete_details }: JsonObject, status: string): Ending {
  const { reason } = readObject(incomplete_details) ?? {}
  const word = readText(told) ?? status
  return { status: word === 'complete' ? 'completed' : word, reason: readText(reason) }
}

/** `hasCall`: the answer holds a call that the client has to run. */
export function decodeEnding({ status, reason }: Ending, hasCall: boolean): Finish {
  const word = reason === undefined ? status : `${status}:${reason}`
  return { reason: reasonFor({ status, reason }, hasCall), raw: { protocol: 'openai-responses', word } }
}

function reasonFor({ status, reason }: Ending, hasCall: boolean): FinishReason {
  if (status === 'completed') return hasCall ? 'tool-calls' : 'stop'
  return status === 'incomplete' ? (REASONS.get(reason ?? '') ?? 'other') : 'other'
}

/** The ending for the client: the vendor's own word where it is one of this protocol, else the reason's. */
export function encodeEnding({ reason, raw }: Finish, onLoss: OnLoss): Ending {
  if (raw?.protocol === 'openai-responses') {
    const [status = '', why] = raw.word.split(':', 2)
    return status === 'incomplete' ? { status, reason: why ?? 'max_output_tokens' } : { status }
  }
  switch (reason) {
    case 'length':
      return { status: 'incomplete', reason: 'max_output_tokens' }
    case 'refusal':
      return { status: 'incomplete', reason: 'content_filter' }
    case 'other':
      onLoss({ path: 'finish', reason: 'finish-word' })
      return { status: 'completed' }
    case 'stop':
    case 'tool-calls':
      return { status: 'completed' }
  }
}
