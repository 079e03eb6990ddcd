import type { Answer, PendingAnswer, StreamAnswer, WholeAnswer } from '../gateway/answer.ts'
import type { Demand } from '../gateway/demand.ts'
import { Fault } from '../ir/fault.ts'
import { asFault } from './fault-response.ts'
import { BARE_BODY, type Framing } from './framing.ts'
import type { SilenceWatch } from './keep-alive.ts'
import { passedHeaders } from './passed-headers.ts'
import { lossHeader, serverTiming, type Exchange } from './request-log.ts'
import { createBodyWriter, writeStream, type BodyWriter, type DirectController } from './write-stream.ts'

/** What the edge needs to know to answer. */
export interface RespondOptions {
  readonly silences: SilenceWatch
  /** The framing of the stream, should it be one. */
  readonly framing: () => Framing
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

/**
 * The HTTP answer to a demand. While the upstream is silent for longer than the keep-alive allows, the answer begins
 * without it: from then on a failure is told inside the stream.
 *
 * @throws {Fault} what came before anything was written.
 */
export async function respond(
  demand: Demand,
  exchange: Exchange,
  pending: PendingAnswer,
  options: RespondOptions,
): Promise<Response> {
  const waitMs = demand.stream ? options.keepAliveMs : options.nonstreamKeepAliveMs
  const answer = waitMs === 0 ? await pending.answer : await firstOf(pending.answer, waitMs, options.silences)
  if (demand.signal.aborted) throw leave(answer, pending.answer)
  if (answer === undefined) return lateResponse(demand, exchange, pending, options)
  exchange.firstByteAt = performance.now()
  exchange.status = 200
  return answer.type === 'whole' ? wholeResponse(answer, exchange, options) : streamResponse(answer, exchange, options)
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
  const headers = headersOf(BARE_BODY, exchange, options, answer.headers)
  options.onEnd(exchange)
  return new Response(answer.text, { headers })
}

function streamResponse(answer: StreamAnswer, exchange: Exchange, options: RespondOptions): Response {
  const framing = options.framing()
  const headers = headersOf(framing, exchange, options, answer.headers)
  return directResponse(headers, framing, options.keepAliveMs, exchange, options, (writer) =>
    writeStream(answer, writer, exchange),
  )
}

/** An answer that begins with keep-alives, because the upstream has not begun. */
function lateResponse(demand: Demand, exchange: Exchange, pending: PendingAnswer, options: RespondOptions): Response {
  exchange.status = 200
  const framing = demand.stream ? options.framing() : BARE_BODY
  const ms = demand.stream ? options.keepAliveMs : options.nonstreamKeepAliveMs
  const headers = headersOf(framing, exchange, options, undefined)
  return directResponse(headers, framing, ms, exchange, options, async (writer) => {
    try {
      if (demand.stream) writer.waitWith(() => pending.keepAlive())
      await writer.keepAlive()
      await writeAnswer(pending, writer, exchange)
    } catch (error) {
      const fault = noteFault(error, exchange, options)
      await writer.write(demand.stream ? pending.faultEvents(fault) : JSON.stringify(demand.codec.encodeFault(fault)))
    }
  })
}

/**
 * The same into a sink that is no HTTP answer, from the first silence on; resolves when the stream is over.
 *
 * @throws {Fault} what came before anything was written.
 */
export async function respondInto(
  sink: DirectController,
  exchange: Exchange,
  pending: PendingAnswer,
  options: RespondOptions,
): Promise<void> {
  let hasBegun = false
  const begun: DirectController = {
    write(chunk) {
      hasBegun = true
      return sink.write(chunk)
    },
    flush: () => sink.flush(),
    close: () => sink.close(),
  }
  const writer = createBodyWriter(begun, options.framing(), options.keepAliveMs, options.silences)
  writer.waitWith(() => pending.keepAlive())
  exchange.status = 200
  try {
    await writeAnswer(pending, writer, exchange)
  } catch (error) {
    if (!hasBegun) throw error
    const fault = noteFault(error, exchange, options)
    if (fault.kind !== 'cancelled') await writer.write(pending.faultEvents(fault))
  } finally {
    writer.end()
  }
  options.onEnd(exchange)
}

async function writeAnswer(pending: PendingAnswer, writer: BodyWriter, exchange: Exchange): Promise<void> {
  const answer = await pending.answer
  exchange.firstByteAt = performance.now()
  if (answer.type === 'whole') await writer.write(answer.text)
  else await writeStream(answer, writer, exchange)
}

/** The fault of an answer that has begun, told where faults are told. */
function noteFault(error: unknown, exchange: Exchange, options: RespondOptions): Fault {
  const fault = asFault(error)
  options.onDefect(error, fault)
  exchange.trace.fault = fault
  return fault
}

/** A response whose body is written as fast as the client takes it, with keep-alives in its silences. */
function directResponse(
  headers: Record<string, string>,
  framing: Framing,
  keepAliveMs: number,
  exchange: Exchange,
  options: RespondOptions,
  writeBody: (writer: BodyWriter) => Promise<void>,
): Response {
  const source = {
    type: 'direct',
    async pull(controller: DirectController) {
      const writer = createBodyWriter(controller, framing, keepAliveMs, options.silences)
      try {
        await writeBody(writer)
        const end = framing.end()
        if (end !== '') await controller.write(end)
      } finally {
        writer.end()
        options.onEnd(exchange)
        controller.close()
      }
    },
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- Bun's `direct` source has no type in the standard library.
  return new Response(new ReadableStream(source as unknown as Bun.UnderlyingSource<Uint8Array>), { headers })
}

function headersOf(
  { contentType }: Framing,
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
