import { importPKCS8, SignJWT } from 'jose'
import { readObject, readText, type Fields } from '../../lib/json.ts'
import { GOOGLE_TOKEN_URL } from '../oauth-clients.ts'
import { endpointFor } from './ask.ts'
import { loginCommand } from './login-command.ts'
import { OauthError } from './oauth-error.ts'
import { repairPrivateKey } from './service-account.ts'
import { exchangeAssertion, type OauthServer } from './token-endpoint.ts'
import type { Vendor, VendorContext } from './vendor.ts'

const TITLE = 'Google'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const ASSERTION_SECONDS = 60 * 60

/** Service accounts of Google Cloud: there is no login, the key of the file makes each token. */
export const vertex: Vendor = {
  title: TITLE,
  login() {
    return Promise.reject(
      new OauthError(`Vertex AI has no login: run \`${loginCommand('vertex')}\` with the key of a service account`),
    )
  },
  async refresh(_tokens, fields, context) {
    const account = readObject(fields['service_account']) ?? {}
    const server = serverFor(account, context)
    try {
      return (await exchangeAssertion(server, await signAssertion(account, context), context)).tokens
    } catch (error) {
      throw error instanceof OauthError && (error.code === 'invalid_grant' || error.status === 401)
        ? refusedKey(error)
        : error
    }
  },
}

/** @see https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
async function signAssertion(account: Fields, { clock }: VendorContext): Promise<string> {
  const email = readText(account['client_email'])
  const privateKey = readText(account['private_key'])
  if (email === undefined || privateKey === undefined) {
    throw new OauthError('The file holds no service account: its client_email or private_key is missing', {
      isFinal: true,
    })
  }
  const keyId = readText(account['private_key_id'])
  const now = Math.floor(clock() / 1000)
  return await new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(email)
    .setAudience(readText(account['token_uri']) ?? GOOGLE_TOKEN_URL)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .sign(await importPKCS8(repairPrivateKey(privateKey), 'RS256'))
}

function serverFor(account: Fields, context: VendorContext): OauthServer {
  const named = readText(account['token_uri'])
  const tokenUrl =
    context.client.authUrl === undefined && named !== undefined ? named : endpointFor(GOOGLE_TOKEN_URL, context)
  if (context.client.authUrl === undefined && !isGoogles(tokenUrl)) {
    throw new OauthError(
      'The token_uri of the service account is no address of googleapis.com; nothing was sent there',
      {
        isFinal: true,
      },
    )
  }
  return { vendor: 'vertex', title: TITLE, tokenUrl, clientId: '-' }
}

function isGoogles(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {}
  return protocol === 'https:' && (hostname === 'googleapis.com' || hostname?.endsWith('.googleapis.com') === true)
}

function refusedKey({ message, status, code }: OauthError): OauthError {
  return new OauthError(
    'Google no longer accepts the key of this service account, or the clock of this machine is wrong: ' +
      `make a new key and run \`${loginCommand('vertex')}\`. (${message})`,
    { isFinal: true, status, code },
  )
}
