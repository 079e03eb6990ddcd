import type { AnswerContext, Codec, Frame } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { Protocol } from '../ir/protocol.ts'
import type { ModelRequest } from '../ir/request.ts'
import type { Lease, Pool } from '../pool/pool.ts'
import { parseObject } from '../lib/json.ts'
import { CODECS } from '../protocols/index.ts'
import { withToolNames } from '../protocols/shared/restore-tools.ts'
import { SEAL_MARK } from '../protocols/shared/seal.ts'
import { providerFor } from '../providers/index.ts'
import type { Call, Provider } from '../providers/provider.ts'
import type { Answer, Tried } from './answer.ts'
import { attempt, type RetryLimits } from './attempt.ts'
import type { Demand } from './demand.ts'
import { estimateTokens } from './estimate.ts'
import { openStream } from './open-stream.ts'
import { applyQuirks, createRelayPump, relayBody, relayWhole } from './relay.ts'
import type { Route, Router } from './route.ts'
import { collectStream, createTranslatePump, decodeWhole, encodeAsStream } from './translate.ts'
import type { Trace } from './trace.ts'
import { askUpstream, readWhole, unreachable } from './upstream.ts'

/** What the gateway reads anew with each request, so that a change of config takes effect at once. */
export interface GatewayState {
  readonly router: Router
  readonly limits: RetryLimits
}

export interface GatewayOptions {
  readonly state: () => GatewayState
  readonly pool: Pool
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly random: () => number
  readonly newId: (prefix: string) => string
}

/** Answers what clients ask, by the accounts of the pool. */
export interface Gateway {
  /** @throws {Fault} what the client is to be told; nothing was written to it yet. */
  generate(demand: Demand, trace: Trace): Promise<Answer>
  /** Input tokens that the demand would cost: the upstream's own count where it has one, else an estimate. @throws {Fault} */
  countTokens(demand: Demand, trace: Trace): Promise<number>
}

/** How the bodies cross: as they are, or through the IR. */
interface Crossing {
  readonly isRelay: boolean
  readonly from: Codec
  readonly to: Codec
  /** The upstream is asked for a stream. */
  readonly upstreamStream: boolean
  readonly context: AnswerContext
}

export function createGateway(options: GatewayOptions): Gateway {
  const ask = async (demand: Demand, trace: Trace, tryOne: (one: Try) => Promise<Tried>): Promise<Answer> => {
    const startedAt = performance.now()
    const state = options.state()
    const route = state.router.route(demand.model)
    const request = lazyRequest(demand, route)
    trace.timings.select = performance.now() - startedAt
    return await attempt({
      pool: options.pool,
      route,
      limits: state.limits,
      clock: options.clock,
      random: options.random,
      signal: demand.signal,
      run: (lease) => tryOne({ options, demand, route, request, trace, lease }),
    })
  }
  return {
    generate: (demand, trace) => ask(demand, trace, tryAccount),
    async countTokens(demand, trace) {
      const answer = await ask(demand, trace, tryCount)
      return answer.type === 'whole' ? Number(answer.text) : 0
    },
  }
}

interface Try {
  readonly options: GatewayOptions
  readonly demand: Demand
  readonly route: Route
  readonly request: () => ModelRequest
  readonly trace: Trace
  readonly lease: Lease
}

/** The client's request in the IR, decoded at most once and only when somebody translates it. */
function lazyRequest(demand: Demand, route: Route): () => ModelRequest {
  let decoded: ModelRequest | undefined
  return () => {
    if (!decoded) {
      const request = demand.codec.decodeRequest(demand.body)
      decoded = route.reasoning ? { ...request, reasoning: route.reasoning } : request
    }
    return decoded
  }
}

/** @throws {Fault} not-implemented for a protocol that has no codec yet. */
function codecFor(protocol: Protocol): Codec {
  const codec = CODECS[protocol]
  if (!codec) throw new Fault('not-implemented', `Accounts and clients of the ${protocol} protocol are not served yet.`)
  return codec
}

async function tryAccount(one: Try): Promise<Tried> {
  const { options, demand, trace, lease } = one
  const { candidate } = lease
  const provider = providerFor(candidate.account)
  trace.attempts++
  trace.account = candidate.account.label
  trace.provider = provider.id
  trace.upstreamModel = candidate.upstreamModel
  const crossing = crossingFor(one, provider)
  trace.path = crossing.isRelay ? 'relay' : 'translate'
  const before = performance.now()
  const clientHeaders = demand.codec.protocol === provider.protocol ? demand.headers : NO_HEADERS
  const body = upstreamBody(one, provider, crossing, clientHeaders, 'generate')
  const asked = performance.now()
  trace.timings.translate = asked - before
  const response = await askUpstream({
    candidate,
    provider,
    codec: crossing.from,
    operation: 'generate',
    stream: crossing.upstreamStream,
    body,
    clientHeaders,
    requestHeaders: demand.headers,
    signal: demand.signal,
    now: options.clock,
  })
  trace.timings.upstream += performance.now() - asked
  if ('fault' in response) return response
  try {
    const back = crossing.isRelay ? crossing : { ...crossing, from: withToolNames(crossing.from, one.request()) }
    return demand.stream ? await streamAnswer(one, back, response) : { answer: await wholeAnswer(one, back, response) }
  } catch (error) {
    return { fault: error instanceof Fault ? error : unreachable(error, candidate.account.label, demand.signal) }
  }
}

const NO_HEADERS = new Headers()

