import { FAULT_KINDS, type Fault } from '../ir/fault.ts'
import { isAccountFault } from './fault-signs.ts'
import { readFaultWords, type FaultWords } from './fault-words.ts'

/**
 * True when the request itself is at fault: another account would refuse it too, so nobody else is tried and no account
 * is the worse for it.
 *
 * Statuses that speak of the account (401, 402, 403, 429) count only when the body says otherwise: some vendors put
 * `invalid_request_error` on all of them.
 */
export function isRequestFault(fault: Fault): boolean {
  return isRequestFaultIn(fault, readFaultWords(fault))
}

/** The same for one whose words were read already. */
export function isRequestFaultIn(fault: Fault, words: FaultWords): boolean {
  const { status, codes, types, message } = words
  if (isAccountFault(words)) return false
  if (FAST_MODE_SIGN.test(message)) return true
  if (ACCOUNT_STATUSES.has(status)) return status === 403 && hasAny(codes, REQUEST_CODES)
  if (hasAny(codes, REQUEST_CODES) || isMissingItem(message)) return true
  if (status !== 404 && (hasAny(types, REQUEST_TYPES) || hasAny(codes, REQUEST_TYPES))) return true
  return (
    REQUEST_STATUSES.has(status) ||
    (status < 500 && !FAULT_KINDS[fault.kind].rotate) ||
    fault.kind === 'not-implemented'
  )
}

/** @see behaviour of CLIProxyAPI, `internal/clienterror`: what it returns to the client as it is. */
const REQUEST_CODES: ReadonlySet<string> = new Set([
  'cyber_policy',
  'context_length_exceeded',
  'message_too_big',
  'string_above_max_length',
  'invalid_prompt',
  'invalid_value',
  'unsupported_value',
  'previous_response_not_found',
])

const REQUEST_TYPES: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_request_error',
  'bad_request_error',
  'invalid_prompt',
])

const REQUEST_STATUSES: ReadonlySet<number> = new Set([400, 405, 409, 413, 415, 422, 499])

const ACCOUNT_STATUSES: ReadonlySet<number> = new Set([401, 402, 403, 429])

/** Anthropic refuses with 429 what only the request's own fast mode lacks. */
const FAST_MODE_SIGN = /fast request rejected|fast mode.*credits/

/** Responses refers to an item that the vendor was told not to store. */
function isMissingItem(message: string): boolean {
  return message.includes('item with id') && message.includes('not found')
}

function hasAny(words: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  for (const word of words) if (wanted.has(word)) return true
  return false
}
