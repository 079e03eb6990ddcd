import type { FaultWords } from './fault-words.ts'

/** The upstream does not serve this model to this account; its other models may well work. */
export function isUnsupportedModel({ status, codes, message }: FaultWords): boolean {
  if (status !== 400 && status !== 422) return false
  return codes.has('model_not_supported') || codes.has('model_not_found') || UNSUPPORTED_MODEL_SIGN.test(message)
}

/**
 * @see behaviour of CLIProxyAPI: its list of texts; the second line holds DeepSeek's, xAI's and OpenAI's words for it.
 */
const UNSUPPORTED_MODEL_SIGN = new RegExp(
  'requested model is (?:not supported|unsupported|unavailable)|model is not supported|model not supported|unsupported model|model unavailable' +
    '|not available for your (?:plan|account)|supported api model names are|model not found|requested model \\S+ does not exist',
)

/** A 404 that is about the model, and not about a path, a file or a stored answer. */
export function isUnknownModel({ status, codes, message }: FaultWords): boolean {
  if (status !== 404) return false
  return codes.has('model_not_found') || UNKNOWN_MODEL_SIGN.test(message)
}

const UNKNOWN_MODEL_SIGN =
  /\bmodels?\b.{0,200}\b(?:not found|(?:does|do) not exist|not exist|deprecated|retired|not available|unavailable|not supported)|not found: .{0,80}\bmodel\b|^model: /m

/** Cloudflare asks for a browser in place of the upstream's answer. */
export function isChallenge({ body }: FaultWords): boolean {
  return CHALLENGE_SIGN.test(body) || (body.includes('cloudflare') && body.includes('<html'))
}

const CHALLENGE_SIGN = /challenge-platform|cf-mitigated|cloudflare challenge/

/** The refresh token of a login is no longer valid. */
export function isInvalidGrant({ status, body, message }: FaultWords): boolean {
  return (status === 400 || status === 401) && (body.includes('invalid_grant') || message.includes('invalid_grant'))
}

/** A key that the upstream refuses with 400 in place of 401, as Google and xAI do. */
export function isBadKey({ status, codes, message }: FaultWords): boolean {
  return status === 400 && (codes.has('api_key_invalid') || BAD_KEY_SIGN.test(message))
}

const BAD_KEY_SIGN = /api key not valid|api key expired|(?:incorrect|invalid) (?:x-)?api[- ]key/

/** An account without credit that the upstream refuses with 400, as Anthropic does. */
export function isUnpaid({ status, message }: FaultWords): boolean {
  return status === 400 && message.includes('credit balance is too low')
}

/** Refused for where the account calls from or what became of it: another account may do better. */
export function isBarred({ status, message }: FaultWords): boolean {
  return (status === 400 || status === 403) && BARRED_SIGN.test(message)
}

const BARRED_SIGN =
  /user location is not supported|organization has been disabled|account has been (?:disabled|suspended|deactivated)/

/** True for what another account may be spared although the status blames the request. */
export function isAccountFault(words: FaultWords): boolean {
  return [isUnsupportedModel, isChallenge, isInvalidGrant, isBadKey, isUnpaid, isBarred].some((is) => is(words))
}
