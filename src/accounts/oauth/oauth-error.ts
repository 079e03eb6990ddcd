export interface OauthErrorOptions {
  /** Nothing but a new login helps: the vendor's `invalid_grant` and its dialects. */
  readonly isFinal?: boolean
  /** HTTP status of the vendor's answer. */
  readonly status?: number
  /**
   * The vendor's own code, such as `invalid_grant`, or one of ours: `timeout`, `cancelled` … A connection that broke has
   * neither code nor status.
   */
  readonly code?: string
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** A login or a refresh that failed. Its message is for people, says what to do, and holds no secret. */
export class OauthError extends Error {
  readonly isFinal: boolean
  readonly status: number | undefined
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: OauthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'OauthError'
    this.isFinal = options.isFinal ?? false
    this.status = options.status
    this.code = options.code
    this.retryAfterMs = options.retryAfterMs
  }
}

/** The error for what somebody gave up. */
export function cancelled(): OauthError {
  return new OauthError('The login was cancelled.', { code: 'cancelled' })
}
