import type { Trace } from '../gateway/trace.ts'
import type { Log } from '../lib/log.ts'

/** One request as the log line tells it. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly client: string
  readonly trace: Trace
  /** `performance.now()` at arrival. */
  readonly arrivedAt: number
  status: number
  /** `performance.now()` when the first byte of the answer was there. */
  firstByteAt?: number
  /** Milliseconds spent on the stream's own work. */
  streamMs: number
}

/** The `Server-Timing` of an answer that begins now. */
export function serverTiming({ trace: { timings }, arrivedAt }: Exchange): string {
  const own = Math.max(0, performance.now() - arrivedAt - timings.upstream)
  const { select, translate, upstream } = timings
  return `select;dur=${rounded(select)}, translate;dur=${rounded(translate)}, upstream;dur=${rounded(upstream)}, own;dur=${rounded(own)}`
}

/** Reasons of what could not be carried, as the `x-cliproxy-loss` header has them. */
export function lossHeader({ losses }: Trace): string | undefined {
  return losses && [...losses.keys()].join(', ')
}

/** Writes the line of a request that is over. */
export function logExchange(log: Log, exchange: Exchange): void {
  const { trace, arrivedAt, firstByteAt, status } = exchange
  const { usage, fault } = trace
  const total = performance.now() - arrivedAt
  const route = trace.account === undefined ? trace.model : `${trace.model} → ${trace.account}/${trace.upstreamModel}`
  const failed = status >= 400 || fault !== undefined
  log.write(failed ? 'warn' : 'info', `${exchange.method} ${exchange.path}`, {
    status,
    client: exchange.client,
    route: route === '' ? undefined : route,
    path: trace.path,
    stream: trace.stream || undefined,
    attempts: trace.attempts > 1 ? trace.attempts : undefined,
    input: usage?.inputTokens,
    output: usage?.outputTokens,
    cached: usage?.cacheReadTokens,
    ttfb_ms: firstByteAt === undefined ? undefined : rounded(firstByteAt - arrivedAt),
    total_ms: rounded(total),
    own_ms:
      firstByteAt === undefined
        ? undefined
        : rounded(Math.max(0, firstByteAt - arrivedAt - trace.timings.upstream) + exchange.streamMs),
    fault: fault && `${fault.kind}: ${fault.message.slice(0, 300)}`,
  })
  if (trace.quirks) log.write('debug', 'quirks', { ran: trace.quirks.join(', ') })
  for (const { path, reason } of trace.losses?.values() ?? []) log.write('debug', 'loss', { at: path, reason })
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000
