import { Fault, type FaultKind, faultKindFor, type UpstreamFault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Protocol } from '../../ir/protocol.ts'
import {
  type Fields,
  parseJson,
  presentFields,
  readNumber,
  readObject,
  readObjects,
  readString,
  readText,
} from '../../lib/json.ts'
import { BODY_CHARS_MAX, EXCERPT_CHARS_MAX, excerptFor } from './fault-body.ts'

/** The error inside a body, whatever its shape. */
interface ErrorWords {
  readonly message?: string
  readonly type?: string
  readonly code?: string
  readonly param?: string
  /** A status that the body itself tells. */
  readonly status?: number
  readonly retryAfterMs?: number
  /** What the Codex backend says of a spent quota, for its own client to show. */
  readonly details?: JsonObject
}

/** Reads and writes the errors of one of OpenAI's protocols, which share their shape and its dialects. */
export interface OpenAIFaults {
  /** Reads an upstream's HTTP error; see {@link Codec.decodeFault}. */
  readonly decodeFault: (status: number, headers: Headers, body: string) => Fault
  /** The fault of an error that came inside an answer; `value` may be anything. */
  readonly smuggledFault: (value: unknown) => Fault
  /** The fault of an answer that ended too early, or that nobody can read. */
  readonly brokenAnswer: (message: string, body?: string) => Fault
  /** The client's error body. @see https://platform.openai.com/docs/guides/error-codes */
  readonly encodeFault: (fault: Fault) => ErrorBody
}

/** OpenAI's error body. */
export interface ErrorBody extends JsonObject {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
  }
}

export function openaiFaults(protocol: Protocol): OpenAIFaults {
  const upstreamFault = (status: number, body: string, { type, code }: ErrorWords): UpstreamFault => ({
    protocol,
    status,
    body: body.slice(0, BODY_CHARS_MAX),
    type,
    code,
  })
  return {
    decodeFault(status, headers, body) {
      // A few vendors write their errors as an event, whatever the status.
      const words = readErrorWords(parseJson(body.replace(/^\s*(?:event:[^\n]*\n)?data:/, ''))) ?? {}
      const isError = status >= 400 && status <= 599
      const kind = isError ? faultKindFor(status) : 'upstream'
      return new Fault(kind, words.message ?? excerptFor(status, body), {
        status: isError ? status : undefined,
        code: words.code,
        param: words.param,
        retryAfterMs: readRetryAfter(headers) ?? words.retryAfterMs,
        details: words.details,
        upstream: upstreamFault(status, body, words),
      })
    },
    smuggledFault(value) {
      const words = readErrorWords(value) ?? {}
      const {
        message = 'The upstream reported an error in the middle of its answer.',
        code,
        param,
        retryAfterMs,
        status,
        details,
      } = words
      const kind = kindForWords(words)
      const upstream = upstreamFault(200, typeof value === 'string' ? value : JSON.stringify(value), words)
      return new Fault(kind, message, { status, code, param, retryAfterMs, details, upstream })
    },
    brokenAnswer: (message, body = '') => new Fault('upstream', message, { upstream: upstreamFault(200, body, {}) }),
    encodeFault(fault) {
      const { type, code } = wordsFor(fault.status)
      // The vendor's own words are for clients of its own protocol only.
      const own = fault.upstream?.protocol === protocol ? fault.upstream : undefined
      return {
        error: {
          message: readString(fault.message) || 'Unknown error.',
          type: own?.type ?? type,
          param: fault.param ?? null,
          code: fault.code ?? own?.code ?? code ?? null,
          ...(own && fault.details),
        },
      }
    },
  }
}

function readErrorWords(value: unknown): ErrorWords | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { message: value }
  const body = readObject(Array.isArray(value) ? value[0] : value)
  if (!body) return undefined
  const { error, errors, detail } = body
  const outer = readWords(body)
  const inner = typeof error === 'string' ? { message: error } : readObject(error) ? readErrorWords(error) : undefined
  const listed = inner ?? readErrorWords(errors) ?? {}
  return {
    message: listed.message ?? outer.message ?? readDetail(detail),
    type: listed.type ?? outer.type,
    code: listed.code ?? outer.code,
    param: listed.param ?? outer.param,
    status: listed.status ?? outer.status,
    retryAfterMs: listed.retryAfterMs ?? outer.retryAfterMs,
    details: listed.details ?? outer.details,
  }
}

function readWords(body: Fields): ErrorWords {
  const {
    message,
    msg,
    type,
    code,
    param,
    status,
    status_code,
    raw_status_code,
    details,
    plan_type,
    resets_at,
    resets_in_seconds,
    metadata,
  } = body
  const text = withRaw(readText(message) ?? readText(msg), metadata)
  const seconds = readNumber(resets_in_seconds)
  return {
    message: text,
    // The name of the event says nothing.
    type: type === 'error' ? undefined : readText(type),
    code: readText(code) ?? readNumber(code)?.toString(),
    param: readText(param),
    status: [status, status_code, raw_status_code, code].map(readStatus).find((found) => found !== undefined),
    retryAfterMs: readRetryInfo(details) ?? (seconds === undefined ? undefined : seconds * 1000) ?? readRetryText(text),
    details: presentFields({ plan_type, resets_at, resets_in_seconds }),
  }
}

