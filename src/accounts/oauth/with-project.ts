import { gemini } from './gemini.ts'
import { onboard } from './google-onboarding.ts'
import { mergeTokens } from './token-set.ts'
import type { LoginConversation, NewLogin, VendorContext } from './vendor.ts'

/** Nobody is there: what would have to be asked fails instead. */
const NOBODY: LoginConversation = {
  open: () => undefined,
  showCode: () => undefined,
  say: () => undefined,
  ask: () => Promise.resolve(undefined),
}

/**
 * A login of Google's that another program made, with the project that Code Assist is used in: that program asks for it
 * anew each time, and writes it down nowhere.
 *
 * @throws {OauthError} when Google cannot be asked, or wants a project that only its owner can name.
 */
export async function withProject({ tokens, profile }: NewLogin, context: VendorContext): Promise<NewLogin> {
  const isOver = tokens.expiresAt !== undefined && tokens.expiresAt <= context.clock()
  const fields = { ...profile, ...tokens.fields }
  const fresh = isOver ? mergeTokens(tokens, await gemini.refresh(tokens, fields, context)) : tokens
  const session = { title: gemini.title, accessToken: fresh.accessToken, context }
  return { tokens: fresh, profile: { ...profile, ...(await onboard(session, NOBODY, {})) } }
}
