import { readObject, readText } from '../lib/json.ts'
import { readJwtPayload } from '../lib/jwt.ts'

/** Whose login of OpenAI's it is, as far as its ID token says so. */
export interface OpenaiIdentity {
  readonly email?: string
  /** The vendor's id of the workspace. */
  readonly accountId?: string
  /** What the user pays for: `plus`, `pro` … */
  readonly plan?: string
}

/**
 * Reads an ID token of OpenAI's; nothing of one that cannot be read. Its signature is not checked: it came from the token
 * endpoint itself (OpenID Connect Core, section 3.1.3.7), and names the person for lists and file names alone.
 *
 * @see behaviour of CLIProxyAPI: the claim that names account and plan.
 */
export function openaiIdentity(idToken = ''): OpenaiIdentity {
  const claims = readJwtPayload(idToken)
  const openai = readObject(claims['https://api.openai.com/auth']) ?? {}
  const profile = readObject(claims['https://api.openai.com/profile']) ?? {}
  return {
    email: readText(claims['email']) ?? readText(profile['email']),
    accountId: readText(openai['chatgpt_account_id']),
    plan: readText(openai['chatgpt_plan_type']),
  }
}