/** OpenRouter says only that the provider failed, and beside it how. */
function withRaw(message: string | undefined, metadata: unknown): string | undefined {
  const { raw } = readObject(metadata) ?? {}
  if (message === undefined || typeof raw !== 'string' || raw === '') return message
  const told = readErrorWords(parseJson(raw))?.message ?? raw.slice(0, EXCERPT_CHARS_MAX)
  return told.startsWith(message) ? told : `${message}: ${told}`
}

/** FastAPI's `detail`: a text, or a list of what was wrong where. */
function readDetail(detail: unknown): string | undefined {
  if (typeof detail === 'string') return readText(detail)
  const found = readObjects(detail).flatMap(({ msg, loc }) => {
    const text = readText(msg)
    return text === undefined ? [] : [Array.isArray(loc) ? `${loc.join('.')}: ${text}` : text]
  })
  if (found.length > 0) return found.join('; ')
  const { message } = readObject(detail) ?? {}
  return readText(message)
}

function readStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : readNumber(value)
  return status !== undefined && status >= 400 && status <= 599 ? status : undefined
}

/** What vendors' words for an error mean, where no status tells. */
const KINDS: readonly (readonly [RegExp, FaultKind])[] = [
  [/overloaded|capacity/i, 'overloaded'],
  [/rate.?limit|quota|usage.?limit|too.?many.?requests|slow.?down|resource_exhausted/i, 'rate-limit'],
  [/authenti|api.?key|unauthori[sz]ed/i, 'authentication'],
  [/permission|forbidden/i, 'permission'],
  [/not.?found/i, 'not-found'],
  [/billing|payment|insufficient.?credit/i, 'billing'],
  [/timeout|timed.?out/i, 'timeout'],
  [/unavailable/i, 'unavailable'],
  [/invalid|bad.?request|exceed|context_length|content_filter|tool_use_failed|unsupported/i, 'invalid-request'],
  [/server|internal/i, 'server'],
]

function kindForWords({ status, type = '', code = '' }: ErrorWords): FaultKind {
  if (status !== undefined) return faultKindFor(status)
  for (const word of [code, type]) {
    const found = KINDS.find(([pattern]) => pattern.test(word))
    if (found) return found[1]
  }
  return 'upstream'
}

/** A date in `Retry-After` is left alone: a codec knows no clock. */
function readRetryAfter(headers: Headers): number | undefined {
  const ms = readPositive(headers.get('retry-after-ms'))
  if (ms !== undefined) return ms
  const seconds = readPositive(headers.get('retry-after'))
  return seconds === undefined ? undefined : seconds * 1000
}

function readPositive(text: string | null): number | undefined {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined
  const value = Number(text)
  return value > 0 ? value : undefined
}

/** Google's `google.rpc.RetryInfo`, which its compatible endpoint passes on. */
function readRetryInfo(details: unknown): number | undefined {
  for (const { retryDelay } of readObjects(details)) {
    const seconds = typeof retryDelay === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(retryDelay)?.[1] : undefined
    if (seconds !== undefined) return Number(seconds) * 1000
  }
  return undefined
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** OpenAI's "Please try again in 1m2.5s." and its like. */
function readRetryText(text: string | undefined): number | undefined {
  const span =
    text === undefined
      ? undefined
      : /(?:try again|retry)(?: in| after) ((?:\d+(?:\.\d+)?\s?(?:ms|s|m|h)(?:econds?|inutes?|ours?)?\s?)+)/i.exec(
          text,
        )?.[1]
  if (span === undefined) return undefined
  let ms = 0
  for (const [, count, unit = 's'] of span.matchAll(/(\d+(?:\.\d+)?)\s?(ms|s|m|h)/g))
    ms += Number(count) * (UNITS_MS[unit] ?? 0)
  return ms > 0 ? ms : undefined
}

function wordsFor(status: number): { readonly type: string; readonly code?: string } {
  switch (status) {
    case 401:
      return { type: 'authentication_error', code: 'invalid_api_key' }
    case 402:
      return { type: 'insufficient_quota', code: 'insufficient_quota' }
    case 403:
      return { type: 'permission_error', code: 'insufficient_quota' }
    case 404:
      return { type: 'invalid_request_error', code: 'model_not_found' }
    case 408:
    case 504:
      return { type: 'server_error', code: 'timeout' }
    case 429:
      return { type: 'rate_limit_error', code: 'rate_limit_exceeded' }
    default:
      return status >= 500 ? { type: 'server_error', code: 'internal_server_error' } : { type: 'invalid_request_error' }
  }
}
