import { presentFields, readText, type Fields } from '../../lib/json.ts'
import { QWEN, QWEN_DEVICE_URL, QWEN_TOKEN_URL } from '../oauth-clients.ts'
import { runDeviceFlow } from './device-flow.ts'
import { refreshTokens, serverFor, type OauthServer } from './token-endpoint.ts'
import type { Vendor } from './vendor.ts'

const TITLE = 'Qwen'
const SERVER: OauthServer = {
  vendor: 'qwen',
  title: TITLE,
  tokenUrl: QWEN_TOKEN_URL,
  deviceUrl: QWEN_DEVICE_URL,
  clientId: QWEN.clientId,
  // Its own CLI takes every 400 of a refresh for a login that has ended.
  finalStatuses: [400],
}
const QUESTION = 'A name for this login, such as your e-mail address (Enter: none): '

/** Logins of Qwen's own. @see `internal/auth/qwen/qwen_auth.go` of CLIProxyAPI v6 */
export const qwen: Vendor = {
  title: TITLE,
  async login(conversation, options, context) {
    const flow = { server: serverFor(SERVER, context), scope: QWEN.scope, isPkce: true }
    const { tokens, fields } = await runDeviceFlow(flow, conversation, options, context)
    // The vendor says nothing of the person, and without a name each login makes a file of its own.
    const name = (await conversation.ask(QUESTION, context.signal))?.trim()
    return [{ tokens: { ...tokens, fields: placeOf(fields) }, profile: name ? { email: name } : {} }]
  },
  async refresh({ refreshToken }, _fields, context) {
    const { tokens, fields } = await refreshTokens(serverFor(SERVER, context), refreshToken, context)
    return { ...tokens, fields: placeOf(fields) }
  },
}

/** Where the token is used. */
function placeOf(fields: Fields): Fields | undefined {
  return presentFields({ resource_url: readText(fields['resource_url']) })
}
