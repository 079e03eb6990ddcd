import { presentFields, readObject, readText, type Fields } from '../../lib/json.ts'
import { CODEX, CODEX_AUTHORIZE_URL, CODEX_TOKEN_URL } from '../oauth-clients.ts'
import { endpointFor } from './ask.ts'
import { readClaims } from './claims.ts'
import { runCodeFlow } from './code-flow.ts'
import { runCodexDeviceFlow } from './codex-device.ts'
import { OauthError } from './oauth-error.ts'
import { refreshTokens, type OauthServer, type TokenAnswer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'ChatGPT'

/** Logins with a subscription of OpenAI's. @see `internal/auth/codex/openai_auth.go` of CLIProxyAPI */
export const codex: Vendor = {
  id: 'codex',
  title: TITLE,
  async login(conversation, options, context) {
    const server = serverIn(context)
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
    const profile = identityOf(answer)
    if (profile['email'] === undefined) {
      throw new OauthError(`${TITLE} did not say whose login this is; run \`cliproxy login codex\` again`)
    }
    return [{ tokens: answer.tokens, profile }]
  },
  async refresh({ refreshToken }, _fields, context) {
    const answer = await refreshTokens(serverIn(context), refreshToken, context, { scope: CODEX.refreshScope })
    return { ...answer.tokens, fields: identityOf(answer) }
  },
}

function serverIn(context: VendorContext): OauthServer {
  const { clientId = CODEX.clientId, clientSecret } = context.client
  return { vendor: 'codex', title: TITLE, tokenUrl: endpointFor(CODEX_TOKEN_URL, context), clientId, clientSecret }
}

/** The ID token's claims in the words of CLIProxyAPI's file, which leaves the plan to the token itself. */
function identityOf({ tokens }: TokenAnswer): Fields {
  const claims = readClaims(tokens.idToken)
  const { chatgpt_account_id: accountId } = readObject(claims['https://api.openai.com/auth']) ?? {}
  const { email } = readObject(claims['https://api.openai.com/profile']) ?? {}
  return presentFields({ email: readText(claims['email']) ?? readText(email), account_id: readText(accountId) }) ?? {}
}
