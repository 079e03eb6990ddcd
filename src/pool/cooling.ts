import type { Fault } from '../ir/fault.ts'
import {
  isBadKey,
  isBarred,
  isChallenge,
  isInvalidGrant,
  isUnknownModel,
  isUnpaid,
  isUnsupportedModel,
} from './fault-signs.ts'
import { readFaultWords } from './fault-words.ts'
import { isRequestFaultIn } from './request-fault.ts'
import type { ResetHint } from './reset-hint.ts'

/**
 * Why an account rests.
 *
 * | reason            | what the upstream said                                                       |
 * |-------------------|------------------------------------------------------------------------------|
 * | unsupported-model | 400 or 422: it does not serve this model to this account                     |
 * | challenge         | Cloudflare's page in place of an answer                                      |
 * | sign-in           | invalid_grant: the login is over                                             |
 * | unauthorized      | 401, or a bad key under 400                                                  |
 * | billing           | 402, or no credit under 400                                                  |
 * | forbidden         | 403, or barred under 400                                                     |
 * | unknown-model     | 404 that names the model                                                     |
 * | not-found         | any other 404                                                                |
 * | quota             | 429                                                                          |
 * | transient         | 408, 5xx and whatever else                                                   |
 * | connection        | nothing: the connection failed, broke, or carried no answer                  |
 */
export type CoolingReason =
  | 'unsupported-model'
  | 'challenge'
  | 'sign-in'
  | 'unauthorized'
  | 'billing'
  | 'forbidden'
  | 'unknown-model'
  | 'not-found'
  | 'quota'
  | 'transient'
  | 'connection'

/** What a failure costs: the account for one model, or for all of them. */
export interface Blame {
  readonly reason: CoolingReason
  readonly scope: 'model' | 'account'
}

/** Who is to blame for a failure, checked in the order of the table above; nobody when the request itself is at fault. */
export function blameFor(fault: Fault, hint: ResetHint | undefined): Blame | undefined {
  const words = readFaultWords(fault)
  const { status, codes } = words
  if (isRequestFaultIn(fault, words)) return undefined
  if (isUnsupportedModel(words)) return { reason: 'unsupported-model', scope: 'model' }
  if (isChallenge(words)) return { reason: 'challenge', scope: 'account' }
  if (isInvalidGrant(words)) return { reason: 'sign-in', scope: 'account' }
  if (status === 401 || isBadKey(words)) return { reason: 'unauthorized', scope: 'account' }
  if (status === 402 || isUnpaid(words)) return { reason: 'billing', scope: 'account' }
  if (isBarred(words)) return { reason: 'forbidden', scope: 'account' }
  if (status === 403) return { reason: 'forbidden', scope: 'model' }
  if (status === 404) return { reason: isUnknownModel(words) ? 'unknown-model' : 'not-found', scope: 'model' }
  if (status === 429)
    return { reason: 'quota', scope: codes.has('insufficient_quota') ? 'account' : (hint?.scope ?? 'model') }
  return { reason: words.isAnswered ? 'transient' : 'connection', scope: 'model' }
}
