import { Fault, faultKindFor, type FaultKind } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import {
  parseJson,
  readArray,
  readNumber,
  readObject,
  readObjects,
  readString,
  readText,
  type Fields,
} from '../../lib/json.ts'
import { BODY_CHARS_MAX, excerptFor, readRetryAfter } from '../shared/fault-body.ts'

/** What Google's words mean, where no number tells. @see https://ai.google.dev/gemini-api/docs/troubleshooting */
const KINDS: ReadonlyMap<string, FaultKind> = new Map([
  ['INVALID_ARGUMENT', 'invalid-request'],
  ['FAILED_PRECONDITION', 'invalid-request'],
  ['OUT_OF_RANGE', 'invalid-request'],
  ['UNAUTHENTICATED', 'authentication'],
  ['PERMISSION_DENIED', 'permission'],
  ['NOT_FOUND', 'not-found'],
  ['ABORTED', 'conflict'],
  ['ALREADY_EXISTS', 'conflict'],
  ['RESOURCE_EXHAUSTED', 'rate-limit'],
  ['CANCELLED', 'cancelled'],
  ['UNIMPLEMENTED', 'not-implemented'],
  ['UNAVAILABLE', 'unavailable'],
  ['DEADLINE_EXCEEDED', 'timeout'],
  ['INTERNAL', 'server'],
  ['UNKNOWN', 'server'],
  ['DATA_LOSS', 'server'],
])

/** @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const STATUSES: Readonly<Record<FaultKind, string>> = {
  'invalid-request': 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  billing: 'FAILED_PRECONDITION',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  'method-not-allowed': 'UNIMPLEMENTED',
  timeout: 'DEADLINE_EXCEEDED',
  conflict: 'ABORTED',
  'too-large': 'INVALID_ARGUMENT',
  'unsupported-media': 'INVALID_ARGUMENT',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  cancelled: 'CANCELLED',
  server: 'INTERNAL',
  'not-implemented': 'UNIMPLEMENTED',
  upstream: 'UNAVAILABLE',
  unavailable: 'UNAVAILABLE',
  overloaded: 'UNAVAILABLE',
}

/** Reasons of Google's 400 that others tell by a 401. */
const KEY_REASONS: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED'])

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

/** Reads an upstream's HTTP error; see `Codec.decodeFault`. */
export function decodeFault(status: number, headers: Headers, body: string): Fault {
  // Some write an error as an event, whatever the status.
  const words = readWords(parseJson(body.replace(/^\s*data:/, '')))
  const isError = status >= 400 && status <= 599
  const isKey = status === 400 && words.reason !== undefined && KEY_REASONS.has(words.reason)
  const kind = isKey ? 'authentication' : isError ? faultKindFor(status) : 'upstream'
  return new Fault(kind, words.message ?? excerptFor(status, body), {
    status: isError && !isKey ? status : undefined,
    details: words.details && { details: words.details },
    retryAfterMs: readRetryAfter(headers) ?? words.retryAfterMs,
    upstream: upstreamFault(status, body, words),
  })
}

/** The fault of an error that came inside an answer. */
export function decodeStreamFault(chunk: Fields): Fault {
  const words = readWords(chunk)
  const { message = 'The upstream reported an error in the middle of its answer.', code, status, reason } = words
  const isKey = reason !== undefined && KEY_REASONS.has(reason)
  const isError = code !== undefined && code >= 400 && code <= 599
  const kind = isKey ? 'authentication' : isError ? faultKindFor(code) : (KINDS.get(status ?? '') ?? 'upstream')
  return new Fault(kind, message, {
    status: isError && !isKey ? code : undefined,
    details: words.details && { details: words.details },
    retryAfterMs: words.retryAfterMs,
    upstream: upstreamFault(200, JSON.stringify(chunk), words),
  })
}

/** True for an error in the place of an answer. */
export function isFault({ error, candidates }: Fields): boolean {
  return error !== undefined && error !== null && candidates === undefined
}