function crossingFor({ options, demand, route, trace }: Try, provider: Provider): Crossing {
  const from = codecFor(provider.protocol)
  const to = demand.codec
  const upstreamStream = provider.streamsOnly === true || demand.stream
  const { stream_options: streamOptions, thread } = demand.body
  // A thread lives with the account that began it: where the next turn may meet another one, the codec refuses it.
  const isBound = thread !== undefined && route.candidates.length > 1
  const isRelay =
    from === to && upstreamStream === demand.stream && !route.reasoning && !isBound && !demand.text.includes(SEAL_MARK)
  const context: AnswerContext = {
    model: demand.model,
    createdAt: Math.floor(options.clock() / 1000),
    newId: options.newId,
    includeUsage:
      typeof streamOptions === 'object' &&
      streamOptions !== null &&
      'include_usage' in streamOptions &&
      streamOptions.include_usage === true,
    onLoss: trace.onLoss,
  }
  return { isRelay, from, to, upstreamStream, context }
}

function upstreamBody(
  { demand, request, trace, lease }: Try,
  provider: Provider,
  { isRelay, from, upstreamStream }: Crossing,
  clientHeaders: Headers,
  operation: Call['operation'],
): string {
  const { account, upstreamModel } = lease.candidate
  const call: Call = {
    operation,
    stream: upstreamStream,
    model: upstreamModel,
    baseUrl: account.baseUrl,
    secret: account.secret,
    clientHeaders,
  }
  if (isRelay) return relayBody(demand, upstreamModel, provider, call, trace)
  const body = from.encodeRequest({ ...request(), model: upstreamModel, stream: upstreamStream }, trace.onLoss)
  return JSON.stringify(applyQuirks(body, provider, call, trace))
}

/** Statuses of upstreams that speak the protocol and do not count: most gateways of others. */
const NO_ENDPOINT: ReadonlySet<number> = new Set([404, 405, 501])

/** One account's count: its text is the number. */
async function tryCount(one: Try): Promise<Tried> {
  const { options, demand, request, trace, lease } = one
  const { account, upstreamModel } = lease.candidate
  const provider = providerFor(account)
  trace.attempts++
  trace.account = account.label
  trace.provider = provider.id
  trace.upstreamModel = upstreamModel
  const estimate = async (): Promise<Tried> => {
    lease.settle({ type: 'abandoned' })
    return { answer: { type: 'whole', text: String(await estimateTokens(request())), headers: NO_HEADERS } }
  }
  if (provider.countsTokens !== true || provider.protocol !== demand.codec.protocol) return await estimate()
  const crossing = crossingFor(one, provider)
  const body = upstreamBody(one, provider, crossing, demand.headers, 'count-tokens')
  const { from: codec } = crossing
  const asked = {
    candidate: lease.candidate,
    provider,
    codec,
    operation: 'count-tokens',
    stream: false,
    body,
    clientHeaders: demand.headers,
    requestHeaders: demand.headers,
  } as const
  const response = await askUpstream({ ...asked, signal: demand.signal, now: options.clock })
  if ('fault' in response) return NO_ENDPOINT.has(response.fault.status) ? await estimate() : response
  const { input_tokens: counted } = parseObject(await readWhole(response)) ?? {}
  if (typeof counted !== 'number')
    return { fault: new Fault('upstream', 'The upstream counted tokens, but its answer has no input_tokens.') }
  lease.settle({ type: 'success' })
  return { answer: { type: 'whole', text: String(counted), headers: response.headers } }
}

/** @throws {Fault} when the answer is a fault after all; whatever the connection throws. */
async function wholeAnswer(
  { trace, lease }: Try,
  { isRelay, from, to, context }: Crossing,
  response: Response,
): Promise<Answer> {
  const { headers } = response
  let text: string
  if (isEventStream(response)) {
    const answer = await collectStream(response, from)
    trace.usage = answer.usage
    text = JSON.stringify(to.encodeResponse(answer, context))
  } else {
    const body = await readWhole(response)
    if (isRelay) text = relayWhole(body, from, trace)
    else {
      const answer = decodeWhole(body, from)
      trace.usage = answer.usage
      text = JSON.stringify(to.encodeResponse(answer, context))
    }
  }
  lease.settle({ type: 'success' })
  return { type: 'whole', text, headers }
}

async function streamAnswer(
  { demand, trace, lease }: Try,
  { isRelay, from, to, context }: Crossing,
  response: Response,
): Promise<Tried> {
  if (isJson(response)) {
    const answer = decodeWhole(await readWhole(response), from)
    trace.usage = answer.usage
    lease.settle({ type: 'success' })
    return { answer: wholeAsStream(encodeAsStream(answer, to, context), response.headers) }
  }
  const isHidden = trace.quirks?.includes('include-usage') === true && !context.includeUsage ? isUsageAlone : undefined
  // What does not say that it is a stream may be anything: the decoder finds out.
  const pump =
    isRelay && isEventStream(response)
      ? createRelayPump(from, context, trace, isHidden)
      : createTranslatePump(from, to, context, trace)
  return await openStream({ response, pump, lease, signal: demand.signal, trace })
}

/** Chat's last chunk, which tells the usage and nothing else: for clients that asked for it. */
function isUsageAlone({ data }: Frame): boolean {
  return data.includes('"usage"') && /"usage"\s*:\s*\{/.test(data) && /"choices"\s*:\s*\[\s*\]/.test(data)
}

function wholeAsStream(text: string, headers: Headers): Answer {
  const pump = { push: () => '', end: () => '', hasContent: true, isOver: true, fault: undefined }
  return { type: 'stream', head: [text], reader: undefined, pump, headers, close: () => undefined }
}

function contentTypeOf(response: Response): string {
  return response.headers.get('content-type')?.toLowerCase() ?? ''
}

const isEventStream = (response: Response): boolean => contentTypeOf(response).startsWith('text/event-stream')
const isJson = (response: Response): boolean => contentTypeOf(response).startsWith('application/json')
