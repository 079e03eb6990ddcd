import type { Codec, Frame } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { ModelResponse } from '../ir/response.ts'
import { carryOpaque } from '../protocols/shared/carry-opaque.ts'
import { writeSummary } from '../protocols/openai-responses/compaction.ts'
import { withToolNames } from '../protocols/shared/restore-tools.ts'
import { providerFor } from '../providers/index.ts'
import type { FrameEditor } from '../providers/provider.ts'
import type { Answer, Tried } from './answer.ts'
import { openStream } from './open-stream.ts'
import { createRelayPump, relayWhole } from './relay.ts'
import { withSecret } from './secret.ts'
import { collectStream, createTranslatePump, decodeWhole, encodeAsStream } from './translate.ts'
import { crossingFor, upstreamRequest, type Crossing, type Try } from './try.ts'
import { asksToCompact, summarize } from './summary.ts'
import { askUpstream, contentTypeOf, isEventStream, quietly, readWhole, unreachable } from './upstream.ts'

/** One account's answer to a demand. @throws {Fault} what no other account would do better. */
export function generateByAccount(one: Try): Promise<Tried> {
  return withSecret(one, (secret) => generateWith(one, secret))
}

async function generateWith(one: Try, secret: string): Promise<Tried> {
  const { demand, trace } = one
  const { account } = one.lease.candidate
  const { protocol } = demand.codec
  const provider = providerFor(account, protocol)
  const mayCompact = provider.protocol === protocol && provider.compactUrl !== undefined
  try {
    if (!mayCompact && asksToCompact(one)) return quietly(await compactionAnswer(one, secret), secret)
  } catch (error) {
    return failure(one, error, secret)
  }
  const crossing = crossingFor(one, 'generate', secret)
  const request = upstreamRequest(one, crossing)
  const askedAt = performance.now()
  const response = await askUpstream(request)
  trace.timings.upstream += performance.now() - askedAt
  if ('fault' in response) return response
  try {
    const tried = demand.stream
      ? await streamAnswer(one, crossing, response)
      : await wholeAnswer(one, crossing, response)
    return quietly(tried, secret)
  } catch (error) {
    return failure(one, error, secret)
  }
}

/** Whatever an account's answer throws is a failure of its own. */
function failure({ demand, lease }: Try, error: unknown, secret: string): Tried {
  const { label } = lease.candidate.account
  const fault = error instanceof Fault ? error : unreachable(error, label, demand.signal)
  return quietly({ fault }, secret)
}

/**
 * The one item that is wanted of a model when its conversation has become too long, from a vendor that knows no such
 * thing: a summary.
 */
async function compactionAnswer(one: Try, secret: string): Promise<Tried> {
  const { demand, lease, context, encoder } = one
  const summary = await summarize(one, secret)
  if ('fault' in summary) return summary
  lease.settle({ type: 'success' })
  const value = writeSummary(summary.text, context.newId('cmp_'))
  const { usage, model } = summary.response
  const response: ModelResponse = {
    model,
    parts: [{ type: 'opaque', protocol: 'openai-responses', value }],
    finish: { reason: 'stop' },
    usage,
  }
  if (demand.stream) return { answer: wholeAsStream(encodeAsStream(response, encoder()), summary.headers) }
  const text = JSON.stringify(demand.codec.encodeResponse(response, context))
  return { answer: { type: 'whole', text, headers: summary.headers } }
}

/** @throws {Fault} when the answer is a fault after all; whatever the connection throws. */
async function wholeAnswer(one: Try, crossing: Crossing, response: Response): Promise<Tried> {
  const text = await readAnswer(one, crossing, response)
  one.lease.settle({ type: 'success' })
  return { answer: { type: 'whole', text, headers: response.headers } }
}

async function readAnswer(one: Try, crossing: Crossing, response: Response): Promise<string> {
  const { isRelay, codec } = crossing
  if (isEventStream(response)) return encodeWhole(one, await collectStream(response, answerCodec(one, crossing)))
  const text = await readWhole(response)
  // An array is a stream that nobody asked for.
  const isAnswer = isRelay && !/^\s*\[/.test(text)
  return isAnswer ? relayWhole(text, codec, one.trace) : encodeWhole(one, decodeWhole(text, answerCodec(one, crossing)))
}

function encodeWhole(one: Try, answer: ModelResponse): string {
  const { demand, context, trace } = one
  trace.usage = answer.usage
  const carried = carryOpaque(answer, demand.codec.protocol, trace.onLoss)
  return JSON.stringify(demand.codec.encodeResponse(carried, context))
}

/** @throws {Fault} when the answer is a fault after all; whatever the connection throws. */
async function streamAnswer(one: Try, crossing: Crossing, response: Response): Promise<Tried> {
  const { isRelay, codec } = crossing
  const { demand, trace, lease, encoder } = one
  const isJson = contentTypeOf(response).startsWith('application/json')
  const isStream = isEventStream(response) || (isJson && codec.streamsJson === true)
  if (isJson && !isStream) {
    const answer = decodeWhole(await readWhole(response), answerCodec(one, crossing))
    trace.usage = answer.usage
    lease.settle({ type: 'success' })
    const carried = carryOpaque(answer, demand.codec.protocol, trace.onLoss)
    return { answer: wholeAsStream(encodeAsStream(carried, encoder()), response.headers) }
  }
  // What does not say that it is a stream may be anything: the decoder finds out.
  const pump =
    isRelay && isStream && one.giveWay()
      ? createRelayPump(codec, one, trace, editorFor(one, crossing))
      : createTranslatePump(answerCodec(one, crossing), encoder(), trace)
  return await openStream({ response, pump, lease, signal: demand.signal, trace })
}

/** The upstream's codec, whose answers call tools by the client's names for them. */
function answerCodec({ request }: Try, { isRelay, codec }: Crossing): Codec {
  return isRelay ? codec : withToolNames(codec, request())
}

/** What a quirk asked for and the client did not is hidden; the rest is the vendor's affair. */
function editorFor({ trace, context }: Try, { provider }: Crossing): FrameEditor | undefined {
  const hidesUsage = trace.quirks?.includes('include-usage') === true && !context.includeUsage
  return hidesUsage ? (frame) => (isUsageAlone(frame) ? undefined : frame) : provider.streamEditor?.()
}

/** Chat's last chunk, which tells the usage and nothing else: for clients that asked for it. */
function isUsageAlone({ data }: Frame): boolean {
  return data.includes('"usage"') && /"usage"\s*:\s*\{/.test(data) && /"choices"\s*:\s*\[\s*\]/.test(data)
}

function wholeAsStream(text: string, headers: Headers): Answer {
  const pump = { push: () => '', end: () => '', keepAlive: () => '', hasContent: true, isOver: true, fault: undefined }
  return { type: 'stream', head: [text], reader: undefined, pump, headers, close: () => undefined }
}
