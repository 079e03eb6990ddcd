import type { Codec, Frame } from '../ir/codec.ts'
import type { ModelResponse } from '../ir/response.ts'
import { carryOpaque } from '../protocols/shared/carry-opaque.ts'
import { withToolNames } from '../protocols/shared/restore-tools.ts'
import { providerFor } from '../providers/index.ts'
import type { FrameEditor } from '../providers/provider.ts'
import type { Tried } from './answer.ts'
import { answerWithCompaction } from './compact.ts'
import { openStream } from './open-stream.ts'
import { createRelayPump, relayWhole } from './relay.ts'
import { answering, withSecret } from './secret.ts'
import { collectStream, createTranslatePump, decodeWhole, streamOf } from './translate.ts'
import { crossingFor, upstreamRequest, type Crossing, type Try } from './try.ts'
import { asksToCompact } from './summary.ts'
import { askUpstream, contentTypeOf, isEventStream, readWhole } from './upstream.ts'

/** One account's answer to a demand. @throws {Fault} what no other account would do better. */
export function generateByAccount(one: Try): Promise<Tried> {
  return withSecret(one, (secret) => generateWith(one, secret))
}

async function generateWith(one: Try, secret: string): Promise<Tried> {
  const { demand, trace, lease } = one
  const provider = providerFor(lease.candidate.account, demand.codec.protocol)
  if (provider.compactUrl === undefined && asksToCompact(one)) return await answerWithCompaction(one, secret)
  const crossing = crossingFor(one, 'generate', secret)
  const request = upstreamRequest(one, crossing)
  const askedAt = performance.now()
  const response = await askUpstream(request)
  trace.timings.upstream += performance.now() - askedAt
  if ('fault' in response) return response
  const read = demand.stream ? readStream : readWholeAnswer
  return await answering(one, secret, read(one, crossing, response))
}

/** @throws {Fault} when the answer is a fault after all; whatever the connection throws. */
async function readWholeAnswer(one: Try, crossing: Crossing, response: Response): Promise<Tried> {
  const text = isEventStream(response)
    ? encodeWhole(one, await collectStream(response, answerCodec(one, crossing)))
    : wholeText(one, crossing, await readWhole(response))
  one.lease.settle({ type: 'success' })
  return { answer: { type: 'whole', text, headers: response.headers } }
}

/** The client's answer, from the text of the upstream's. @throws {Fault} when it is a fault after all. */
function wholeText(one: Try, crossing: Crossing, text: string): string {
  const { isRelay, codec } = crossing
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

/** Rejects with the fault when the answer is one after all; with whatever the connection throws. */
function readStream(one: Try, crossing: Crossing, response: Response): Promise<Tried> {
  const { isRelay, codec } = crossing
  const { demand, trace, lease, encoder } = one
  const isJson = contentTypeOf(response).startsWith('application/json')
  const isStream = isEventStream(response) || (isJson && codec.streamsJson === true)
  if (isJson && !isStream) return readAsStream(one, crossing, response)
  // What does not say that it is a stream may be anything: the decoder finds out.
  const pump =
    isRelay && isStream && one.giveWay()
      ? createRelayPump(codec, one, trace, editorFor(one, crossing))
      : createTranslatePump(answerCodec(one, crossing), encoder(), trace)
  return openStream({ response, pump, lease, signal: demand.signal, trace })
}

/** The stream of a whole answer, where none came. */
async function readAsStream(one: Try, crossing: Crossing, response: Response): Promise<Tried> {
  const { demand, trace, lease, encoder } = one
  const answer = decodeWhole(await readWhole(response), answerCodec(one, crossing))
  trace.usage = answer.usage
  lease.settle({ type: 'success' })
  const carried = carryOpaque(answer, demand.codec.protocol, trace.onLoss)
  return { answer: streamOf(carried, encoder(), response.headers) }
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
