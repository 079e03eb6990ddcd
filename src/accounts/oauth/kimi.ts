import { presentFields, readText, type Fields } from '../../lib/json.ts'
import { KIMI, KIMI_DEVICE_URL, KIMI_TOKEN_URL } from '../oauth-clients.ts'
import { endpointFor } from './ask.ts'
import { runDeviceFlow } from './device-flow.ts'
import { refreshTokens, type OauthServer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'Kimi'

/** Logins with a subscription of Moonshot's. @see `src/kimi_cli/auth/oauth.py` of kimi-cli */
export const kimi: Vendor = {
  id: 'kimi',
  title: TITLE,
  async login(conversation, options, context) {
    const deviceId = crypto.randomUUID()
    const flow = { server: serverIn(context, deviceId) }
    const { tokens, fields } = await runDeviceFlow(flow, conversation, options, context)
    return [{ tokens: { ...tokens, fields: kindOf(fields) }, profile: { device_id: deviceId } }]
  },
  async refresh({ refreshToken }, fields, context) {
    const server = serverIn(context, readText(fields['device_id']))
    const { tokens, fields: answered } = await refreshTokens(server, refreshToken, context)
    return { ...tokens, fields: kindOf(answered) }
  },
}

/**
 * The login belongs to a device, which one header names. Its own CLI sends five more of the kind, which say that it is that
 * CLI and on what machine: nothing of its protocol needs them.
 */
function serverIn(context: VendorContext, deviceId: string | undefined): OauthServer {
  const { clientId = KIMI.clientId, clientSecret } = context.client
  return {
    vendor: 'kimi',
    title: TITLE,
    tokenUrl: endpointFor(KIMI_TOKEN_URL, context),
    deviceUrl: endpointFor(KIMI_DEVICE_URL, context),
    clientId,
    clientSecret,
    headers: deviceId === undefined ? {} : { 'x-msh-device-id': deviceId },
    finalStatuses: [403],
  }
}

function kindOf({ token_type, scope }: Fields): Fields | undefined {
  return presentFields({ token_type: readText(token_type), scope: readText(scope) })
}
