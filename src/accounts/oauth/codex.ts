import { presentFields, type Fields } from '../../lib/json.ts'
import { CODEX, CODEX_AUTHORIZE_URL, CODEX_TOKEN_URL } from '../oauth-clients.ts'
import { openaiIdentity } from '../openai-identity.ts'
import { endpointFor } from './ask.ts'
import { runCodeFlow } from './code-flow.ts'
import { runCodexDeviceFlow } from './codex-device.ts'
import { nameless } from './oauth-error.ts'
import { refreshTokens, serverFor, type OauthServer, type TokenAnswer } from './token-endpoint.ts'
import type { Vendor } from './vendor.ts'

const TITLE = 'ChatGPT'
const SERVER: OauthServer = { vendor: 'codex', title: TITLE, tokenUrl: CODEX_TOKEN_URL, clientId: CODEX.clientId }

/** Logins with a subscription of OpenAI's. @see `internal/auth/codex/openai_auth.go` of CLIProxyAPI */
export const codex: Vendor = {
  title: TITLE,
  async login(conversation, options, context) {
    const server = serverFor(SERVER, context)
    const answer = options.isDevice
      ? await runCodexDeviceFlow(server, conversation, options, context)
      : await runCodeFlow(
          {
            server,
            authorizeUrl: endpointFor(CODEX_AUTHORIZE_URL, context),
            scope: CODEX.scope,
            callback: CODEX.callback,
            parameters: { prompt: 'login', id_token_add_organizations: 'true', codex_cli_simplified_flow: 'true' },
          },
          conversation,
          options,
          context,
        )
    const profile = identityIn(answer)
    if (profile['email'] === undefined) throw nameless(TITLE, 'codex')
    return [{ tokens: answer.tokens, profile }]
  },
  async refresh({ refreshToken }, _fields, context) {
    const answer = await refreshTokens(serverFor(SERVER, context), refreshToken, context, { scope: CODEX.refreshScope })
    return { ...answer.tokens, fields: identityIn(answer) }
  },
}

/** In the words of CLIProxyAPI's file, which leaves the plan to the token itself. */
function identityIn({ tokens }: TokenAnswer): Fields {
  const { email, accountId } = openaiIdentity(tokens.idToken)
  return presentFields({ email, account_id: accountId }) ?? {}
}
