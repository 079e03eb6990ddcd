/** One way to reach one upstream: a key (or login) of the user's at one base URL. */
export interface Account {
  /** Stable over restarts: 16 hex digits of a hash over provider, base URL, proxy, prefix and secret. */
  readonly id: string
  /** Name of the provider in `providers/index.ts`. */
  readonly provider: string
  /** What logs and tables call it: the config's own name or `claude-api-key[0]`. Never holds a secret. */
  readonly label: string
  /** API key or access token; '' for an upstream that wants none. */
  readonly secret: string
  /** Without a trailing slash; what follows is the provider's affair. */
  readonly baseUrl: string
  /** The models are also served as `prefix/model`. */
  readonly prefix?: string
  /** Sent with every request. A value `$Name` copies that header of the client's request. */
  readonly headers: Readonly<Record<string, string>>
  /** http or https proxy of this account alone; `direct` bypasses every proxy. */
  readonly proxyUrl?: string
  /** Only accounts of the highest priority that is ready are used. */
  readonly priority: number
  /** The models as the config lists them; absent: learned from the upstream. */
  readonly models?: readonly ModelEntry[]
  /** Patterns with `*`, compared without case. */
  readonly excludedModels: readonly string[]
  /** Overrides the config's `disable-cooling`. */
  readonly disableCooling?: boolean
  /** Overrides the config's `request-retry`. */
  readonly requestRetry?: number
  /** Where it came from: the config file, the environment, or the built-in demo. */
  readonly source: 'config' | 'environment' | 'demo'
}

/** One model of an account. */
export interface ModelEntry {
  /** What the upstream calls it. */
  readonly name: string
  /** What clients call it. */
  readonly alias: string
  readonly displayName?: string
  readonly contextTokens?: number
  readonly outputTokens?: number
  /** Unix time in seconds. */
  readonly createdAt?: number
}
