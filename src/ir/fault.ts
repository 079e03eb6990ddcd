import type { JsonObject } from './json.ts'
import type { Protocol } from './protocol.ts'

/**
 * Every way to fail, in one closed table.
 *
 * `status` is what a client sees when the fault has no status of its own; `rotate` tells whether another account may
 * succeed where this one failed.
 */
export const FAULT_KINDS = {
  'invalid-request': { status: 400, rotate: false },
  authentication: { status: 401, rotate: true },
  billing: { status: 402, rotate: true },
  permission: { status: 403, rotate: true },
  'not-found': { status: 404, rotate: true },
  'method-not-allowed': { status: 405, rotate: false },
  timeout: { status: 408, rotate: true },
  conflict: { status: 409, rotate: false },
  'too-large': { status: 413, rotate: false },
  'unsupported-media': { status: 415, rotate: false },
  'rate-limit': { status: 429, rotate: true },
  cancelled: { status: 499, rotate: false },
  server: { status: 500, rotate: true },
  'not-implemented': { status: 501, rotate: false },
  upstream: { status: 502, rotate: true },
  unavailable: { status: 503, rotate: true },
  overloaded: { status: 529, rotate: true },
} as const satisfies Record<string, { status: number; rotate: boolean }>

export type FaultKind = keyof typeof FAULT_KINDS

export interface FaultOptions {
  /** The HTTP status, when it is not the kind's. */
  readonly status?: number
  /** Machine-readable code in the client's protocol (`model_not_found`, `context_length_exceeded` …). */
  readonly code?: string
  /** Path of the field at fault, dotted. */
  readonly param?: string
  readonly retryAfterMs?: number
  /** Fields that belong beside the message, in the shape of the protocol that made them. */
  readonly details?: JsonObject
  readonly upstream?: UpstreamFault
  readonly cause?: unknown
}

/** What the upstream answered: for logs, and for clients of the very same protocol. */
export interface UpstreamFault {
  readonly protocol: Protocol
  readonly status: number
  /** At most 64 KB of the body, as text. */
  readonly body: string
  /** The vendor's own words for it, where it gave them. */
  readonly type?: string
  readonly code?: string
}

/** The one error that crosses module lines: functions throw it, streams carry it, the edge writes it in the client's words. */
export class Fault extends Error {
  readonly kind: FaultKind
  /** HTTP status for the client. */
  readonly status: number
  readonly code: string | undefined
  readonly param: string | undefined
  readonly retryAfterMs: number | undefined
  readonly details: JsonObject | undefined
  readonly upstream: UpstreamFault | undefined

  constructor(kind: FaultKind, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Fault'
    this.kind = kind
    this.status = options.status ?? FAULT_KINDS[kind].status
    this.code = options.code
    this.param = options.param
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details
    this.upstream = options.upstream
  }

  /** The same fault but for what is told otherwise here. */
  with({ message = this.message, ...changes }: FaultOptions & { readonly message?: string }): Fault {
    const { kind, status, code, param, retryAfterMs, details, upstream, cause } = this
    return new Fault(kind, message, { status, code, param, retryAfterMs, details, upstream, cause, ...changes })
  }
}

/** The kind that an HTTP status of an upstream means. */
export function faultKindFor(status: number): FaultKind {
  let kind: FaultKind
  for (kind in FAULT_KINDS) if (FAULT_KINDS[kind].status === status) return kind
  if (status === 504) return 'timeout'
  if (status === 422) return 'invalid-request'
  if (status >= 500) return 'server'
  return status >= 400 ? 'invalid-request' : 'upstream'
}
