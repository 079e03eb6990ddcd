import { presentFields, readText, type Fields } from '../../lib/json.ts'
import { KIMI, KIMI_DEVICE_URL, KIMI_TOKEN_URL } from '../oauth-clients.ts'
import { runDeviceFlow } from './device-flow.ts'
import { refreshTokens, serverFor, type OauthServer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'Kimi'
const SERVER: OauthServer = {
  vendor: 'kimi',
  title: TITLE,
  tokenUrl: KIMI_TOKEN_URL,
  deviceUrl: KIMI_DEVICE_URL,
  clientId: KIMI.clientId,
  finalStatuses: [403],
}

/** Logins with a subscription of Moonshot's. @see `src/kimi_cli/auth/oauth.py` of kimi-cli */
export const kimi: Vendor = {
  title: TITLE,
  async login(conversation, options, context) {
    const deviceId = crypto.randomUUID()
    const flow = { server: serverOf(deviceId, context) }
    const { tokens, fields } = await runDeviceFlow(flow, conversation, options, context)
    return [{ tokens: { ...tokens, fields: kindOf(fields) }, profile: { device_id: deviceId } }]
  },
  async refresh({ refreshToken }, fields, context) {
    const server = serverOf(readText(fields['device_id']), context)
    const { tokens, fields: answered } = await refreshTokens(server, refreshToken, context)
    return { ...tokens, fields: kindOf(answered) }
  },
}

/**
 * The login belongs to a device, which one header names. Its own CLI sends five more of the kind, which say that it is that
 * CLI and on what machine: nothing of its protocol needs them.
 */
function serverOf(deviceId: string | undefined, context: VendorContext): OauthServer {
  return serverFor({ ...SERVER, headers: deviceId === undefined ? {} : { 'x-msh-device-id': deviceId } }, context)
}

function kindOf({ token_type, scope }: Fields): Fields | undefined {
  return presentFields({ token_type: readText(token_type), scope: readText(scope) })
}
