import { createHash, createPrivateKey, randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey } from 'jose'
import type { VendorRules } from './rules.ts'

/** An answer of a stand-in: its status and its JSON. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** What the authorization server of a stand-in remembers. */
export interface Grants {
  /** Everything it gave out or was sent that nobody else may see. */
  readonly secrets: Set<string>
  /** Where the browser goes; a text says what is wrong with the request. */
  readonly authorize: (query: URLSearchParams, isDenied: boolean) => URL | string
  readonly token: (parameters: URLSearchParams) => Promise<Reply>
  readonly device: (parameters: URLSearchParams) => Reply
  /** The person's word on a code that a terminal showed. */
  readonly judge: (userCode: string, isAgreed: boolean) => void
  /** Codes of devices are no longer good. */
  readonly expireDevices: () => void
  readonly isAccess: (token: string) => boolean
  /** Makes a pair of tokens without a login. */
  readonly issue: () => { readonly accessToken: string; readonly refreshToken: string }
  /** Ends all that were given out for refreshes. */
  readonly revoke: () => void
  /** A code of a login with a device that ends in one. */
  readonly codeFor: (userCode: string, redirectUrl: string) => DeviceCode | undefined
}

/** What a login with a device ends in, at OpenAI. */
export interface DeviceCode {
  readonly code: string
  readonly verifier: string
  readonly challenge: string
}

interface Code {
  readonly redirectUrl: string
  readonly challenge: string
  readonly state: string
}

interface Device {
  readonly userCode: string
  readonly challenge: string | undefined
  verdict: 'open' | 'agreed' | 'denied' | 'expired'
}

const EMPTY: Reply = { status: 400, body: { error: 'invalid_request' } }

