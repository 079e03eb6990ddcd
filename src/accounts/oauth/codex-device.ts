import { readText } from '../../lib/json.ts'
import {
  CODEX_DEVICE_CODE_URL,
  CODEX_DEVICE_PAGE_URL,
  CODEX_DEVICE_REDIRECT_URL,
  CODEX_DEVICE_TOKEN_URL,
} from '../oauth-clients.ts'
import { askWithJson, endpointFor, isGood, refusalFrom } from './ask.ts'
import { pollUntil } from './device-flow.ts'
import { OauthError } from './oauth-error.ts'
import { exchangeCode, POLL_SECONDS, readSeconds, type OauthServer, type TokenAnswer } from './token-endpoint.ts'
import type { LoginConversation, LoginOptions, VendorContext } from './vendor.ts'

/** How long a code is good. */
const CODE_MS = 15 * 60 * 1000

/**
 * OpenAI's device login is none of RFC 8628: it ends in a code, whose verifier the vendor made.
 *
 * @throws {OauthError} when the person says no, takes too long or the vendor refuses.
 * @see `sdk/auth/codex_device.go` of CLIProxyAPI
 */
export async function runCodexDeviceFlow(
  server: OauthServer,
  conversation: LoginConversation,
  { timeoutMs }: LoginOptions,
  context: VendorContext,
): Promise<TokenAnswer> {
  const { title, clientId } = server
  const url = endpointFor(CODEX_DEVICE_CODE_URL, context)
  const answer = await askWithJson({ title, url }, { client_id: clientId }, context)
  const { device_auth_id, user_code, usercode, interval } = answer.fields ?? {}
  const deviceId = readText(device_auth_id)
  const userCode = readText(user_code) ?? readText(usercode)
  if (!isGood(answer) || deviceId === undefined || userCode === undefined) {
    throw refusalFrom(answer, { title, what: 'the login with a device', secrets: [], now: context.clock() })
  }
  conversation.showCode(userCode, endpointFor(CODEX_DEVICE_PAGE_URL, context))
  const polling = {
    server,
    endsAt: context.clock() + Math.min(CODE_MS, timeoutMs),
    intervalMs: (readSeconds(interval) ?? POLL_SECONDS) * 1000,
  }
  const grant = await pollUntil(polling, context, () => askForCode(server, { deviceId, userCode }, context))
  return await exchangeCode(
    server,
    { ...grant, state: 'device', redirectUrl: endpointFor(CODEX_DEVICE_REDIRECT_URL, context) },
    context,
  )
}

interface Device {
  readonly deviceId: string
  readonly userCode: string
}

/** @throws {OauthError} with the code `authorization_pending` until the person has agreed. */
async function askForCode(
  { title }: OauthServer,
  { deviceId, userCode }: Device,
  context: VendorContext,
): Promise<{ readonly code: string; readonly verifier: string }> {
  const url = endpointFor(CODEX_DEVICE_TOKEN_URL, context)
  const answer = await askWithJson({ title, url }, { device_auth_id: deviceId, user_code: userCode }, context)
  const code = readText(answer.fields?.['authorization_code'])
  const verifier = readText(answer.fields?.['code_verifier'])
  if (isGood(answer) && code !== undefined && verifier !== undefined) return { code, verifier }
  if (answer.status === 403 || answer.status === 404) {
    throw new OauthError(`${title} waits for the code to be confirmed`, { code: 'authorization_pending' })
  }
  throw refusalFrom(answer, { title, what: 'the login with a device', secrets: [deviceId], now: context.clock() })
}
