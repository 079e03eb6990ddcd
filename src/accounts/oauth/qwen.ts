import { presentFields, readText, type Fields } from '../../lib/json.ts'
import { QWEN, QWEN_DEVICE_URL, QWEN_TOKEN_URL } from '../oauth-clients.ts'
import { endpointFor } from './ask.ts'
import { runDeviceFlow } from './device-flow.ts'
import { refreshTokens, type OauthServer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'Qwen'
const QUESTION = 'A name for this login, such as your e-mail address (Enter: none): '

/** Logins of Qwen's own. @see `internal/auth/qwen/qwen_auth.go` of CLIProxyAPI v6 */
export const qwen: Vendor = {
  id: 'qwen',
  title: TITLE,
  async login(conversation, options, context) {
    const flow = { server: serverIn(context), scope: QWEN.scope, isPkce: true }
    const { tokens, fields } = await runDeviceFlow(flow, conversation, options, context)
    // The vendor says nothing of the person, and without a name each login makes a file of its own.
    const name = (await conversation.ask(QUESTION, context.signal))?.trim()
    return [{ tokens: { ...tokens, fields: placeOf(fields) }, profile: name ? { email: name } : {} }]
  },
  async refresh({ refreshToken }, _fields, context) {
    const { tokens, fields } = await refreshTokens(serverIn(context), refreshToken, context)
    return { ...tokens, fields: placeOf(fields) }
  },
}

function serverIn(context: VendorContext): OauthServer {
  const { clientId = QWEN.clientId, clientSecret } = context.client
  return {
    vendor: 'qwen',
    title: TITLE,
    tokenUrl: endpointFor(QWEN_TOKEN_URL, context),
    deviceUrl: endpointFor(QWEN_DEVICE_URL, context),
    clientId,
    clientSecret,
    // Its own CLI takes every 400 of a refresh for a login that has ended.
    finalStatuses: [400],
  }
}

/** Where the token is used. */
function placeOf(fields: Fields): Fields | undefined {
  return presentFields({ resource_url: readText(fields['resource_url']) })
}
