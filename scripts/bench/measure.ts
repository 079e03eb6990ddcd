import { startLoad } from './load.ts'
import { CLIENT_KEY, readCpuMicros, readMemoryKb, type Server } from './processes.ts'
import type { FigureName, Scenario } from './scenarios.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { WIRES } from './wires.ts'

/** Who asks whom: `openai-chat` over `anthropic` is a Chat client whose model lives behind Anthropic's API. */
export interface Pair {
  readonly client: Protocol
  readonly upstream: Protocol
}

/** What one load came to. A figure is absent where it cannot be told. */
export type Measurement = Readonly<Partial<Record<FigureName, number>>> & { readonly errors: number }

/** How long a load runs before and while it is measured. */
export interface Span {
  readonly warmMs: number
  readonly measureMs: number
}

/** Puts one load on a server and gives its figures; see {@link FIGURES} for their units. */
export async function measure(server: Server, scenario: Scenario, pair: Pair, span: Span): Promise<Measurement> {
  const { stream, characters, tools, connections } = scenario
  const wire = WIRES[pair.client]
  const shape = { model: WIRES[pair.upstream].model, stream, characters, tools }
  const idleKb = readMemoryKb(server.pid)
  const load = startLoad({
    port: server.port,
    path: wire.path(shape),
    headers: { ...wire.headers, authorization: `Bearer ${CLIENT_KEY}` },
    body: JSON.stringify(wire.request(shape)),
    connections,
  })
  await Bun.sleep(span.warmMs)
  load.reset()
  const before = readCpuMicros(server.pid)
  await Bun.sleep(span.measureMs)
  const after = readCpuMicros(server.pid)
  const busyKb = readMemoryKb(server.pid)
  const { requests, events, errors, firstMicros, delayMicros } = load.stop()
  const cpu = before === undefined || after === undefined ? undefined : after - before
  return {
    request: cpu === undefined || requests === 0 ? undefined : cpu / requests,
    event: cpu === undefined || events === 0 ? undefined : cpu / events,
    first: medianOf(firstMicros),
    delay: medianOf(delayMicros),
    memory: idleKb === undefined || busyKb === undefined ? undefined : (busyKb - idleKb) / connections,
    errors,
  }
}

/** What each figure is called in the report, its unit included. */
export const FIGURES: Readonly<Record<FigureName, string>> = {
  request: 'CPU µs per request',
  event: 'CPU µs per event',
  first: 'first event, p50 µs',
  delay: 'event delay, p50 µs',
  memory: 'KB per open stream',
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
