import type { TSchema } from '@sinclair/typebox'
import type { Server } from 'bun'
import type { PendingAnswer } from '../gateway/answer.ts'
import type { Conversations } from '../gateway/conversation.ts'
import type { Demand } from '../gateway/demand.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { createTrace } from '../gateway/trace.ts'
import type { Codec } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import { readText } from '../lib/json.ts'
import { readBody, type ReadBody } from './body.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { createSseFraming, type Framing } from './framing.ts'
import { pathOf } from './path.ts'
import { logExchange, type Exchange } from './request-log.ts'
import { respond, type RespondOptions } from './respond.ts'
import { createBodyCheck } from './schema-check.ts'

/** One endpoint that asks a model. */
export interface ModelEndpoint {
  readonly codec: Codec
  /** Shape of the body: shallow, with room for unknown fields. */
  readonly schema: TSchema
  /** Lets a client in, or throws the fault that says why not: by its key where this is absent. */
  readonly admit?: Admit
  /** What answers the demand, where that is no answer of a model's. */
  readonly ask?: Gateway['generate']
  /** Whose requests may build on earlier answers. */
  readonly conversations?: Conversations
}

/** Gives the key that the client showed; '' when it needs none. */
export type Admit = (request: Request, server: PeerSource | null) => string

/** What a request's URL says, in a protocol whose bodies do not. */
export interface UrlDemand {
  readonly model?: string
  readonly stream: boolean
  /** How the stream is framed: as server-sent events when absent. */
  readonly framing?: () => Framing
}

/** Who tells a client's address. */
export type PeerSource = Pick<Server<unknown>, 'requestIP'>

export type ModelHandler = (request: Request, server: PeerSource | null, named?: UrlDemand) => Promise<Response>

/** Gives an answer to the client. @throws {Fault} what came before anything was written. */
type Deliver<T> = (demand: Demand, exchange: Exchange, pending: PendingAnswer, options: RespondOptions) => Promise<T>

/** The handler of an endpoint: guard, body, demand, answer, log line. Never throws: every failure is the protocol's own error. */
export function createModelHandler(context: EdgeContext, endpoint: ModelEndpoint): ModelHandler {
  const { protocol } = endpoint.codec
  return createModelServer(context, endpoint, respond, (fault) => faultResponse(fault, protocol))
}

/**
 * The same for whoever delivers answers otherwise.
 *
 * @param refuse what came of a failure before the answer began.
 */
export function createModelServer<T>(
  context: EdgeContext,
  endpoint: ModelEndpoint,
  deliver: Deliver<T>,
  refuse: (fault: Fault) => T,
): (request: Request, server: PeerSource | null, named?: UrlDemand) => Promise<T> {
  const check = createBodyCheck(endpoint.schema)
  const { conversations, ask } = endpoint
  const { protocol } = endpoint.codec
  const admit = endpoint.admit ?? admitByKey(context)
  return async (request, server, named) => {
    const exchange = beginExchange(context, request, server, endpoint.codec)
    try {
      const client = admit(request, server)
      const config = context.config()
      const body = await readBody(request, config.bodyBytesMax, check)
      const asked = demandOf(request, endpoint.codec, body, client, named)
      exchange.trace.model = asked.model
      exchange.trace.stream = asked.stream
      const demand = conversations ? await conversations.resume(asked) : asked
      const pending = ask ? ask(demand, exchange.trace) : context.gateway.generate(demand, exchange.trace)
      return await deliver(demand, exchange, conversations?.keep(asked, demand, pending) ?? pending, {
        silences: context.silences,
        framing: named?.framing ?? (() => createSseFraming(protocol)),
        keepAliveMs: config.keepAliveSeconds * 1000,
        nonstreamKeepAliveMs: config.nonstreamKeepAliveSeconds * 1000,
        passthroughHeaders: config.passthroughHeaders,
        onDefect: (thrown, fault) => reportDefect(context, thrown, fault),
        onEnd: (ended) => endExchange(context, ended),
      })
    } catch (error) {
      const fault = asFault(error)
      reportDefect(context, error, fault)
      exchange.trace.fault = fault
      exchange.status = fault.status
      endExchange(context, exchange)
      return refuse(fault)
    }
  }
}

/** Lets in who shows one of the client keys. */
export function admitByKey(context: Pick<EdgeContext, 'guard'>): Admit {
  return (request) => context.guard().check(request)
}

/** Starts the record of one request. */
export function beginExchange(
  context: EdgeContext,
  request: Request,
  server: PeerSource | null,
  codec: Codec,
): Exchange {
  context.inFlight.count++
  return {
    method: request.method,
    path: pathOf(request.url),
    client: context.isLoopback ? 'loopback' : (server?.requestIP(request)?.address ?? ''),
    trace: createTrace(codec.protocol),
    arrivedAt: performance.now(),
    status: 0,
    streamMs: 0,
  }
}

/** Writes the log line and lets go of the request. */
export function endExchange(context: EdgeContext, exchange: Exchange): void {
  context.inFlight.count--
  logExchange(context.log, exchange)
}

/** Longest name of a model: it goes into log lines and answers. */
const MODEL_CHARS_MAX = 512

/** What the client asks. @throws {Fault} invalid-request without a model. */
export function demandOf(request: Request, codec: Codec, body: ReadBody, client: string, named?: UrlDemand): Demand {
  const { text, fields, longFields, whole } = body
  // A large body without a short name of a model is odd enough to be looked at as a whole.
  const { model = fields['model'] ?? whole()['model'], stream = fields['stream'] } = named ?? {}
  const name = readText(model)
  if (name === undefined || name.length > MODEL_CHARS_MAX) {
    const wrong = name === undefined ? 'is empty' : `has ${name.length} characters`
    throw new Fault('invalid-request', `The field 'model' ${wrong}: name the model to ask.`, { param: 'model' })
  }
  return {
    codec,
    text,
    fields,
    longFields,
    whole,
    model: name,
    stream: stream === true,
    headers: request.headers,
    client,
    signal: request.signal,
  }
}

/** Logs what was thrown when it is no fault: a defect of ours. */
export function reportDefect(context: Pick<EdgeContext, 'log'>, thrown: unknown, fault?: Fault): void {
  if (thrown === fault) return
  context.log.write('error', 'internal failure', {
    error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
  })
}
