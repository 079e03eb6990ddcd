import type { Account, ModelAlias } from '../accounts/account.ts'

/** The configuration as the program uses it: checked, defaults filled in, environment variables resolved. */
export interface Config {
  /** Address to listen on; '' for every interface of the machine. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Absolute paths of the PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Folder of auth files and of this program's own state, absolute. */
  readonly authDir: string
  /** Keys that clients must show; none: everybody on loopback may call. */
  readonly apiKeys: readonly string[]
  readonly debug: boolean
  /** Write the log to rotating files in this folder instead of stderr. */
  readonly logFolder?: string
  /** Bound of all log files together; 0: no bound. */
  readonly logsTotalMbMax: number
  /** Rounds after the first. */
  readonly requestRetry: number
  /** Accounts tried per round; 0: all. */
  readonly maxRetryCredentials: number
  /** Longest wait between rounds; 0: never wait. */
  readonly maxRetryIntervalSeconds: number
  readonly disableCooling: boolean
  /** Cooldown after a 5xx or 408: 0 means 60, -1 none. */
  readonly transientErrorCooldownSeconds: number
  readonly routing: { readonly strategy: Strategy }
  /** Serve prefixed accounts' models only under their prefix. */
  readonly forceModelPrefix: boolean
  /** Forward the upstream's response headers too. */
  readonly passthroughHeaders: boolean
  /** Silence of a stream after which a keep-alive is sent; 0: never. */
  readonly keepAliveSeconds: number
  /** Silence of a non-streaming answer after which a blank line is sent; 0: never. */
  readonly nonstreamKeepAliveSeconds: number
  /** How long streams in flight may go on after SIGTERM. */
  readonly shutdownGraceSeconds: number
  /** Largest request body after decoding, in bytes. */
  readonly bodyBytesMax: number
  /** The demo model stays even when a real account exists. */
  readonly demo: boolean
  /** Proxy for all accounts that have none of their own, and for their logins; `direct` bypasses every proxy. */
  readonly proxyUrl?: string
  /** Where the key is that the files of logins are encrypted with; absent: they are not encrypted. */
  readonly authEncryption?: AuthEncryption
  /** What a vendor's login is done with in place of the built-in values, by the vendor's word (`claude`, `gemini` …). */
  readonly oauthClients: Readonly<Record<string, OauthClientConfig>>
  /** What all logins of a vendor are served with beside what their files say, by the vendor's word. */
  readonly oauthModels: Readonly<Record<string, OauthModels>>
  /** Logins that are refreshed at once. */
  readonly refreshWorkers: number
  /** What to do when an account of Google's has used up its quota. */
  readonly quotaExceeded: { readonly switchProject: boolean; readonly switchPreviewModel: boolean }
  /** Peers on loopback may use Gemini CLI's API without one of the proxy's keys. */
  readonly isGeminiCliServed: boolean
  /** How long, and in how much room, answers are kept for `previous_response_id`; 0 of either: not at all. */
  readonly responsesStore: { readonly ttlHours: number; readonly megabytesMax: number }
  /** Who may ask the management API. */
  readonly management: ManagementConfig
  /** All accounts: of the file, then of the environment. Neither logins nor the demo's are among them. */
  readonly accounts: readonly Account[]
}

/** Without a key and a password there is no management API. */
export interface ManagementConfig {
  /** As the file has it: plain, or its bcrypt hash. */
  readonly secretKey?: string
  /** Of the environment. */
  readonly password?: string
  /** Peers that are not on this machine may ask too. */
  readonly isRemoteAllowed: boolean
}

/** One of the two is there. */
export interface AuthEncryption {
  /** Absolute path. */
  readonly keyFile?: string
  /** Name of the environment variable. */
  readonly env?: string
}

export interface OauthModels {
  readonly aliases: readonly ModelAlias[]
  /** Patterns with `*`, compared without case. */
  readonly excludedModels: readonly string[]
}

export interface OauthClientConfig {
  readonly clientId?: string
  readonly clientSecret?: string
  /** Origin of all endpoints of the login, in place of the vendor's; without a trailing slash. */
  readonly authUrl?: string
  /** Base URL of the API that the logins are used at; without a trailing slash. */
  readonly baseUrl?: string
}

export type Strategy = 'round-robin' | 'fill-first'
