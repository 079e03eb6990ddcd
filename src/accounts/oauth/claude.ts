import { presentFields, readObject, readText, type Fields } from '../../lib/json.ts'
import { CLAUDE, CLAUDE_AUTHORIZE_URL, CLAUDE_PROFILE_URL, CLAUDE_TOKEN_URL } from '../oauth-clients.ts'
import { askVendor, endpointFor, isGood, isUnreachable } from './ask.ts'
import { runCodeFlow } from './code-flow.ts'
import { nameless, OauthError } from './oauth-error.ts'
import { refreshTokens, serverFor, type OauthServer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'Claude'
const SERVER: OauthServer = {
  vendor: 'claude',
  title: TITLE,
  tokenUrl: CLAUDE_TOKEN_URL,
  clientId: CLAUDE.clientId,
  bodies: 'json',
}

/** Logins with a subscription of Anthropic's. @see `internal/auth/claude/anthropic_auth.go` of CLIProxyAPI */
export const claude: Vendor = {
  title: TITLE,
  async login(conversation, options, context) {
    const flow = {
      server: serverFor(SERVER, context),
      authorizeUrl: endpointFor(CLAUDE_AUTHORIZE_URL, context),
      scope: CLAUDE.scope,
      callback: CLAUDE.callback,
      // The page shows the code, for those whose browser is elsewhere.
      parameters: { code: 'true' },
      sendsState: true,
    }
    const { tokens, fields } = await runCodeFlow(flow, conversation, options, context)
    const profile = { ...identityOf(fields), ...(await askProfile(tokens.accessToken, context)) }
    if (profile['email'] === undefined) throw nameless(TITLE, 'claude')
    return [{ tokens, profile }]
  },
  async refresh({ refreshToken }, _fields, context) {
    const { tokens, fields } = await refreshTokens(serverFor(SERVER, context), refreshToken, context, {
      scope: CLAUDE.scope,
    })
    return { ...tokens, fields: identityOf(fields) }
  },
}

/** In the words of CLIProxyAPI's file. */
function identityOf({ account, organization }: Fields): Fields {
  const { email, email_address, uuid } = readObject(account) ?? {}
  const { uuid: organizationId, name, organization_type: kind } = readObject(organization) ?? {}
  return (
    presentFields({
      email: readText(email) ?? readText(email_address),
      account_uuid: readText(uuid),
      organization_uuid: readText(organizationId),
      organization_name: readText(name),
      // `claude_pro`, `claude_max` …, where the vendor says so.
      plan_type: readText(kind)?.replace(/^claude_/, ''),
    }) ?? {}
  )
}

/** Nothing when it cannot be had: the token's own answer mostly says the same. */
async function askProfile(accessToken: string, context: VendorContext): Promise<Fields> {
  try {
    const url = endpointFor(CLAUDE_PROFILE_URL, context)
    const headers = { authorization: `Bearer ${accessToken}` }
    const answer = await askVendor({ title: TITLE, url, method: 'GET', headers }, context)
    return isGood(answer) ? identityOf(answer.fields) : {}
  } catch (error) {
    if (error instanceof OauthError && isUnreachable(error)) return {}
    throw error
  }
}
