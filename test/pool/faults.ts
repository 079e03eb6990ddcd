import { Fault, faultKindFor } from '../../src/ir/fault.ts'
import type { JsonValue } from '../../src/ir/json.ts'

/** The fault of an HTTP error as a codec reads it. */
export function httpFault(status: number, body: JsonValue | string, retryAfterMs?: number): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Fault(faultKindFor(status), 'the upstream refused', {
    status,
    retryAfterMs,
    upstream: { protocol: 'openai-chat', status, body: text },
  })
}

/** A connection that broke: nobody answered. */
export function brokenConnection(): Fault {
  return new Fault('upstream', 'The upstream could not be reached: ECONNRESET')
}
