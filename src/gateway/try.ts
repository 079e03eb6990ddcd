import type { Codec } from '../ir/codec.ts'
import type { JsonObject } from '../ir/json.ts'
import type { ModelRequest } from '../ir/request.ts'
import type { Lease } from '../pool/pool.ts'
import { CODECS } from '../protocols/index.ts'
import { mayHaveOddTools, withPlainTools } from '../protocols/openai-responses/plain-tools.ts'
import { restoreOpaque } from '../protocols/shared/carry-opaque.ts'
import { hasSeals } from '../protocols/shared/seal.ts'
import { providerFor } from '../providers/index.ts'
import type { Call, Provider } from '../providers/provider.ts'
import type { Writer } from './answer.ts'
import { previousOf, unknownPrevious } from './conversation.ts'
import type { Demand } from './demand.ts'
import { quirkFields } from './quirk-fields.ts'
import { relayBody } from './relay.ts'
import type { Route } from './route.ts'
import type { Trace } from './trace.ts'
import type { UpstreamRequest } from './upstream.ts'

/** One demand, put to one account. Its writer is the same for all tries. */
export interface Try extends Writer {
  readonly demand: Demand
  readonly route: Route
  /** The client's request in the IR. @throws {Fault} invalid-request. */
  readonly request: () => ModelRequest
  readonly trace: Trace
  readonly lease: Lease
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** How the bodies cross: as they are, or through the IR. */
export interface Crossing {
  readonly provider: Provider
  readonly call: Call
  /** What the upstream speaks. */
  readonly codec: Codec
  readonly isRelay: boolean
}

const NO_HEADERS = new Headers()
const NO_FACTS = {}

/** Decodes at most once, and only when somebody translates. */
export function lazyRequest(demand: Demand, route: Route): () => ModelRequest {
  let decoded: ModelRequest | undefined
  return () => {
    if (!decoded) {
      const { codec, model, stream } = demand
      const request = { ...codec.decodeRequest(demand.whole()), model, stream }
      decoded = route.reasoning ? { ...request, reasoning: route.reasoning } : request
    }
    return decoded
  }
}

/**
 * Decides how a demand crosses to the leased account, and says so in the trace.
 *
 * A request is relayed when both sides speak the same, in the same mode, and nothing in it needs the IR: no thinking
 * suffix that overrides the body, no seal of another vendor, no field that the codec judges, no tool that the vendor
 * does not take.
 */
export function crossingFor(
  { demand, route, trace, lease }: Try,
  operation: Call['operation'],
  secret: string,
): Crossing {
  const { account, upstreamModel } = lease.candidate
  const provider = providerFor(account, demand.codec.protocol)
  const codec = CODECS[provider.protocol]
  const stream = operation === 'generate' && (provider.streamsOnly === true || demand.stream)
  const isJudged = demand.codec.judged?.some((field) => demand.fields[field] !== undefined) === true
  const isRelay =
    codec === demand.codec &&
    !provider.wrap &&
    (operation !== 'generate' || stream === demand.stream) &&
    !route.reasoning &&
    !isJudged &&
    !(provider.plainTools === true && mayHaveOddTools(demand.text)) &&
    !hasSeals(demand.text)
  trace.attempts++
  // What an account before this one lost is not this one's answer.
  trace.losses = undefined
  trace.quirks = undefined
  trace.account = account.label
  trace.provider = provider.id
  trace.upstreamModel = upstreamModel
  trace.path = isRelay ? 'relay' : 'translate'
  const call: Call = {
    operation,
    stream,
    model: upstreamModel,
    baseUrl: account.baseUrl,
    secret,
    facts: account.facts ?? NO_FACTS,
    clientHeaders: provider.protocol === demand.codec.protocol ? demand.headers : NO_HEADERS,
  }
  return { provider, call, codec, isRelay }
}

/**
 * @throws {Fault} invalid-request when the demand is no request, has no form in the upstream's protocol, or builds on an
 * answer that the upstream cannot know.
 */
export function upstreamRequest(one: Try, crossing: Crossing): UpstreamRequest {
  const { demand, trace } = one
  const { provider, call, isRelay } = crossing
  const previous = provider.storesNothing === true ? previousOf(demand) : undefined
  if (previous !== undefined) throw unknownPrevious(previous)
  return requestWith(one, crossing, () =>
    isRelay
      ? relayBody(demand, call.model, provider, call, trace)
      : translatedBody(encodedRequest(one, crossing), provider, call, trace),
  )
}

/** The same for a count of tokens, whose endpoint may take another body. @throws {Fault} as {@link upstreamRequest}. */
export function countRequest(one: Try, crossing: Crossing): UpstreamRequest {
  const { demand, trace } = one
  const { provider, call, isRelay } = crossing
  return requestWith(one, crossing, () => {
    const body = isRelay ? demand.whole() : encodedRequest(one, crossing)
    const counted = provider.countBody?.(body, call)
    if (counted) return JSON.stringify(counted)
    return isRelay ? relayBody(demand, call.model, provider, call, trace) : JSON.stringify(body)
  })
}

function requestWith(
  { demand, trace, lease, clock }: Try,
  { provider, call, codec }: Crossing,
  write: () => string,
): UpstreamRequest {
  const startedAt = performance.now()
  const body = write()
  trace.timings.translate += performance.now() - startedAt
  const { account } = lease.candidate
  return { account, provider, codec, call, body, requestHeaders: demand.headers, signal: demand.signal, clock }
}

function encodedRequest({ request, trace }: Try, { provider, codec, call }: Crossing): JsonObject {
  const whole = { ...request(), model: call.model, stream: call.stream }
  const asked = provider.plainTools === true ? withPlainTools(whole, trace.onLoss) : whole
  return codec.encodeRequest(restoreOpaque(asked, codec.protocol), trace.onLoss)
}

function translatedBody(body: JsonObject, provider: Provider, call: Call, trace: Trace): string {
  const quirks = quirkFields(body, provider, call, trace)
  const whole = quirks ? { ...body, ...quirks } : body
  return JSON.stringify(provider.wrap ? provider.wrap(whole, call) : whole)
}