/** The fault of an answer that ends early or cannot be read. */
export function brokenAnswer(message: string, body = ''): Fault {
  return new Fault('upstream', message, { upstream: upstreamFault(200, body, {}) })
}

/** The body of an error answer, and the data of an error in a stream. @see https://google.aip.dev/193 */
export function encodeFault({ kind, message, status, retryAfterMs, upstream, details }: Fault): JsonObject {
  // Another vendor's words and details mean nothing to a Gemini client; the proxy's own are in the client's.
  const isForeign = upstream !== undefined && upstream.protocol !== 'gemini'
  const { details: told, ...fields } = (isForeign ? undefined : details) ?? {}
  const listed = readArray(told)
  const isRetryTold = readObjects(listed).some((detail) => detail['@type'] === RETRY_INFO)
  const retry =
    retryAfterMs === undefined || isRetryTold ? [] : [{ '@type': RETRY_INFO, retryDelay: `${retryAfterMs / 1000}s` }]
  const all = [...listed, ...retry]
  return {
    error: {
      code: status,
      message: message === '' ? 'Unknown error.' : message,
      status: (isForeign ? undefined : upstream?.type) ?? STATUSES[kind],
      ...fields,
      details: all.length > 0 ? all : undefined,
    },
  }
}

interface ErrorWords {
  readonly message?: string
  /** HTTP status that the body itself tells. */
  readonly code?: number
  /** Google's word for it. */
  readonly status?: string
  /** What of it, in one word: `API_KEY_INVALID`, `QUOTA_EXHAUSTED` … */
  readonly reason?: string
  readonly details?: readonly unknown[]
  readonly retryAfterMs?: number
}

function upstreamFault(status: number, body: string, words: ErrorWords): Fault['upstream'] {
  return { protocol: 'gemini', status, body: body.slice(0, BODY_CHARS_MAX), type: words.status, code: words.reason }
}

/** The error inside a body: Google's own, alone or in a list, or the shapes of gateways before it. */
function readWords(value: unknown): ErrorWords {
  const body = readObject(Array.isArray(value) ? value[0] : value)
  if (!body) return { message: readText(value) }
  const { error, message, detail } = body
  const inner = readObject(error)
  if (!inner) return { message: readText(error) ?? readText(message) ?? readText(detail) }
  const { message: told, code, status, details } = inner
  const text = readText(told)
  return {
    message: text,
    code: readNumber(code) ?? (typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : undefined),
    status: readText(status),
    reason: readObjects(details)
      .map(({ reason }) => readText(reason))
      .find((reason) => reason !== undefined),
    details: Array.isArray(details) && details.length > 0 ? details : undefined,
    retryAfterMs: readRetryDetails(details) ?? readRetryText(text),
  }
}

/** `RetryInfo`, then what Code Assist tells of its quota. */
function readRetryDetails(details: unknown): number | undefined {
  const listed = readObjects(details)
  for (const { retryDelay } of listed) {
    const ms = readDuration(retryDelay)
    if (ms !== undefined) return ms
  }
  for (const { metadata } of listed) {
    const ms = readDuration(readObject(metadata)?.['quotaResetDelay'])
    if (ms !== undefined) return ms
  }
  return undefined
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `34.07s`, `1h2m3.5s`, `200ms`, or protobuf's object of seconds and nanoseconds. */
function readDuration(value: unknown): number | undefined {
  if (typeof value !== 'string') {
    const { seconds } = readObject(value) ?? {}
    const count = Number(readString(seconds) ?? readNumber(seconds))
    return Number.isFinite(count) ? count * 1000 : undefined
  }
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value)) return undefined
  let ms = 0
  for (const [, count, unit = 's'] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    ms += Number(count) * (UNITS_MS[unit] ?? 0)
  return Math.round(ms)
}

/** "Please retry in 34.07s.", "Your quota will reset after 13h4m2s." */
function readRetryText(text: string | undefined): number | undefined {
  return readDuration(
    /(?:retry in|reset after|try again in|retry after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)/i.exec(text ?? '')?.[1],
  )
}
