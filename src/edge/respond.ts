import type { Answer, ByteReader, Pump, StreamAnswer, WholeAnswer } from '../gateway/answer.ts'
import type { Demand } from '../gateway/demand.ts'
import { Fault } from '../ir/fault.ts'
import { writeSse } from '../lib/sse.ts'
import type { Protocol } from '../ir/protocol.ts'
import { asFault } from './fault-response.ts'
import type { SilenceWatch } from './keep-alive.ts'
import { passedHeaders } from './passed-headers.ts'
import { lossHeader, serverTiming, type Exchange } from './request-log.ts'

/** What the edge needs to know to answer. */
export interface RespondOptions {
  readonly silences: SilenceWatch
  /** Silence after which a stream gets a keep-alive; 0: never. */
  readonly keepAliveMs: number
  /** Silence after which a whole answer gets a blank line; 0: never. */
  readonly nonstreamKeepAliveMs: number
  /** Forward the upstream's own response headers. */
  readonly passthroughHeaders: boolean
  /** Takes what was thrown although it is no fault, when the answer has begun already. */
  readonly onDefect: (thrown: unknown, fault: Fault) => void
  /** The exchange is over; called exactly once. */
  readonly onEnd: (exchange: Exchange) => void
}

/** Bun's stream that writes straight to the socket; awaited writes bound what is buffered. */
interface DirectController {
  write(chunk: string | Uint8Array): number | Promise<number>
  flush(): void
  close(): void
}

/** Ends an idle upstream that keeps its connection open after its answer is complete. */
const DRAIN_MS = 1000

/** What keeps a silent stream alive, in the one form that every client of the protocol survives. */
const KEEP_ALIVE: Readonly<Record<Protocol, string>> = {
  anthropic: 'event: ping\ndata: {"type": "ping"}\n\n',
  'openai-chat': ': keep-alive\n\n',
  'openai-responses': ': keep-alive\n\n',
  gemini: '\r\n',
}

/**
 * The HTTP answer to a demand. While the upstream is silent for longer than the keep-alive allows, the answer begins
 * without it: from then on a failure is told inside the stream.
 *
 * @throws {Fault} what came before anything was written.
 */
export async function respond(
  demand: Demand,
  exchange: Exchange,
  pending: Promise<Answer>,
  options: RespondOptions,
): Promise<Response> {
  const waitMs = demand.stream ? options.keepAliveMs : options.nonstreamKeepAliveMs
  const answer = waitMs === 0 ? await pending : await firstOf(pending, waitMs, options.silences)
  if (demand.signal.aborted) throw leave(answer, pending)
  if (answer === undefined) return lateResponse(demand, exchange, pending, options)
  exchange.firstByteAt = performance.now()
  exchange.status = 200
  return answer.type === 'whole'
    ? wholeResponse(answer, exchange, options)
    : streamResponse(answer, demand, exchange, options)
}

/** Lets go of an answer that nobody takes: the body of a response to a client that has left is never asked for. */
function leave(answer: Answer | undefined, pending: Promise<Answer>): Fault {
  if (answer) closeAnswer(answer)
  else void pending.then(closeAnswer, () => undefined)
  return new Fault('cancelled', 'The client closed the request.')
}

function closeAnswer(answer: Answer): void {
  if (answer.type === 'stream') answer.close()
}

