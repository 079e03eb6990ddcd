import type { Protocol } from '../ir/protocol.ts'
import type { Fault } from '../ir/fault.ts'
import type { Loss, OnLoss } from '../ir/codec.ts'
import type { Usage } from '../ir/usage.ts'

/** Losses that one answer remembers; what is lost a thousand times is told once. */
const LOSSES_MAX = 64

/** What happened to one request, filled in on the way; the request log and the response's headers are written from it. */
export interface Trace {
  readonly protocol: Protocol
  /** The model as the client asked for it. */
  model: string
  stream: boolean
  /** The account and upstream model that answered, or that were tried last. */
  account?: string
  provider?: string
  upstreamModel?: string
  /** How the answer came about. */
  path?: 'relay' | 'translate'
  /** Upstream calls made. */
  attempts: number
  usage?: Usage
  fault?: Fault
  /** Names of the quirks that ran. */
  quirks?: string[]
  /** By reason. */
  losses?: Map<string, Loss>
  readonly onLoss: OnLoss
  /** Milliseconds: from arrival to the choice of the account, spent translating the request, waiting for the upstream's headers. */
  readonly timings: { select: number; translate: number; upstream: number }
}

export function createTrace(protocol: Protocol): Trace {
  const trace: Trace = {
    protocol,
    model: '',
    stream: false,
    attempts: 0,
    onLoss: (loss) => {
      const losses = (trace.losses ??= new Map())
      if (losses.size < LOSSES_MAX && !losses.has(loss.reason)) losses.set(loss.reason, loss)
    },
    timings: { select: 0, translate: 0, upstream: 0 },
  }
  return trace
}

export function noteQuirk(trace: Trace, name: string): void {
  if (trace.quirks) trace.quirks.push(name)
  else trace.quirks = [name]
}
