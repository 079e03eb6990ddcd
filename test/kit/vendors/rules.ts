import type { CryptoKey } from 'jose'
import type { VendorId } from '../../../src/accounts/oauth/vendor.ts'
import type { Reply } from './grants.ts'

/** What one vendor's authorization server insists on; written down here anew, from what is known of each. */
export interface VendorRules {
  readonly clientId: string
  readonly clientSecret?: string
  /** Bodies at the token endpoint. */
  readonly bodies: 'form' | 'json'
  readonly paths: { readonly authorize?: string; readonly token: string; readonly device?: string }
  /** What is wrong with the request that a browser opens. */
  problemOf(query: URLSearchParams): string | undefined
  readonly rotates: boolean
  readonly refreshScope?: string
  readonly deviceScope?: string
  readonly isDevicePkce?: boolean
  /** The token endpoint wants the state with the code. */
  readonly wantsState?: boolean
  /** In seconds. */
  readonly expiresIn?: number
  /** How often a device may ask, in seconds; 5 when absent. */
  readonly interval?: number
  /** Status of an answer that says to wait. */
  readonly pendingStatus?: number
  /** Of the ID token; none without. */
  readonly claims?: Record<string, unknown>
  /** Beside the tokens. */
  readonly extras?: Record<string, unknown>
  /** What a refresh token gets that was used before. */
  readonly reused?: Reply
  /** Headers without which nothing is answered. */
  readonly headers?: readonly string[]
  /** Of a service account. */
  readonly publicKey?: CryptoKey
  readonly audience?: string
}

const NOTHING_TO_OPEN = (): string => 'this vendor has no such page'

/** Of each vendor. */
export const RULES: Readonly<Record<VendorId, VendorRules>> = {
  claude: {
    clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    bodies: 'json',
    paths: { authorize: '/oauth/authorize', token: '/v1/oauth/token' },
    problemOf: (query) =>
      differing(query, {
        code: 'true',
        client_id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
        response_type: 'code',
        redirect_uri: 'http://localhost:54545/callback',
        scope: 'user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload',
      }),
    rotates: true,
    wantsState: true,
    expiresIn: 28_800,
    refreshScope: 'user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload',
    extras: {
      account: { uuid: 'account-1', email_address: 'ann@example.com' },
      organization: { uuid: 'organization-1', name: 'Ann’s' },
    },
  },
  codex: {
    clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
    bodies: 'form',
    paths: { authorize: '/oauth/authorize', token: '/oauth/token' },
    problemOf: (query) =>
      differing(query, {
        client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
        response_type: 'code',
        redirect_uri: 'http://localhost:1455/auth/callback',
        scope: 'openid email profile offline_access',
        prompt: 'login',
        id_token_add_organizations: 'true',
        codex_cli_simplified_flow: 'true',
      }),
    rotates: true,
    refreshScope: 'openid profile email',
    claims: {
      email: 'ann@example.com',
      'https://api.openai.com/auth': { chatgpt_account_id: 'workspace-1', chatgpt_plan_type: 'plus' },
    },
    reused: {
      status: 401,
      body: { error: { code: 'refresh_token_reused', type: 'invalid_request_error', message: 'It was used already.' } },
    },
  },
  gemini: {
    clientId: '1234-made.apps.googleusercontent.com',
    clientSecret: 'made-up-client-word',
    bodies: 'form',
    paths: { authorize: '/o/oauth2/v2/auth', token: '/token' },
    problemOf: (query) =>
      /^http:\/\/localhost:\d+\/oauth2callback$/.test(query.get('redirect_uri') ?? '')
        ? differing(query, {
            client_id: '1234-made.apps.googleusercontent.com',
            response_type: 'code',
            access_type: 'offline',
            prompt: 'consent',
            scope: ['cloud-platform', 'userinfo.email', 'userinfo.profile']
              .map((name) => `https://www.googleapis.com/auth/${name}`)
              .join(' '),
          })
        : 'redirect_uri is no address of this machine',
    rotates: false,
  },
  qwen: {
    clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
    bodies: 'form',
    paths: { device: '/api/v1/oauth2/device/code', token: '/api/v1/oauth2/token' },
    problemOf: NOTHING_TO_OPEN,
    rotates: true,
    deviceScope: 'openid profile email model.completion',
    isDevicePkce: true,
    extras: { resource_url: 'portal.qwen.example' },
  },
  kimi: {
    clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
    bodies: 'form',
    paths: { device: '/api/oauth/device_authorization', token: '/api/oauth/token' },
    problemOf: NOTHING_TO_OPEN,
    rotates: true,
    // As its CLI takes into account: pending is no failure of HTTP's.
    pendingStatus: 200,
    headers: ['x-msh-device-id'],
    extras: { scope: 'kimi-code' },
  },
  xai: {
    clientId: 'b1a00492-073a-47ea-816f-4c329264a828',
    bodies: 'form',
    paths: { device: '/oauth2/device/code', token: '/oauth2/token' },
    problemOf: NOTHING_TO_OPEN,
    rotates: true,
    deviceScope: 'openid profile email offline_access grok-cli:access api:access',
    claims: { email: 'ann@example.com', sub: 'subject-1' },
  },
  vertex: {
    clientId: 'none',
    bodies: 'form',
    paths: { token: '/token' },
    problemOf: NOTHING_TO_OPEN,
    rotates: false,
    audience: 'https://oauth2.googleapis.com/token',
  },
}

function differing(query: URLSearchParams, wanted: Readonly<Record<string, string>>): string | undefined {
  const wrong = Object.keys(wanted).filter((name) => query.get(name) !== wanted[name])
  return wrong.length === 0 ? undefined : `wrong: ${wrong.map((name) => `${name}=${query.get(name)}`).join(', ')}`
}
