import { loginCommand } from './login-command.ts'

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
}

/** A login or a refresh that failed. Its message is for people, says what to do, and holds no secret. */
export class OauthError extends Error {
  readonly isFinal: boolean
  readonly status: number | undefined
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: OauthErrorOptions = {}) {
    super(message)
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

/** The error for a login that somebody said no to. */
export function denied(title: string, { code, status }: Pick<OauthErrorOptions, 'code' | 'status'>): OauthError {
  return new OauthError(`The login was denied at ${title}, by you or by whoever runs your organisation there.`, {
    code,
    status,
  })
}

/** The error for a login whose file would have no name. */
export function nameless(title: string, vendor: string): OauthError {
  return new OauthError(`${title} did not say whose login this is; run \`${loginCommand(vendor)}\` again`)
}
