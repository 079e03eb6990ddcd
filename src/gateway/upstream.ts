import type { Account } from '../accounts/account.ts'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import { errorText } from '../lib/error-text.ts'
import { fetchProxyFor } from '../lib/fetch-proxy.ts'
import { parseObject } from '../lib/json.ts'
import { readBounded } from '../lib/read-bounded.ts'
import { resetHintFor } from '../pool/reset-hint.ts'
import { headersFor } from '../providers/headers.ts'
import type { Call, Provider } from '../providers/provider.ts'
import type { Failure } from './answer.ts'

/** Characters of an upstream's error body that are read. */
const FAULT_CHARS_MAX = 64 * 1024

/** Bytes of an upstream's whole answer. */
export const ANSWER_BYTES_MAX = 256 * 1024 * 1024

export interface UpstreamRequest {
  readonly account: Account
  readonly provider: Provider
  readonly codec: Codec
  readonly call: Call
  readonly body: string
  /** The client's headers whatever it speaks: an account may copy some of them. */
  readonly requestHeaders: Headers
  readonly signal: AbortSignal
  readonly clock: () => number
}

/** Asks the upstream once. A response comes back only with a status of 2xx; its body is unread. */
export async function askUpstream(request: UpstreamRequest): Promise<Response | Failure> {
  const { account, provider, codec, call, signal } = request
  let response: Response
  try {
    if (provider.answer) response = provider.answer(request.body, signal)
    else {
      response = await fetch(provider.url(call), {
        method: 'POST',
        headers: headersFor(provider, account, call, request.requestHeaders),
        body: request.body,
        signal,
        redirect: 'manual',
        timeout: false,
        proxy: fetchProxyFor(account.proxyUrl),
      })
    }
  } catch (error) {
    return { fault: unreachable(error, account.label, signal) }
  }
  if (response.ok) return response
  const text = await readWhole(response).catch(() => '')
  const body = withoutSecret(text.slice(0, FAULT_CHARS_MAX), call.secret)
  const status = provider.statusFor?.(response.status, body) ?? response.status
  return {
    fault: codec.decodeFault(status, response.headers, body),
    hint: resetHintFor(status, response.headers, body, request.clock()),
  }
}

/** Some vendors repeat the key that they refuse; whoever reads the error is not its owner. */
function withoutSecret(text: string, secret: string): string {
  return isSecret(secret) ? text.replaceAll(secret, '…') : text
}

/** The same of a fault, which an upstream may also tell of in an answer with a status of 2xx. */
export function faultWithoutSecret(fault: Fault, secret: string): Fault {
  const { message, code, param, details, upstream } = fault
  if (!isSecret(secret) || !JSON.stringify([message, code, param, details, upstream]).includes(secret)) return fault
  const clean = (text: string | undefined): string | undefined => text && withoutSecret(text, secret)
  return fault.with({
    message: withoutSecret(message, secret),
    code: clean(code),
    param: clean(param),
    details: details && parseObject(withoutSecret(JSON.stringify(details), secret)),
    upstream: upstream && {
      ...upstream,
      body: withoutSecret(upstream.body, secret),
      type: clean(upstream.type),
      code: clean(upstream.code),
    },
  })
}

function isSecret(secret: string): boolean {
  return secret.length >= SECRET_CHARS_MIN
}

/** What is shorter is a placeholder for an upstream that wants no key, and may be any word. */
const SECRET_CHARS_MIN = 8

/** True for what upstreams say that speak a protocol and have no such endpoint of it: most gateways of others. */
export function isNoEndpoint({ status }: Fault): boolean {
  return status === 404 || status === 405 || status === 501
}

/** The fault of a connection that failed, or that the client gave up. */
export function unreachable(error: unknown, label: string, signal: AbortSignal): Fault {
  if (signal.aborted) return new Fault('cancelled', 'The client closed the request.', { cause: error })
  const reason = errorText(error)
  return new Fault('upstream', `The upstream of ${label} could not be reached: ${reason}`, { cause: error })
}

/**
 * The whole body as text.
 *
 * @throws {Fault} upstream when it is larger than {@link ANSWER_BYTES_MAX}; whatever the connection throws.
 */
export async function readWhole(response: Response): Promise<string> {
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  if (length <= ANSWER_BYTES_MAX || !response.body) return await response.text()
  const text = await readBounded(response.body, ANSWER_BYTES_MAX)
  if (text === undefined) throw answerTooLarge()
  return text
}

export function answerTooLarge(): Fault {
  return new Fault('upstream', `The upstream's answer is larger than ${ANSWER_BYTES_MAX} bytes.`)
}

/** True for an answer that is told event by event. */
export function isEventStream(response: Response): boolean {
  return contentTypeOf(response).startsWith('text/event-stream')
}

/** In lower case; '' without one. */
export function contentTypeOf(response: Response): string {
  return response.headers.get('content-type')?.toLowerCase() ?? ''
}
