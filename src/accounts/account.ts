import type { Login } from './login.ts'

/** One way to reach one upstream: a key (or login) of the user's at one base URL. */
export interface Account {
  /**
   * Stable over restarts: 16 hex digits of a hash over provider, base URL, proxy, prefix and secret; of a login, over its
   * file's name and its project.
   */
  readonly id: string
  /** Name of the provider in `providers/index.ts`. */
  readonly provider: string
  /** What logs and tables call it: the config's own name or `claude-api-key[0]`. Never holds a secret. */
  readonly label: string
  /** API key; '' for an upstream that wants none, and for a login. */
  readonly secret: string
  /** Whose secret changes while the program runs: ask it instead of `secret`. */
  readonly login?: Login
  /** What the provider must know of a login beside its token: the vendor's id of the account, a project, a place. */
  readonly facts?: AccountFacts
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
  /** Other names for models, whether they are listed or learned. */
  readonly aliases?: readonly ModelAlias[]
  /** Patterns with `*`, compared without case. */
  readonly excludedModels: readonly string[]
  /** Overrides the config's `disable-cooling`. */
  readonly disableCooling?: boolean
  /** Overrides the config's `request-retry`. */
  readonly requestRetry?: number
  /** Where it came from: the config file, the environment, a file of a login, or the built-in demo. */
  readonly source: 'config' | 'environment' | 'login' | 'demo'
}

/** By the name that the provider knows; none is a secret. */
export interface AccountFacts {
  readonly [name: string]: string | undefined
  /** The vendor's id of the account. */
  readonly accountId?: string
  /** Google's project. */
  readonly projectId?: string
  /** Google's region. */
  readonly location?: string
  /** The id that a device login was made with. */
  readonly deviceId?: string
  /** What the user pays for: `plus`, `pro` … */
  readonly plan?: string
}

/** Another name for a model of an account. */
export interface ModelAlias {
  /** What the upstream calls it. */
  readonly name: string
  /** What clients call it. */
  readonly alias: string
  readonly displayName?: string
  /** It is served under its old name too. */
  readonly isFork: boolean
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
