import * as oauth from 'oauth4webapi'
import { presentFields, readNumber, readText, type Fields } from '../../lib/json.ts'
import { askVendor, endpointFor, isGood, refusalFrom, type Answer } from './ask.ts'
import { loginCommand } from './login-command.ts'
import { OauthError } from './oauth-error.ts'
import type { TokenSet, VendorContext, VendorId } from './vendor.ts'
import { errorCode } from '../../lib/error-code.ts'

/** A vendor's authorization server, and this program as its client. */
export interface OauthServer {
  readonly vendor: VendorId
  /** Its name for people. */
  readonly title: string
  readonly tokenUrl: string
  readonly deviceUrl?: string
  readonly clientId: string
  readonly clientSecret?: string
  /** `form` unless the vendor departs from RFC 6749. */
  readonly bodies?: 'form' | 'json'
  /** Headers that the vendor's protocol wants; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses of a refused refresh that mean a new login, whatever error is told; 401 always does. */
  readonly finalStatuses?: readonly number[]
}

/** What a token endpoint gave, checked; and all its fields as they came. */
export interface TokenAnswer {
  readonly tokens: TokenSet
  readonly fields: Fields
}

/** What a code is exchanged with. */
export interface CodeGrant {
  readonly code: string
  readonly state: string
  readonly verifier: string
  readonly redirectUrl: string
  /** Beside those of RFC 6749. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** A vendor's own server and client, with what the config puts in their place. */
export function serverFor(own: OauthServer, context: VendorContext): OauthServer {
  const { clientId = own.clientId, clientSecret } = context.client
  const { tokenUrl, deviceUrl } = own
  return {
    ...own,
    tokenUrl: endpointFor(tokenUrl, context),
    deviceUrl: deviceUrl === undefined ? undefined : endpointFor(deviceUrl, context),
    clientId,
    clientSecret,
  }
}

/** Parameters whose values are secrets. */
const SECRET_PARAMETERS = [
  'code',
  'code_verifier',
  'refresh_token',
  'client_secret',
  'device_code',
  'assertion',
  'state',
]

/**
 * Refusals of a refresh that only a new login helps.
 *
 * @see RFC 6749, section 5.2, and `login/src/auth/manager.rs` of Codex for the last three
 */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'invalid_grant',
  'unauthorized_client',
  'refresh_token_reused',
  'refresh_token_expired',
  'refresh_token_invalidated',
])

/** @throws {OauthError} */
export async function exchangeCode(
  server: OauthServer,
  grant: CodeGrant,
  context: VendorContext,
): Promise<TokenAnswer> {
  const { code, state, verifier, redirectUrl, parameters } = grant
  return await askTokens(server, 'the code', context, async (as, client, authentication, options) => {
    const checked = oauth.validateAuthResponse(as, client, new URLSearchParams({ code, state }), state)
    return await oauth.authorizationCodeGrantRequest(as, client, authentication, checked, redirectUrl, verifier, {
      ...options,
      additionalParameters: { ...parameters },
    })
  })
}

/** @throws {OauthError} final when only a new login helps. */
export async function refreshTokens(
  server: OauthServer,
  refreshToken: string | undefined,
  context: VendorContext,
  parameters: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const { title, vendor } = server
  if (refreshToken === undefined || refreshToken === '') {
    throw new OauthError(
      `The login of ${title} has no refresh token and cannot be renewed. Run \`${loginCommand(vendor)}\`.`,
      { isFinal: true },
    )
  }
  try {
    return await askTokens(server, 'the refresh', context, (as, client, authentication, options) =>
      oauth.refreshTokenGrantRequest(as, client, authentication, refreshToken, {
        ...options,
        additionalParameters: { ...parameters },
      }),
    )
  } catch (error) {
    throw error instanceof OauthError && isFinalRefusal(error, server) ? finalError(error, server) : error
  }
}

/** @throws {OauthError} */
export async function askForDevice(
  server: OauthServer,
  parameters: Readonly<Record<string, string>>,
  context: VendorContext,
): Promise<oauth.DeviceAuthorizationResponse> {
  const { as, client, authentication } = partiesOf(server)
  const options = optionsFor(server, 'the login', context, deviceFields)
  return await orUnusable(server, async () => {
    const response = await oauth.deviceAuthorizationRequest(as, client, authentication, { ...parameters }, options)
    return await oauth.processDeviceAuthorizationResponse(as, client, response)
  })
}

/**
 * Asks whether the person has agreed.
 *
 * @throws {OauthError} with the code `authorization_pending` or `slow_down` when not yet.
 */
export async function exchangeDeviceCode(
  server: OauthServer,
  deviceCode: string,
  parameters: Readonly<Record<string, string>>,
  context: VendorContext,
): Promise<TokenAnswer> {
  return await askTokens(server, 'the login', context, (as, client, authentication, options) =>
    oauth.deviceCodeGrantRequest(as, client, authentication, deviceCode, {
      ...options,
      additionalParameters: { ...parameters },
    }),
  )
}

/** A token that a service account's assertion is good for. @throws {OauthError} */
export async function exchangeAssertion(
  server: OauthServer,
  assertion: string,
  context: VendorContext,
): Promise<TokenAnswer> {
  return await askTokens(server, 'the service account', context, (as, client, _authentication, options) =>
    oauth.genericTokenEndpointRequest(
      as,
      client,
      // RFC 7523, section 2.1: the assertion is all that is wanted.
      () => {},
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      { assertion },
      options,
    ),
  )
}

