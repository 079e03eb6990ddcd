import { presentFields, readNumber, readText, type Fields } from '../../lib/json.ts'
import { readJwtPayload } from '../../lib/jwt.ts'
import { XAI, XAI_API_URL, XAI_DISCOVERY_URL } from '../oauth-clients.ts'
import { askVendor, endpointFor, isGood, refusalFrom } from './ask.ts'
import { runDeviceFlow } from './device-flow.ts'
import { OauthError } from './oauth-error.ts'
import { refreshTokens, type OauthServer, type TokenAnswer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'xAI'

/** Logins with a subscription of xAI's. @see `internal/auth/xai/xai.go` of CLIProxyAPI */
export const xai: Vendor = {
  title: TITLE,
  async login(conversation, options, context) {
    const server = await discoverServer(context)
    const answer = await runDeviceFlow({ server, scope: XAI.scope }, conversation, options, context)
    const { email, sub } = readJwtPayload(answer.tokens.idToken ?? '')
    const profile = presentFields({
      email: readText(email),
      sub: readText(sub),
      base_url: XAI_API_URL,
      token_endpoint: server.tokenUrl,
    })
    return [{ tokens: { ...answer.tokens, fields: kindOf(answer) }, profile: profile ?? {} }]
  },
  async refresh({ refreshToken }, fields, context) {
    const known = readText(fields['token_endpoint'])
    const isKnown = known !== undefined && isTrusted(known, context)
    const server = isKnown ? serverAt(known, undefined, context) : await discoverServer(context)
    const answer = await refreshTokens(server, refreshToken, context)
    return { ...answer.tokens, fields: kindOf(answer) }
  },
}

/** @see OpenID Connect Discovery 1.0, section 4 */
async function discoverServer(context: VendorContext): Promise<OauthServer> {
  const url = endpointFor(XAI_DISCOVERY_URL, context)
  const answer = await askVendor({ title: TITLE, url, method: 'GET' }, context)
  if (!isGood(answer)) {
    throw refusalFrom(answer, { title: TITLE, what: 'to say where its login is', secrets: [], now: context.clock() })
  }
  const tokenUrl = endpointIn(answer.fields, 'token_endpoint', context)
  return serverAt(tokenUrl, endpointIn(answer.fields, 'device_authorization_endpoint', context), context)
}

function serverAt(tokenUrl: string, deviceUrl: string | undefined, { client }: VendorContext): OauthServer {
  const { clientId = XAI.clientId, clientSecret } = client
  return { vendor: 'xai', title: TITLE, tokenUrl, deviceUrl, clientId, clientSecret }
}

function endpointIn(fields: Fields, name: string, context: VendorContext): string {
  const url = readText(fields[name])
  if (url !== undefined && isTrusted(url, context)) return url
  throw new OauthError(`${TITLE} names an address as its ${name} that is not its own; nothing was sent there`, {
    code: 'unsafe-address',
  })
}

/** What a file or an answer names must be the vendor's, or the config's: a refresh token goes there. */
function isTrusted(url: string, { client: { authUrl } }: VendorContext): boolean {
  const parsed = URL.parse(url)
  if (!parsed) return false
  if (authUrl !== undefined) return parsed.origin === URL.parse(authUrl)?.origin
  return parsed.protocol === 'https:' && (parsed.hostname === 'x.ai' || parsed.hostname.endsWith('.x.ai'))
}

function kindOf({ fields: { token_type, expires_in } }: TokenAnswer): Fields | undefined {
  return presentFields({ token_type: readText(token_type), expires_in: readNumber(expires_in) })
}