export async function openGrants(rules: VendorRules): Promise<Grants> {
  const secrets = new Set<string>()
  const codes = new Map<string, Code>()
  const devices = new Map<string, Device>()
  const access = new Set<string>()
  const refresh = new Set<string>()
  const spent = new Set<string>()
  const { privateKey } = await generateKeyPair('ES256')

  const make = (kind: string): string => {
    const value = `${kind}-${randomBytes(18).toString('hex')}`
    secrets.add(value)
    return value
  }
  const issue = () => {
    const pair = { accessToken: make('access'), refreshToken: make('refresh') }
    access.add(pair.accessToken)
    refresh.add(pair.refreshToken)
    return pair
  }
  const tokens = async (keptRefresh?: string): Promise<Reply> => {
    const pair = issue()
    if (keptRefresh !== undefined) refresh.delete(pair.refreshToken)
    const idToken = rules.claims && (await signIdToken(rules.claims, rules.clientId, privateKey))
    if (idToken !== undefined) secrets.add(idToken)
    const body = {
      access_token: pair.accessToken,
      refresh_token: keptRefresh === undefined ? pair.refreshToken : undefined,
      token_type: 'Bearer',
      expires_in: rules.expiresIn ?? 3600,
      id_token: idToken,
      ...rules.extras,
    }
    return { status: 200, body }
  }
  const byCode = async (parameters: URLSearchParams): Promise<Reply> => {
    const code = parameters.get('code') ?? ''
    const known = codes.get(code)
    codes.delete(code)
    const problem =
      known === undefined
        ? 'code is unknown or was used'
        : known.redirectUrl !== parameters.get('redirect_uri')
          ? 'redirect_uri is another one'
          : known.challenge !== challengeOf(parameters.get('code_verifier') ?? '')
            ? 'code_verifier is wrong'
            : rules.wantsState && known.state !== parameters.get('state')
              ? 'state is wrong'
              : undefined
    return problem === undefined ? await tokens() : refusal('invalid_grant', problem)
  }
  const byRefresh = async (parameters: URLSearchParams): Promise<Reply> => {
    const token = parameters.get('refresh_token') ?? ''
    if (rules.refreshScope !== undefined && parameters.get('scope') !== rules.refreshScope) {
      return refusal('invalid_scope', 'scope is another one')
    }
    if (spent.has(token) && rules.reused) return rules.reused
    // A vendor may repeat what it was sent: nobody else should.
    if (!refresh.has(token)) return refusal('invalid_grant', `refresh token ${token} is not good`)
    if (!rules.rotates) return await tokens(token)
    refresh.delete(token)
    spent.add(token)
    return await tokens()
  }
  const byDevice = async (parameters: URLSearchParams): Promise<Reply> => {
    const device = devices.get(parameters.get('device_code') ?? '')
    const status = rules.pendingStatus ?? 400
    if (!device || device.verdict === 'expired') return { status, body: { error: 'expired_token' } }
    if (device.verdict === 'denied') return { status, body: { error: 'access_denied' } }
    if (device.verdict === 'open') return { status, body: { error: 'authorization_pending' } }
    if (device.challenge !== undefined && device.challenge !== challengeOf(parameters.get('code_verifier') ?? '')) {
      return refusal('invalid_grant', 'code_verifier is wrong')
    }
    devices.delete(parameters.get('device_code') ?? '')
    return await tokens()
  }
  const addCode = (code: Code): string => {
    const value = make('code')
    codes.set(value, code)
    return value
  }

  return {
    secrets,
    authorize(query, isDenied) {
      const problem = rules.problemOf(query)
      const target = URL.parse(query.get('redirect_uri') ?? '')
      const challenge = query.get('code_challenge') ?? ''
      const state = query.get('state') ?? ''
      if (problem !== undefined || !target) return problem ?? 'redirect_uri is no address'
      if (query.get('code_challenge_method') !== 'S256' || challenge.length !== 43) return 'PKCE is missing'
      if (state.length < 16) return 'state is missing or short'
      if (isDenied) target.searchParams.set('error', 'access_denied')
      else target.searchParams.set('code', addCode({ redirectUrl: query.get('redirect_uri') ?? '', challenge, state }))
      target.searchParams.set('state', state)
      return target
    },
    async token(parameters) {
      for (const name of ['code_verifier', 'device_code', 'assertion']) {
        const value = parameters.get(name)
        if (value !== null) secrets.add(value)
      }
      const grant = parameters.get('grant_type')
      if (grant === JWT_GRANT && rules.publicKey) return await byAssertion(parameters, rules, tokens)
      if (parameters.get('client_id') !== rules.clientId) return refusal('invalid_client', 'client_id is unknown', 401)
      if (rules.clientSecret !== undefined && parameters.get('client_secret') !== rules.clientSecret) {
        return refusal('invalid_client', 'client_secret is wrong', 401)
      }
      if (grant === 'authorization_code') return await byCode(parameters)
      if (grant === 'refresh_token') return await byRefresh(parameters)
      if (grant === DEVICE_GRANT) return await byDevice(parameters)
      return refusal('unsupported_grant_type', String(grant))
    },
    device(parameters) {
      const challenge = parameters.get('code_challenge') ?? undefined
      if (parameters.get('client_id') !== rules.clientId) return refusal('invalid_client', 'client_id is unknown', 401)
      if ((parameters.get('scope') ?? '') !== (rules.deviceScope ?? '')) return refusal('invalid_scope', 'scope')
      if (rules.isDevicePkce && parameters.get('code_challenge_method') !== 'S256') return EMPTY
      const deviceCode = make('device')
      const userCode = `U${randomBytes(3).toString('hex').toUpperCase()}`
      devices.set(deviceCode, { userCode, challenge, verdict: 'open' })
      const page = 'https://vendor.example/device'
      return {
        status: 200,
        body: {
          device_code: deviceCode,
          user_code: userCode,
          verification_uri: page,
          verification_uri_complete: `${page}?user_code=${userCode}`,
          expires_in: 600,
          interval: rules.interval ?? 5,
        },
      }
    },
    judge(userCode, isAgreed) {
      const device = [...devices.values()].find((known) => known.userCode === userCode)
      if (!device) throw new Error(`nobody was given the code ${userCode}`)
      device.verdict = isAgreed ? 'agreed' : 'denied'
    },
    expireDevices() {
      for (const device of devices.values()) device.verdict = 'expired'
    },
    isAccess: (token) => access.has(token),
    issue,
    revoke: () => refresh.clear(),
    codeFor(userCode, redirectUrl) {
      const known = [...devices.values()].find((device) => device.userCode === userCode)
      if (known?.verdict !== 'agreed') return undefined
      const verifier = make('verifier')
      const challenge = challengeOf(verifier)
      return { code: addCode({ redirectUrl, challenge, state: '' }), verifier, challenge }
    },
  }
}

const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

async function byAssertion(
  parameters: URLSearchParams,
  { publicKey, audience }: VendorRules,
  tokens: () => Promise<Reply>,
): Promise<Reply> {
  try {
    const { payload } = await jwtVerify(parameters.get('assertion') ?? '', publicKey!, {
      audience,
      algorithms: ['RS256'],
    })
    return payload['scope'] === 'https://www.googleapis.com/auth/cloud-platform' ? await tokens() : EMPTY
  } catch (error) {
    return refusal('invalid_grant', String(error))
  }
}

function signIdToken(claims: Record<string, unknown>, clientId: string, key: CryptoKey): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256' })
    .setAudience(clientId)
    .setExpirationTime('1h')
    .sign(key)
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function refusal(error: string, description: string, status = 400): Reply {
  return { status, body: { error, error_description: description } }
}

/** A key pair as a service account has it. */
export async function makeServiceKey(): Promise<{ readonly pem: string; readonly publicKey: CryptoKey }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const pem = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' })
  return { pem, publicKey }
}
