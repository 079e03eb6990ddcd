import { presentFields, readText, type Fields } from '../../lib/json.ts'
import {
  GOOGLE_AUTHORIZE_URL,
  GOOGLE_CALLBACK,
  GOOGLE_SCOPE,
  GOOGLE_TOKEN_URL,
  GOOGLE_USER_URL,
} from '../oauth-clients.ts'
import { endpointFor } from './ask.ts'
import { runCodeFlow } from './code-flow.ts'
import { googleClientFor, type GoogleClient } from './google-client.ts'
import { onboard } from './google-onboarding.ts'
import { askGoogle } from './google-projects.ts'
import { nameless } from './oauth-error.ts'
import { refreshTokens, type OauthServer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'Google'

/** Logins to Gemini Code Assist. @see `internal/auth/gemini/gemini_auth.go` of CLIProxyAPI v6 */
export const gemini: Vendor = {
  title: TITLE,
  async login(conversation, options, context) {
    const client = await googleClientFor(context)
    const flow = {
      server: serverFor(client, context),
      authorizeUrl: endpointFor(GOOGLE_AUTHORIZE_URL, context),
      scope: GOOGLE_SCOPE,
      callback: GOOGLE_CALLBACK,
      isPortFree: true,
      // Google gives a refresh token only to whom it asks anew.
      parameters: { access_type: 'offline', prompt: 'consent' },
    }
    const { tokens } = await runCodeFlow(flow, conversation, options, context)
    const session = { title: TITLE, accessToken: tokens.accessToken, context }
    const user = await askGoogle(session, endpointFor(GOOGLE_USER_URL, context), 'to say whose login this is')
    const email = readText(user['email'])
    if (email === undefined) throw nameless(TITLE, 'gemini')
    const projects = await onboard(session, conversation, options)
    return [{ tokens, profile: { email, ...projects, token: clientFields(client) } }]
  },
  async refresh({ refreshToken }, fields, context) {
    const client = await googleClientFor(context, fields)
    // Where the file says the token endpoint is does not count: the client's secret goes there.
    const { tokens } = await refreshTokens(serverFor(client, context), refreshToken, context)
    // From now on the file alone is enough: Gemini CLI may go, and the config may name another client.
    return { ...tokens, fields: { token: pairOf(client) } }
  },
}

function serverFor({ clientId, clientSecret }: GoogleClient, context: VendorContext): OauthServer {
  return { vendor: 'gemini', title: TITLE, tokenUrl: endpointFor(GOOGLE_TOKEN_URL, context), clientId, clientSecret }
}

/** In the words of CLIProxyAPI's file. */
function pairOf({ clientId, clientSecret }: GoogleClient): Fields {
  return { client_id: clientId, ...presentFields({ client_secret: clientSecret }) }
}

/** What CLIProxyAPI and Google's libraries want to find beside the tokens, and what refreshes them. */
function clientFields(client: GoogleClient): Fields {
  return {
    token_uri: GOOGLE_TOKEN_URL,
    ...pairOf(client),
    scopes: GOOGLE_SCOPE.split(' '),
    universe_domain: 'googleapis.com',
    token_type: 'Bearer',
  }
}
