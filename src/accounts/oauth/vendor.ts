import type { OauthClientConfig } from '../../config/config.ts'
import type { Fields } from '../../lib/json.ts'

/** Whose logins are served; also the `type` of their files. */
export type VendorId = 'claude' | 'codex' | 'gemini' | 'qwen' | 'kimi' | 'xai' | 'vertex'

/** What a token endpoint gave. */
export interface TokenSet {
  readonly accessToken: string
  /** A vendor that rotates them gives a new one each time: the old one is dead then. Absent: the old one stays good. */
  readonly refreshToken?: string
  /** Milliseconds since the epoch; absent: nobody said. */
  readonly expiresAt?: number
  readonly idToken?: string
  /**
   * Further fields for the login's file, in its own words: `resource_url`, `email`, `account_id` …; of Google's, `token`
   * holds what belongs beside the tokens in there.
   */
  readonly fields?: Fields
}

/** A login that was just made. */
export interface NewLogin {
  readonly tokens: TokenSet
  /** Fields for its file beside the tokens, in CPA's words: `email`, `project_id`, `account_id`, `device_id` … */
  readonly profile: Fields
}

/** What a vendor is asked with. */
export interface VendorContext {
  /** What the config puts in place of the built-in client and endpoints. */
  readonly client: OauthClientConfig
  /** Through the account's proxy, if it has one. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly signal: AbortSignal
  /** Waits before a vendor is asked again; rejects when the signal aborts. Real time when absent. */
  readonly sleep?: (delayMs: number, signal: AbortSignal) => Promise<void>
  /** Google's client may come from it; that of the process when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** How a person takes part in a login. */
export interface LoginConversation {
  /**
   * Shows a page in the browser, or its address where there is none.
   *
   * @param callbackPort of this machine, where the browser is sent back to in the end.
   */
  open(url: string, callbackPort?: number): void
  /** A code of a device login: the person types it in at the address. */
  showCode(code: string, url: string): void
  /** One line on how it goes. */
  say(line: string): void
  /** What the person pasted; undefined when there is nobody to ask. Stops asking when the signal aborts. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>
}

export interface LoginOptions {
  /** In place of the flow with a callback, where the vendor has both. */
  readonly isDevice: boolean
  /** In place of the vendor's own port for the callback. */
  readonly callbackPort?: number
  /** Google's projects: one id, several with commas, or `ALL`. */
  readonly projectId?: string
  /** How long the person may take. */
  readonly timeoutMs: number
  /** How long the browser alone is waited for before the person is also asked to paste its address. 15 seconds when absent. */
  readonly pasteAfterMs?: number
}

/** Makes one vendor's logins and keeps them fresh. */
export interface Vendor {
  /** Its name for people. */
  readonly title: string
  /** @throws {OauthError} */
  login(conversation: LoginConversation, options: LoginOptions, context: VendorContext): Promise<readonly NewLogin[]>
  /**
   * Asks once, without a second try.
   *
   * @param fields of the login's file: some vendors want more than the refresh token.
   * @throws {OauthError}
   */
  refresh(tokens: TokenSet, fields: Fields, context: VendorContext): Promise<TokenSet>
}
