import type { Fault } from '../ir/fault.ts'
import { parseJson, readArray, readObject, readText, type Fields } from '../lib/json.ts'

/** What an upstream said about a failure, in lower case, wherever its vendor puts it. */
export interface FaultWords {
  /** The upstream's HTTP status; the fault's own where a status of 200 smuggled it or no upstream answered. */
  readonly status: number
  /** False: nobody said what failed (the connection failed, the answer broke off or could not be read). */
  readonly isAnswered: boolean
  readonly codes: ReadonlySet<string>
  readonly types: ReadonlySet<string>
  /** The message, its beginning only: what follows may quote the client's own words. */
  readonly message: string
  /** The body as it came. */
  readonly body: string
}

/** Characters of a message that are searched for signs. */
const MESSAGE_CHARS_MAX = 500

export function readFaultWords(fault: Fault): FaultWords {
  const { upstream } = fault
  const body = upstream?.body.toLowerCase() ?? ''
  const codes = new Set<string>()
  const types = new Set<string>()
  const messages = [fault.message]
  note(codes, fault.code)
  note(codes, upstream?.code)
  note(types, upstream?.type)
  for (const error of errorObjects(parseJson(upstream?.body ?? ''))) {
    const { code, type, status, message, error: text, detail } = error
    note(codes, code)
    note(codes, status)
    note(types, type)
    messages.push(readText(message) ?? readText(text) ?? readText(detail) ?? '')
  }
  const status = upstream && upstream.status >= 400 ? upstream.status : fault.status
  const isAnswered =
    (upstream !== undefined && upstream.status >= 400) || (fault.kind !== 'upstream' && fault.kind !== 'timeout')
  const message = messages.map((one) => one.slice(0, MESSAGE_CHARS_MAX).toLowerCase()).join('\n')
  return { status, isAnswered, codes, types, message, body }
}

function note(words: Set<string>, word: unknown): void {
  const text = readText(word)
  if (text !== undefined) words.add(text.toLowerCase())
}

/** The objects that may describe the failure: the body, its `error`, that of a Responses event, the one in Google's array. */
function errorObjects(value: unknown): readonly Fields[] {
  const whole = readObject(value) ?? readObject(readArray(value)[0])
  if (!whole) return []
  const { error, response, body } = whole
  const { error: responseError } = readObject(response) ?? {}
  const { error: bodyError } = readObject(body) ?? {}
  const { details } = readObject(error) ?? {}
  const reasons = readArray(details).map((detail) => {
    const { reason } = readObject(detail) ?? {}
    return { code: reason }
  })
  return [whole, ...[error, responseError, bodyError].map(readObject).filter((one) => one !== undefined), ...reasons]
}
