import { Fault, type UpstreamFault } from '../ir/fault.ts'
import { parseObject, readObject, readText } from '../lib/json.ts'
import { CODECS } from '../protocols/index.ts'
import type { Protocol } from '../ir/protocol.ts'

/** Longest wait that a client is told, in seconds. */
const RETRY_AFTER_SECONDS_MAX = 7 * 24 * 3600

/** The fault as an HTTP answer in the client's own protocol. */
export function faultResponse(fault: Fault, protocol: Protocol, headers: Record<string, string> = {}): Response {
  const all: Record<string, string> = { 'content-type': 'application/json', ...headers }
  if (fault.retryAfterMs !== undefined)
    all['retry-after'] = String(Math.min(Math.ceil(fault.retryAfterMs / 1000), RETRY_AFTER_SECONDS_MAX))
  const own = ownError(fault, protocol)
  const { status, body } = own ?? { status: fault.status, body: JSON.stringify(CODECS[protocol].encodeFault(fault)) }
  return new Response(body, { status, headers: all })
}

/** The vendor's own error for a client of its protocol, status and all; undefined where ours has to take its place. */
function ownError({ upstream }: Fault, protocol: Protocol): UpstreamFault | undefined {
  if (upstream?.protocol !== protocol || upstream.status < 400) return undefined
  return isOwnShape(upstream.body, protocol) ? upstream : undefined
}

/** False for the dialects of others who serve the protocol: a string for the error, `detail`, a code alone. */
function isOwnShape(body: string, protocol: Protocol): boolean {
  const { type, error } = parseObject(body) ?? {}
  return readText(readObject(error)?.['message']) !== undefined && (protocol !== 'anthropic' || type === 'error')
}

/** Whatever was thrown, as a fault; what is none is a defect of ours and is told without its details. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('server', 'The proxy failed while it handled this request; its log says more.', { cause: error })
}
