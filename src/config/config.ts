import type { Account } from '../accounts/account.ts'

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
  /** All accounts: of the file, then of the environment. The demo's is not among them. */
  readonly accounts: readonly Account[]
}

export type Strategy = 'round-robin' | 'fill-first'
