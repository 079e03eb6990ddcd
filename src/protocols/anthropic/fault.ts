import { Fault, faultKindFor, type FaultKind } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { parseJson, readObject, readText, type Fields } from '../../lib/json.ts'
import { BODY_CHARS_MAX, excerptFor, readRetryAfter } from '../shared/fault-body.ts'

/** @see https://docs.claude.com/en/api/errors */
const KINDS: ReadonlyMap<string, FaultKind> = new Map([
  ['invalid_request_error', 'invalid-request'],
  ['authentication_error', 'authentication'],
  ['billing_error', 'billing'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not-found'],
  ['request_too_large', 'too-large'],
  ['rate_limit_error', 'rate-limit'],
  ['timeout_error', 'timeout'],
  ['overloaded_error', 'overloaded'],
  ['api_error', 'server'],
])

/** The word for each kind; kinds without one of their own go by what the client can do about them. */
const TYPES: Readonly<Record<FaultKind, string>> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  billing: 'billing_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'method-not-allowed': 'invalid_request_error',
  timeout: 'timeout_error',
  conflict: 'invalid_request_error',
  'too-large': 'request_too_large',
  'unsupported-media': 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  cancelled: 'invalid_request_error',
  server: 'api_error',
  'not-implemented': 'api_error',
  upstream: 'api_error',
  unavailable: 'api_error',
  overloaded: 'overloaded_error',
}

/** An upstream's HTTP error. Never throws. */
export function decodeFault(status: number, headers: Headers, body: string): Fault {
  const { message, type, details } = readWords(parseJson(body))
  const isError = status >= 400 && status <= 599
  return new Fault(isError ? kindFor(status, type) : 'upstream', message ?? excerptFor(status, body), {
    status: isError ? status : undefined,
    details,
    retryAfterMs: readRetryAfter(headers),
    upstream: { protocol: 'anthropic', status, body: body.slice(0, BODY_CHARS_MAX), type },
  })
}

/** The fault of an error event, or of an error that came as a 200 answer. */
export function decodeStreamFault(event: Fields): Fault {
  const { message = 'The upstream reported an error in the middle of its answer.', type, details } = readWords(event)
  const body = JSON.stringify(event).slice(0, BODY_CHARS_MAX)
  return new Fault(KINDS.get(type ?? '') ?? 'upstream', message, {
    details,
    upstream: { protocol: 'anthropic', status: 200, body, type },
  })
}

/** What is said of a stream that begins twice: the vendor's own SDK gives up on it. */
export const SECOND_ANSWER = 'The upstream began a second answer within the first.'

/** The fault of an answer that ends early or cannot be read. */
export function brokenAnswer(message: string, body = ''): Fault {
  return new Fault('upstream', message, {
    upstream: { protocol: 'anthropic', status: 200, body: body.slice(0, BODY_CHARS_MAX) },
  })
}

/** The body of an error answer, and the data of an `error` event. */
export function encodeFault({ kind, message, upstream, details }: Fault): JsonObject {
  // Another vendor's words and details mean nothing to an Anthropic client; the proxy's own are in the client's.
  const isForeign = upstream !== undefined && upstream.protocol !== 'anthropic'
  const type = isForeign ? TYPES[kind] : (upstream?.type ?? TYPES[kind])
  return {
    type: 'error',
    error: { type, message: message === '' ? 'Unknown error.' : message, details: isForeign ? undefined : details },
  }
}

interface ErrorWords {
  readonly message?: string
  readonly type?: string
  readonly details?: Fields
}

/** The error inside a body, whatever shape a server or a gateway before it gave it. */
function readWords(value: unknown): ErrorWords {
  const body = readObject(Array.isArray(value) ? value[0] : value)
  if (!body) return { message: readText(value) }
  const { error, message, detail, type } = body
  const inner = readObject(error)
  if (!inner)
    return {
      message: readText(error) ?? readText(message) ?? readText(detail),
      type: type === 'error' ? undefined : readText(type),
    }
  return {
    message: readText(inner['message']) ?? readText(inner['code']),
    type: readText(inner['type']),
    details: readObject(inner['details']),
  }
}

/** The status says what failed; the type only where the status is one for everything. */
function kindFor(status: number, type: string | undefined): FaultKind {
  const kind = faultKindFor(status)
  return kind === 'server' ? (KINDS.get(type ?? '') ?? kind) : kind
}
