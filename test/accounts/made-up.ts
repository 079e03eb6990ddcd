import { type AuthKind, kindFor } from '../../src/accounts/files/auth-kinds.ts'
import type { VendorId } from '../../src/accounts/oauth/vendor.ts'

/** A token of no vendor. */
export function jwt(payload: object): string {
  return `${encode({ alg: 'none' })}.${encode(payload)}.c2lnbmF0dXJl`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Files as CPA writes them, with made-up values; none expires before 2100. */
export const MADE_UP: Readonly<Record<VendorId, Readonly<Record<string, unknown>>>> = {
  claude: {
    id_token: '',
    access_token: 'sk-ant-oat01-made-up-access',
    refresh_token: 'sk-ant-ort01-made-up-refresh',
    last_refresh: '2099-12-31T16:00:00+08:00',
    email: 'ann@example.com',
    account_uuid: '11111111-2222-3333-4444-555555555555',
    type: 'claude',
    expired: '2100-01-01T00:00:00+08:00',
  },
  codex: {
    id_token: jwt({
      email: 'bob@example.com',
      'https://api.openai.com/auth': { chatgpt_account_id: 'acc-bob', chatgpt_plan_type: 'plus' },
    }),
    access_token: jwt({ exp: 4102444800 }),
    refresh_token: 'rt_made-up-codex',
    account_id: 'acc-bob',
    last_refresh: '2099-12-20T00:00:00Z',
    email: 'bob@example.com',
    type: 'codex',
    expired: '2100-01-01T00:00:00Z',
  },
  gemini: {
    token: {
      access_token: 'ya29.made-up-access',
      client_id: 'made-up.apps.example.com',
      client_secret: 'made-up-client-secret',
      expiry: '2100-01-01T00:00:00.123456789Z',
      refresh_token: '1//made-up-refresh',
      scopes: ['https://www.googleapis.com/auth/cloud-platform'],
      token_type: 'Bearer',
      token_uri: 'https://oauth2.googleapis.com/token',
      universe_domain: 'googleapis.com',
    },
    project_id: 'cat-project',
    email: 'cat@example.com',
    auto: true,
    checked: true,
    type: 'gemini',
  },
  qwen: {
    access_token: 'qwen-made-up-access',
    refresh_token: 'qwen-made-up-refresh',
    last_refresh: '2099-12-31T18:00:00Z',
    resource_url: 'portal.example.ai',
    email: 'dan',
    type: 'qwen',
    expired: '2100-01-01T00:00:00Z',
  },
  kimi: {
    access_token: 'kimi-made-up-access',
    refresh_token: 'kimi-made-up-refresh',
    token_type: 'Bearer',
    scope: 'kimi-code',
    timestamp: 4102443900000,
    expired: '2100-01-01T00:00:00Z',
    device_id: 'device-1',
    type: 'kimi',
  },
  xai: {
    type: 'xai',
    access_token: 'xai-made-up-access',
    refresh_token: 'xai-made-up-refresh',
    id_token: jwt({ sub: 'sub-1' }),
    token_type: 'Bearer',
    expires_in: 21600,
    expired: '2100-01-01T00:00:00Z',
    last_refresh: '2099-12-31T18:00:00Z',
    email: 'eve@example.com',
    sub: 'sub-1',
    base_url: 'https://api.x.ai/v1',
    token_endpoint: 'https://auth.x.ai/oauth2/token',
    auth_kind: 'oauth',
  },
  vertex: {
    service_account: {
      type: 'service_account',
      project_id: 'fox-project',
      private_key: 'made up, not a key',
      client_email: 'fox@fox-project.iam.example.com',
    },
    project_id: 'fox-project',
    email: 'fox@fox-project.iam.example.com',
    location: 'europe-west4',
    type: 'vertex',
  },
}

/** The kind of a vendor's logins. */
export function kindOf(vendor: VendorId): AuthKind {
  const kind = kindFor({ type: vendor })
  if (!kind) throw new Error(`no logins of ${vendor} are served`)
  return kind
}
