import { isLoopback } from '../../lib/addresses.ts'
import { type Fields, presentFields, readNumber, readObject, readText } from '../../lib/json.ts'
import type { AccountFacts } from '../account.ts'
import { readAuthField, readTime, timeText } from './auth-fields.ts'
import { authNameFor } from './auth-names.ts'
import { readJwtPayload } from '../../lib/jwt.ts'
import { XAI_API_URL } from '../oauth-clients.ts'
import { openaiIdentity } from '../openai-identity.ts'
import type { NewLogin, TokenSet, VendorId } from '../oauth/vendor.ts'

/** How the file of one vendor's login is read and written: CPA's shapes, so that both programs use the same files. */
export interface AuthKind {
  readonly vendor: VendorId
  /** Key of the table in `providers/index.ts`. */
  readonly provider: string
  /**
   * How long before its end a token is refreshed.
   *
   * @see behaviour of CLIProxyAPI: its lead times.
   */
  readonly leadMs: number
  /** The file holds what tokens are made of, and no token: each process makes its own. */
  readonly isMadeAnew?: boolean
  /** Undefined when the file holds no token: then it is broken. */
  readTokens(fields: Fields): TokenSet | undefined
  /** The file with new tokens in it; every other field stays. @param now milliseconds since the epoch */
  writeTokens(fields: Fields, tokens: TokenSet, now: number): Fields
  facts(fields: Fields): AccountFacts
  /** Where the API is when neither the file nor the config says so; without a trailing slash. */
  baseUrl(fields: Fields): string
  /** The file's `base_url` says nothing. */
  isForeignBaseUrl?(baseUrl: string, fields: Fields): boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const VERTEX_LOCATION = 'us-central1'

/** What most vendors' files have in common. */
const FLAT = {
  readTokens: readFlatTokens,
  writeTokens: writeFlatTokens,
  facts: (fields: Fields): AccountFacts => ({ plan: planOf(fields) }),
} as const

const KINDS: Readonly<Record<VendorId, AuthKind>> = {
  claude: {
    ...FLAT,
    vendor: 'claude',
    provider: 'claude-oauth',
    leadMs: 4 * HOUR_MS,
    facts: (fields) => ({ accountId: readText(fields['account_uuid']), plan: planOf(fields) }),
    baseUrl: () => 'https://api.anthropic.com',
  },
  codex: {
    ...FLAT,
    vendor: 'codex',
    provider: 'codex-oauth',
    leadMs: 5 * DAY_MS,
    facts: codexFacts,
    baseUrl: () => 'https://chatgpt.com/backend-api/codex',
  },
  gemini: {
    vendor: 'gemini',
    provider: 'gemini-cli',
    leadMs: 5 * MINUTE_MS,
    readTokens: (fields) => readFlatTokens({ ...fields, ...presentFields(tokenOf(fields)) }),
    writeTokens: writeGeminiTokens,
    facts: FLAT.facts,
    baseUrl: () => 'https://cloudcode-pa.googleapis.com',
  },
  qwen: {
    ...FLAT,
    vendor: 'qwen',
    provider: 'qwen',
    leadMs: 20 * MINUTE_MS,
    baseUrl: (fields) => resourceUrl(readText(fields['resource_url'])) ?? 'https://portal.qwen.ai/v1',
  },
  kimi: {
    ...FLAT,
    vendor: 'kimi',
    provider: 'kimi',
    leadMs: 5 * MINUTE_MS,
    facts: (fields) => ({ deviceId: readText(fields['device_id']) }),
    baseUrl: () => 'https://api.kimi.com/coding/v1',
  },
  xai: {
    ...FLAT,
    vendor: 'xai',
    provider: 'xai',
    leadMs: 5 * MINUTE_MS,
    baseUrl: (fields) => (fields['using_api'] === true ? XAI_API_URL : 'https://cli-chat-proxy.grok.com/v1'),
    // CPA writes this address into every file, and does not use it unless `using_api` says so.
    isForeignBaseUrl: (baseUrl, fields) => baseUrl === XAI_API_URL && fields['using_api'] !== true,
  },
  vertex: {
    vendor: 'vertex',
    provider: 'vertex-oauth',
    leadMs: 5 * MINUTE_MS,
    isMadeAnew: true,
    readTokens: (fields) => (readObject(fields['service_account']) ? { accessToken: '', expiresAt: 0 } : undefined),
    writeTokens: (fields, tokens) => ({ ...fields, ...tokens.fields, type: fields['type'] }),
    facts: (fields) => ({ projectId: vertexProject(fields), location: vertexLocation(fields) }),
    baseUrl: (fields) => {
      const location = vertexLocation(fields)
      return `https://${location === 'global' ? '' : `${location}-`}aiplatform.googleapis.com`
    },
  },
}

/** The kind of a login's file, by its `type`; undefined for a type that is not served. */
export function kindFor(fields: Fields): AuthKind | undefined {
  const type = readText(fields['type'])?.trim().toLowerCase()
  // CPA takes both words for one.
  const vendor = type === 'gemini-cli' ? 'gemini' : type
  return Object.values(KINDS).find((kind) => kind.vendor === vendor)
}

/** Where the API of a login is. @param configured what the config says of this vendor */
export function baseUrlOf(
  kind: AuthKind,
  fields: Fields,
  ownBaseUrl: string | undefined,
  configured: string | undefined,
): string {
  const own = ownBaseUrl === undefined || kind.isForeignBaseUrl?.(ownBaseUrl, fields) ? undefined : ownBaseUrl
  return own ?? configured ?? kind.baseUrl(fields)
}

/** Google's projects of a login: one account is made for each; none are known of a login that was never onboarded. */
export function projectsOf(kind: AuthKind, fields: Fields): readonly string[] {
  if (kind.vendor !== 'gemini') return []
  const ids = (readText(fields['project_id']) ?? '').split(',').map((id) => id.trim())
  return [...new Set(ids.filter((id) => id !== '' && id.toLowerCase() !== 'all'))]
}

/** When the tokens of a file were made, as far as it says so. */
export function refreshedAtOf(fields: Fields): number | undefined {
  return readTime(readAuthField(fields, 'last_refresh')) ?? readTime(fields['timestamp'])
}

function readFlatTokens(fields: Fields): TokenSet | undefined {
  const accessToken = readText(fields['access_token'])?.trim() ?? ''
  const refreshToken = readText(readText(fields['refresh_token'])?.trim())
  if (accessToken === '' && refreshToken === undefined) return undefined
  const expiresAt = accessToken === '' ? 0 : expiryOf(fields, accessToken)
  return { accessToken, refreshToken, expiresAt, idToken: readText(fields['id_token']) }
}

function expiryOf(fields: Fields, accessToken: string): number | undefined {
  const told = readTime(fields['expired']) ?? readTime(fields['expiry']) ?? readTime(fields['expires_at'])
  if (told !== undefined) return told
  const lifeSeconds = readNumber(fields['expires_in'])
  const madeAt = refreshedAtOf(fields)
  if (lifeSeconds !== undefined && lifeSeconds > 0 && madeAt !== undefined) return readTime(madeAt + lifeSeconds * 1000)
  return readTime(readJwtPayload(accessToken)['exp'])
}

function writeFlatTokens(fields: Fields, tokens: TokenSet, now: number): Fields {
  const { accessToken, refreshToken, idToken, expiresAt } = tokens
  const counted = {
    timestamp: readNumber(fields['timestamp']) === undefined ? undefined : now,
    expires_in:
      readNumber(fields['expires_in']) === undefined || expiresAt === undefined
        ? undefined
        : Math.round((expiresAt - now) / 1000),
  }
  return {
    ...without(fields, ['expired']),
    ...presentFields(counted),
    ...tokens.fields,
    type: fields['type'],
    ...presentFields({ refresh_token: refreshToken, id_token: idToken }),
    access_token: accessToken,
    ...(expiresAt === undefined ? {} : { expired: timeText(expiresAt) }),
    last_refresh: timeText(now),
  }
}

/** CPA reads the tokens within `token` first, and writes some of them beside it too. */
function writeGeminiTokens(fields: Fields, tokens: TokenSet, now: number): Fields {
  const { accessToken, refreshToken, expiresAt } = tokens
  const own = tokenOf(tokens.fields ?? {})
  const held = tokenOf(fields)
  const isOtherClient = own['client_id'] !== undefined && own['client_id'] !== held['client_id']
  const token = { ...(isOtherClient ? without(held, ['client_secret']) : held), ...own }
  const expiry = expiresAt === undefined ? undefined : timeText(expiresAt)
  const fresh = presentFields({ access_token: accessToken, refresh_token: refreshToken, expiry }) ?? {}
  const beside = Object.fromEntries(Object.entries(fresh).filter(([key]) => Object.hasOwn(fields, key)))
  return {
    ...(expiry === undefined ? without(fields, ['expiry']) : fields),
    ...beside,
    ...tokens.fields,
    type: fields['type'],
    token: {
      token_type: 'Bearer',
      ...(expiry === undefined ? without(token, ['expiry', 'expires_in']) : without(token, ['expires_in'])),
      ...fresh,
    },
    last_refresh: timeText(now),
  }
}

function tokenOf(fields: Fields): Fields {
  return readObject(fields['token']) ?? {}
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

function codexFacts(fields: Fields): AccountFacts {
  const { accountId, plan } = openaiIdentity(readText(fields['id_token']))
  return { accountId: readText(fields['account_id']) ?? accountId, plan: plan ?? planOf(fields) }
}

function planOf(fields: Fields): string | undefined {
  return readText(fields['plan_type']) ?? readText(fields['subscription_type'])
}

/** Qwen's tokens name the host of their API, mostly alone. */
function resourceUrl(resource: string | undefined): string | undefined {
  if (resource === undefined) return undefined
  const url = URL.parse(/^https?:\/\//.test(resource) ? resource : `https://${resource}`)
  if (!url || url.hostname === '') return undefined
  // A token goes in the clear to this machine alone.
  if (!isLoopback(url.hostname)) url.protocol = 'https:'
  const path = url.pathname.replace(/\/+$/, '')
  return `${url.origin}${path.endsWith('/v1') ? path : `${path}/v1`}`
}

function vertexProject(fields: Fields): string | undefined {
  return readText(fields['project_id']) ?? readText(readObject(fields['service_account'])?.['project_id'])
}

function vertexLocation(fields: Fields): string {
  const location = readText(fields['location'])?.trim().toLowerCase() ?? ''
  return /^[a-z0-9-]+$/.test(location) ? location : VERTEX_LOCATION
}

/** A file that is to be written. */
export interface NewAuthFile {
  /** Base name, with `.json`. */
  readonly name: string
  readonly fields: Fields
}

/** The file of a new login, named as CPA names it. @param now milliseconds since the epoch */
export function composeAuthFile(vendor: VendorId, { tokens, profile }: NewLogin, now: number): NewAuthFile {
  const kind = KINDS[vendor]
  const fields = kind.writeTokens({ ...TEMPLATES[vendor], ...profile, type: vendor }, tokens, now)
  const { accountId, plan } = kind.facts(fields)
  return { name: authNameFor({ vendor, fields, accountId, plan, now }), fields }
}

/** What CPA writes into a new file although nobody said so. */
const TEMPLATES: Readonly<Partial<Record<VendorId, Fields>>> = {
  claude: { id_token: '' },
  gemini: { auto: false, checked: false },
  kimi: { token_type: 'Bearer', timestamp: 0 },
  xai: { auth_kind: 'oauth' },
  vertex: { location: VERTEX_LOCATION },
}
