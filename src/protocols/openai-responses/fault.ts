import type { Fault, FaultKind } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { type Fields, readObject } from '../../lib/json.ts'
import { openaiFaults } from '../shared/openai-fault.ts'

export const { decodeFault, smuggledFault, brokenAnswer, encodeFault } = openaiFaults('openai-responses')

/** The fault of a body or event that is no part of an answer; undefined when it holds none. */
export function readSmuggledFault(value: Fields): Fault | undefined {
  const { type, status, error, detail, message, object } = value
  if (type === 'error' || object === 'error' || status === 'failed') return smuggledFault(value)
  if (typeof error === 'string' ? error !== '' : readObject(error)) return smuggledFault(value)
  const isBare = typeof type !== 'string' && object === undefined
  return isBare && (typeof message === 'string' || (detail !== undefined && detail !== null))
    ? smuggledFault(value)
    : undefined
}

/** The fault of a response whose last event is of this type; undefined when it did not fail. */
export function readFailure(type: string, response: Fields): Fault | undefined {
  const error = readObject(response['error'])
  if (error) return smuggledFault(error)
  const { status } = response
  const hasFailed = status === 'failed' || type === 'response.failed' || type === 'response.cancelled'
  return hasFailed ? brokenAnswer('The upstream gave its answer up.', JSON.stringify(response)) : undefined
}

/**
 * What Codex does next goes by these words: some it tries again, others end the turn.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/object#responses/object-error
 */
const CODES: Partial<Record<FaultKind, string>> = {
  'invalid-request': 'invalid_prompt',
  'too-large': 'invalid_prompt',
  'unsupported-media': 'invalid_prompt',
  'not-implemented': 'invalid_prompt',
  billing: 'insufficient_quota',
  'rate-limit': 'rate_limit_exceeded',
}

/** How vendors say that the conversation has become too long for the model. */
const TOO_LONG = /context.?(?:length|window)|prompt is too long|maximum context|input token count/i

/** The `error` of a response that failed. */
export function failureOf(fault: Fault): JsonObject {
  const { code, message } = encodeFault(fault).error
  const own = fault.upstream?.protocol === 'openai-responses' ? (fault.upstream.code ?? fault.code) : undefined
  const word = own ?? (TOO_LONG.test(`${code} ${message}`) ? 'context_length_exceeded' : CODES[fault.kind])
  return { code: word ?? 'server_error', message: withWait(message, fault.retryAfterMs) }
}

/** The fields of an `error` event: as it is documented, and beside it as OpenAI sends it. */
export function errorFields(fault: Fault): JsonObject {
  const { error } = encodeFault(fault)
  return { code: error.code ?? error.type, message: error.message, param: error.param, error }
}

/** Codex reads from the message how long to wait. */
function withWait(message: string, retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined || /try again in/i.test(message)) return message
  return `${message} Please try again in ${Math.ceil(retryAfterMs / 1000)}s.`
}
