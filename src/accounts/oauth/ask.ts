import { version } from '../../../package.json'
import { isLoopback } from '../../lib/addresses.ts'
import { parseObject, readObject, readText, type Fields } from '../../lib/json.ts'
import { readBounded } from '../../lib/read-bounded.ts'
import { readRetryAfter } from '../../lib/retry-after.ts'
import { withoutControls } from '../../lib/without-controls.ts'
import { cancelled, OauthError } from './oauth-error.ts'
import type { VendorContext } from './vendor.ts'
import { errorCode } from '../../lib/error-code.ts'

/** How long a vendor may take for one answer. */
const ANSWER_MS = 30_000
/** Longer answers are none of a login's. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024
const DESCRIPTION_LENGTH_MAX = 200

const RETRY_AFTER_MS_MIN = 5_000
const RETRY_AFTER_MS_MAX = 60 * 60 * 1000

/** One request to a vendor. */
export interface Question {
  /** The vendor's name for people. */
  readonly title: string
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What the vendor said, whatever its status. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Undefined when it is no JSON object. */
  readonly fields: Fields | undefined
}

/** Where a vendor is asked: its own address, or the same path at the config's `auth-url`. */
export function endpointFor(url: string, { client }: VendorContext): string {
  if (client.authUrl === undefined) return url
  const { pathname, search } = new URL(url)
  return `${client.authUrl}${pathname}${search}`
}

/** @throws {OauthError} for an address that no secret may be sent to. @param title the vendor's name for people */
export function refuseUnsafeUrl(url: string, title: string): void {
  const { protocol, hostname = '', origin = 'its address' } = URL.parse(url) ?? {}
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return
  throw new OauthError(`${title} is not asked at ${origin}: allowed are https, and http on this machine`, {
    code: 'unsafe-address',
  })
}

/**
 * Asks a vendor once.
 *
 * @throws {OauthError} when there is no answer: without a code when the network fails, with `timeout` when it takes too
 * long, with `cancelled` when the signal aborts, with `unsafe-address` when nothing may be sent there.
 */
export async function askVendor(question: Question, context: VendorContext): Promise<Answer> {
  const { title, url, method, headers, body } = question
  refuseUnsafeUrl(url, title)
  const { host } = new URL(url)
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(ANSWER_MS)])
  try {
    const response = await context.fetch(url, {
      method,
      headers: { 'user-agent': `cliproxy/${version}`, accept: 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal,
    })
    const text = response.body ? await readBounded(response.body, ANSWER_BYTES_MAX) : ''
    if (text === undefined) throw new OauthError(`${title} (${host}) sent too long an answer`)
    return { status: response.status, headers: response.headers, fields: parseObject(text) }
  } catch (error) {
    if (error instanceof OauthError) throw error
    if (isTimedOut(signal)) throw new OauthError(`${title} (${host}) did not answer in time`, { code: 'timeout' })
    if (signal.aborted) throw cancelled()
    throw new OauthError(
      `${title} (${host}) cannot be reached (${reasonOf(error)}): check the network, and proxy-url in the config`,
    )
  }
}

/** True when the clock ended it, and nobody gave it up. */
export function isTimedOut({ reason }: AbortSignal): boolean {
  return readObject(reason)?.['name'] === 'TimeoutError'
}

/** True when the vendor gave no answer, and may give one later. */
export function isUnreachable({ status, code }: OauthError): boolean {
  return status === undefined && (code === undefined || code === 'timeout')
}

/** A request whose body is JSON. @throws {OauthError} as `askVendor` */
export function askWithJson(
  question: Omit<Question, 'method' | 'body'>,
  body: Fields,
  context: VendorContext,
): Promise<Answer> {
  const headers = { ...question.headers, 'content-type': 'application/json' }
  return askVendor({ ...question, method: 'POST', headers, body: JSON.stringify(body) }, context)
}

/** True for an answer that says yes and is a JSON object. */
export function isGood(answer: Answer): answer is Answer & { readonly fields: Fields } {
  return answer.status >= 200 && answer.status < 300 && answer.fields !== undefined && !errorOf(answer.fields)
}

export interface RefusalOptions {
  /** The vendor's name for people. */
  readonly title: string
  /** What it refused: `the code`, `the refresh` … */
  readonly what: string
  /** Never repeated, also if the vendor does so. */
  readonly secrets: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The error for an answer that says no. */
export function refusalFrom(answer: Answer, { title, what, secrets, now }: RefusalOptions): OauthError {
  const { status, headers } = answer
  const { code, description } = errorOf(answer.fields ?? {}) ?? {}
  const words = [code, description].filter((word) => word !== undefined)
  const said = words.length > 0 ? `: ${cleanText(words.join(', '), secrets)}` : ''
  const retryAfterMs = status === 429 || status === 503 ? boundedDelay(readRetryAfter(headers, now)) : undefined
  return new OauthError(`${title} refused ${what} (HTTP ${status})${said}`, {
    status,
    code: code === undefined ? undefined : cleanText(code, secrets),
    retryAfterMs,
  })
}

interface ToldError {
  readonly code?: string
  readonly description?: string
}

/**
 * RFC 6749 has `error` and `error_description`; OpenAI, Anthropic and Google put an object there.
 *
 * @see RFC 6749, section 5.2
 */
function errorOf(fields: Fields): ToldError | undefined {
  const { error } = fields
  const object = readObject(error)
  if (object) {
    const { code, type, status, message } = object
    return { code: readText(code) ?? readText(status) ?? readText(type), description: readText(message) }
  }
  const code = readText(error)
  const description = readText(fields['error_description'])
  return code === undefined ? undefined : { code, description }
}

/** A vendor's words, fit for a line of a terminal: short, without control characters and without what must stay secret. */
export function cleanText(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '…')
  clean = withoutControls(clean, ' ').replaceAll(/\s+/g, ' ').trim()
  return clean.length > DESCRIPTION_LENGTH_MAX ? `${clean.slice(0, DESCRIPTION_LENGTH_MAX)}…` : clean
}

/** In milliseconds; within bounds, since neither a storm nor a silence of days helps anybody. */
function boundedDelay(delayMs: number | undefined): number | undefined {
  return delayMs === undefined ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(RETRY_AFTER_MS_MIN, delayMs))
}

/** The kind of a failure: its message may name the proxy and its password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  return errorCode(error) ?? error.name
}
