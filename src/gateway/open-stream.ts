import { Fault } from '../ir/fault.ts'
import type { Lease } from '../pool/pool.ts'
import type { ByteReader, Chunk, Pump, Tried } from './answer.ts'
import type { Trace } from './trace.ts'

export interface OpenOptions {
  readonly response: Response
  readonly pump: Pump
  readonly lease: Lease
  readonly signal: AbortSignal
  readonly trace: Trace
}

/**
 * Reads until the answer has begun. A fault that comes before anything was written, also one smuggled inside a stream
 * of status 200, is a failure like any other: another account may be tried.
 */
export async function openStream({ response, pump, lease, signal, trace }: OpenOptions): Promise<Tried> {
  const reader = response.body?.getReader()
  const head: Chunk[] = []
  const isEnded = reader === undefined || (await readHead(reader, pump, head))
  if (isEnded) head.push(pump.end())
  if (pump.fault && !pump.hasContent) {
    void reader?.cancel().catch(() => undefined)
    return { fault: pump.fault }
  }
  lease.answered()
  const close = (): void => {
    const isWhole = pump.isOver && pump.fault === undefined
    const hasLeft = signal.aborted && !isWhole
    trace.fault = hasLeft ? new Fault('cancelled', 'The client closed the request.') : pump.fault
    if (hasLeft || !pump.isOver) {
      lease.settle({ type: 'abandoned' })
      void reader?.cancel().catch(() => undefined)
    } else lease.settle(pump.fault ? { type: 'fault', fault: pump.fault } : { type: 'success' })
  }
  return {
    answer: { type: 'stream', head, reader: isEnded ? undefined : reader, pump, headers: response.headers, close },
  }
}

/** True when the stream ended before the answer had begun. */
async function readHead(reader: ByteReader, pump: Pump, head: Chunk[]): Promise<boolean> {
  while (!pump.hasContent && !pump.isOver) {
    const { done, value } = await reader.read()
    if (done) return true
    head.push(pump.push(value))
  }
  return false
}