/** The answer, or undefined when it does not come in time. */
function firstOf(pending: Promise<Answer>, ms: number, silences: SilenceWatch): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const silence = silences.watch(ms, () => {
      silence.end()
      resolve(undefined)
    })
    pending.then(
      (answer) => {
        silence.end()
        resolve(answer)
      },
      (error: unknown) => {
        silence.end()
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

function wholeResponse(answer: WholeAnswer, exchange: Exchange, options: RespondOptions): Response {
  const headers = headersOf('application/json', exchange, options, answer.headers)
  options.onEnd(exchange)
  return new Response(answer.text, { headers })
}

function streamResponse(answer: StreamAnswer, demand: Demand, exchange: Exchange, options: RespondOptions): Response {
  const headers = headersOf('text/event-stream', exchange, options, answer.headers)
  return directResponse(headers, demand, exchange, options, (controller, touch) =>
    writeStream(answer, controller, touch, exchange),
  )
}

/** An answer that begins with keep-alives, because the upstream has not begun. */
function lateResponse(demand: Demand, exchange: Exchange, pending: Promise<Answer>, options: RespondOptions): Response {
  exchange.status = 200
  const headers = headersOf(demand.stream ? 'text/event-stream' : 'application/json', exchange, options, undefined)
  return directResponse(headers, demand, exchange, options, async (controller, touch) => {
    await controller.write(keepAliveOf(demand))
    controller.flush()
    try {
      const answer = await pending
      exchange.firstByteAt = performance.now()
      if (answer.type === 'whole') await controller.write(answer.text)
      else await writeStream(answer, controller, touch, exchange)
    } catch (error) {
      const fault = asFault(error)
      options.onDefect(error, fault)
      exchange.trace.fault = fault
      await controller.write(lateFault(fault, demand))
    }
  })
}

/** A fault that can no longer be a status: an error event, or the error's body. */
function lateFault(fault: Fault, demand: Demand): string {
  const { codec } = demand
  if (!demand.stream) return JSON.stringify(codec.encodeFault(fault))
  const encoder = codec.streamEncoder({
    model: demand.model,
    createdAt: 0,
    newId: (prefix) => prefix,
    includeUsage: false,
    asked: demand.fields,
    onLoss: () => undefined,
  })
  return [...encoder.push({ type: 'fault', fault }), ...encoder.end()].map(writeSse).join('')
}

type WriteBody = (controller: DirectController, touch: () => void) => Promise<void>

/** A response whose body is written as fast as the client takes it, with keep-alives in its silences. */
function directResponse(
  headers: Record<string, string>,
  demand: Demand,
  exchange: Exchange,
  options: RespondOptions,
  writeBody: WriteBody,
): Response {
  const ms = demand.stream ? options.keepAliveMs : options.nonstreamKeepAliveMs
  const source = {
    type: 'direct',
    async pull(controller: DirectController) {
      const silence =
        ms === 0
          ? undefined
          : options.silences.watch(ms, () => {
              // A client that has left is told of by the stream itself.
              void Promise.resolve(controller.write(keepAliveOf(demand))).catch(() => undefined)
              controller.flush()
            })
      try {
        await writeBody(controller, silence ? () => silence.touch() : () => undefined)
      } finally {
        silence?.end()
        options.onEnd(exchange)
        controller.close()
      }
    },
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- Bun's `direct` source has no type in the standard library.
  return new Response(new ReadableStream(source as unknown as Bun.UnderlyingSource<Uint8Array>), { headers })
}

const keepAliveOf = (demand: Demand): string => (demand.stream ? KEEP_ALIVE[demand.codec.protocol] : '\n')

/** Writes the stream to its end; one promise per network read and one per write. */
async function writeStream(
  answer: StreamAnswer,
  controller: DirectController,
  touch: () => void,
  exchange: Exchange,
): Promise<void> {
  const { head, reader, pump } = answer
  try {
    for (const chunk of head) await controller.write(chunk)
    controller.flush()
    if (reader) await forward(reader, pump, controller, touch, exchange)
  } catch (error) {
    // The upstream broke, or the client left: then nobody reads what is written here.
    const chunk = pump.end(error ?? new Error('the connection broke'))
    if (chunk.length > 0) await controller.write(chunk)
  } finally {
    answer.close()
    if (reader && pump.isOver) drain(reader)
  }
}

async function forward(
  reader: ByteReader,
  pump: Pump,
  controller: DirectController,
  touch: () => void,
  exchange: Exchange,
): Promise<void> {
  while (!pump.isOver) {
    const { done, value } = await reader.read()
    const startedAt = performance.now()
    const chunk = done ? pump.end() : pump.push(value)
    exchange.streamMs += performance.now() - startedAt
    touch()
    if (chunk.length > 0) {
      const written = controller.write(chunk)
      controller.flush()
      if (typeof written !== 'number') await written
    }
    if (done) return
  }
}

/** Reads to the end of an answer that is complete, so that its connection can be used again. */
function drain(reader: ByteReader): void {
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), DRAIN_MS)
  const readOn = async (): Promise<void> => {
    for (;;) if ((await reader.read()).done) return
  }
  readOn()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer))
}

function headersOf(
  contentType: string,
  exchange: Exchange,
  options: RespondOptions,
  upstream: Headers | undefined,
): Record<string, string> {
  const headers: Record<string, string> = options.passthroughHeaders && upstream ? passedHeaders(upstream) : {}
  headers['content-type'] = contentType
  if (contentType === 'text/event-stream') {
    headers['cache-control'] = 'no-cache'
    headers['x-accel-buffering'] = 'no'
  }
  headers['server-timing'] = serverTiming(exchange)
  const losses = lossHeader(exchange.trace)
  if (losses !== undefined) headers['x-cliproxy-loss'] = losses
  return headers
}