type Options = oauth.TokenEndpointRequestOptions
type Send = (
  as: oauth.AuthorizationServer,
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  options: Options,
) => Promise<Response>

async function askTokens(server: OauthServer, what: string, context: VendorContext, send: Send): Promise<TokenAnswer> {
  const { as, client, authentication } = partiesOf(server)
  let fields: Fields = {}
  const options = optionsFor(server, what, context, (came) => {
    fields = came
    return tokenFields(came)
  })
  const answer = await orUnusable(server, async () =>
    oauth.processGenericTokenEndpointResponse(as, client, await send(as, client, authentication, options)),
  )
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = answer
  const expiresAt = seconds === undefined ? undefined : context.clock() + seconds * 1000
  return { tokens: { accessToken, refreshToken, expiresAt, idToken: readText(fields['id_token']) }, fields }
}

function partiesOf({ tokenUrl, deviceUrl, clientId, clientSecret }: OauthServer) {
  const as: oauth.AuthorizationServer = {
    issuer: new URL(tokenUrl).origin,
    token_endpoint: tokenUrl,
    device_authorization_endpoint: deviceUrl,
  }
  const client: oauth.Client = { client_id: clientId }
  const authentication = clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret)
  return { as, client, authentication }
}

/** @param read what of an answer the library gets to see. */
function optionsFor(
  server: OauthServer,
  what: string,
  context: VendorContext,
  read: (fields: Fields) => Fields,
): Options {
  return {
    // oxlint-disable-next-line typescript/no-deprecated -- `askVendor` refuses plain HTTP but on this machine.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: async (url, { body }) => {
      const { answer, secrets } = await sendForm(server, url, body, context)
      if (!isGood(answer)) {
        throw refusalFrom(answer, { title: server.title, what, secrets, now: context.clock() })
      }
      return Response.json(read(answer.fields))
    },
  }
}

async function sendForm(
  { title, headers, bodies = 'form' }: OauthServer,
  url: string,
  form: URLSearchParams,
  context: VendorContext,
): Promise<{ readonly answer: Answer; readonly secrets: readonly string[] }> {
  const secrets = SECRET_PARAMETERS.map((name) => form.get(name) ?? '')
  const isForm = bodies === 'form'
  const answer = await askVendor(
    {
      title,
      url,
      method: 'POST',
      headers: { ...headers, 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' },
      body: isForm ? form.toString() : JSON.stringify(Object.fromEntries(form)),
    },
    context,
  )
  return { answer, secrets }
}

/**
 * What RFC 6749 names. Vendors leave `token_type` out and send null for what they do not have. The ID token is kept from
 * the library: it names the person for lists, and a refresh whose new token is already out must not fail over a claim of it.
 */
function tokenFields(fields: Fields): Fields {
  const { access_token, refresh_token, expires_in, scope } = fields
  return {
    token_type: 'bearer',
    ...presentFields({
      // Line ends around a token would keep it from every header.
      access_token: readText(readText(access_token)?.trim()),
      refresh_token: readText(readText(refresh_token)?.trim()),
      expires_in: readSeconds(expires_in),
      scope: readText(scope),
    }),
  }
}

/** RFC 8628, section 3.2, with the defaults that vendors rely on. */
function deviceFields(fields: Fields): Fields {
  const { verification_uri, verification_uri_complete, expires_in, interval } = fields
  return {
    ...fields,
    ...presentFields({
      verification_uri: readText(verification_uri) ?? readText(verification_uri_complete),
      verification_uri_complete: readText(verification_uri_complete) ?? readText(verification_uri),
      expires_in: readSeconds(expires_in) ?? DEVICE_SECONDS,
      interval: readSeconds(interval) ?? POLL_SECONDS,
    }),
  }
}

/** How long a code of a device login is good when its vendor does not say. */
const DEVICE_SECONDS = 15 * 60
/** Between two questions of a device login when its vendor does not say. @see RFC 8628, section 3.2 */
export const POLL_SECONDS = 5

/** No token lives as long: what ends later than any date can say could not be written. */
const SECONDS_MAX = 10 * 365 * 24 * 60 * 60

/** Undefined for what is no length of time. */
export function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? Number.parseFloat(value) : readNumber(value)
  return seconds !== undefined && seconds > 0 ? Math.min(seconds, SECONDS_MAX) : undefined
}

/** The library's errors hold what was answered, tokens among it: none of them goes on. */
async function orUnusable<T>({ title }: OauthServer, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof OauthError) throw error
    const code = errorCode(error) ?? 'no-login'
    throw new OauthError(`${title} answered with something that is no login`, { code })
  }
}

function isFinalRefusal({ status = 0, code = '' }: OauthError, { finalStatuses = [] }: OauthServer): boolean {
  if (code === 'invalid_client') return false
  // Firewalls in front of a vendor answer so too, with a page that tells no error.
  return FINAL_CODES.has(code) || status === 401 || (code !== '' && finalStatuses.includes(status))
}

function finalError({ message, status, code }: OauthError, { title, vendor }: OauthServer): OauthError {
  const advice =
    code === 'refresh_token_reused'
      ? `Another program has used this login of ${title} since, so it is no longer good here`
      : `${title} no longer accepts this login`
  return new OauthError(`${advice}. Run \`${loginCommand(vendor)}\`. (${message})`, { isFinal: true, status, code })
}
