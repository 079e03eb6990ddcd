/** A client that a vendor registered for its own CLI. It is public (RFC 8252): PKCE or the person's consent protects it. */
export interface OauthClient {
  readonly clientId: string
  /** With blanks between. */
  readonly scope: string
}

/**
 * Where the browser is sent back to.
 *
 * @see RFC 8252, section 7.3
 */
export interface CallbackPlace {
  readonly port: number
  readonly path: string
}

/** @see `internal/auth/claude/anthropic_auth.go` of CLIProxyAPI */
export const CLAUDE: OauthClient & { readonly callback: CallbackPlace } = {
  clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
  scope: 'user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload',
  callback: { port: 54_545, path: '/callback' },
}
export const CLAUDE_AUTHORIZE_URL = 'https://claude.ai/oauth/authorize'
export const CLAUDE_TOKEN_URL = 'https://platform.claude.com/v1/oauth/token'
export const CLAUDE_PROFILE_URL = 'https://api.anthropic.com/api/oauth/profile'

/** @see `internal/auth/codex/openai_auth.go` and `sdk/auth/codex_device.go` of CLIProxyAPI */
export const CODEX: OauthClient & { readonly refreshScope: string; readonly callback: CallbackPlace } = {
  clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
  scope: 'openid email profile offline_access',
  refreshScope: 'openid profile email',
  callback: { port: 1455, path: '/auth/callback' },
}
export const CODEX_AUTHORIZE_URL = 'https://auth.openai.com/oauth/authorize'
export const CODEX_TOKEN_URL = 'https://auth.openai.com/oauth/token'
export const CODEX_DEVICE_CODE_URL = 'https://auth.openai.com/api/accounts/deviceauth/usercode'
export const CODEX_DEVICE_TOKEN_URL = 'https://auth.openai.com/api/accounts/deviceauth/token'
/** The page for the person. */
export const CODEX_DEVICE_PAGE_URL = 'https://auth.openai.com/codex/device'
/** Nobody is sent there; the code of a device login belongs to it. */
export const CODEX_DEVICE_REDIRECT_URL = 'https://auth.openai.com/deviceauth/callback'

/**
 * Google's client is not among these: an installed app has a secret, which is not ours to hand out.
 *
 * @see `packages/core/src/code_assist/oauth2.ts` of gemini-cli, `internal/auth/gemini/gemini_auth.go` of CLIProxyAPI v6
 */
export const GOOGLE_SCOPE = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
].join(' ')
export const GOOGLE_CALLBACK: CallbackPlace = { port: 8085, path: '/oauth2callback' }
export const GOOGLE_AUTHORIZE_URL = 'https://accounts.google.com/o/oauth2/v2/auth'
export const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token'
export const GOOGLE_USER_URL = 'https://www.googleapis.com/oauth2/v1/userinfo?alt=json'
export const GOOGLE_CODE_ASSIST_URL = 'https://cloudcode-pa.googleapis.com/v1internal'
export const GOOGLE_PROJECTS_URL = 'https://cloudresourcemanager.googleapis.com/v1/projects'
export const GOOGLE_SERVICES_URL = 'https://serviceusage.googleapis.com/v1/projects'

/** @see `internal/auth/qwen/qwen_auth.go` of CLIProxyAPI v6, `packages/core/src/qwen/qwenOAuth2.ts` of qwen-code */
export const QWEN: OauthClient = {
  clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
  scope: 'openid profile email model.completion',
}
export const QWEN_DEVICE_URL = 'https://chat.qwen.ai/api/v1/oauth2/device/code'
export const QWEN_TOKEN_URL = 'https://chat.qwen.ai/api/v1/oauth2/token'

/** @see `src/kimi_cli/auth/oauth.py` of kimi-cli, `internal/auth/kimi/kimi.go` of CLIProxyAPI. It asks for no scope. */
export const KIMI: Omit<OauthClient, 'scope'> = { clientId: '17e5f671-d194-4dfb-9706-5516cb48c098' }
export const KIMI_DEVICE_URL = 'https://auth.kimi.com/api/oauth/device_authorization'
export const KIMI_TOKEN_URL = 'https://auth.kimi.com/api/oauth/token'

/** @see `internal/auth/xai/types.go` of CLIProxyAPI */
export const XAI: OauthClient = {
  clientId: 'b1a00492-073a-47ea-816f-4c329264a828',
  scope: 'openid profile email offline_access grok-cli:access api:access',
}
export const XAI_DISCOVERY_URL = 'https://auth.x.ai/.well-known/openid-configuration'
/** What a login's file says of the API; `using_api` of the file decides whether it is asked there. */
export const XAI_API_URL = 'https://api.x.ai/v1'
