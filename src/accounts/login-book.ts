import type { Account } from './account.ts'

/** How a login stands, apart from what the pool knows of its quota. */
export type LoginState =
  | 'ready'
  /** Its file says so. */
  | 'disabled'
  /** The vendor refuses its refresh token. */
  | 'log-in-again'
  /** The last refresh failed; it is tried again. */
  | 'refresh-failed'
  /** Its file cannot be read. */
  | 'broken'

/** One login as lists show it; nothing of it is a secret. */
export interface LoginRow {
  /** Name of its file. */
  readonly name: string
  /** The vendor's word: `claude`, `codex` …; '' of a file that cannot be read. */
  readonly type: string
  /** Ids of the accounts that it makes: several for Google's projects. */
  readonly accountIds: readonly string[]
  readonly email?: string
  readonly plan?: string
  readonly projectId?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly lastRefreshAt?: number
  readonly state: LoginState
  /** What went wrong last, and what to do; for people. */
  readonly message?: string
}

/** All logins of `auth-dir`, kept in step with its files and kept fresh. */
export interface LoginBook {
  /** The accounts of all files that can be read and are not disabled. */
  accounts(): readonly Account[]
  rows(): readonly LoginRow[]
  /**
   * Calls back when accounts came, went or changed, with the ids of those that may be good again although they failed.
   * Gives a function that ends this.
   */
  subscribe(listener: (renewed: ReadonlySet<string>) => void): () => void
  /** Ends the watch and the refreshes in the background; a refresh in flight is waited for. */
  close(): Promise<void>
}
