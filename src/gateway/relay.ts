import type { AnswerContext, Codec, Frame } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { parseObject, spliceFields } from '../lib/json.ts'
import { createSseReader, writeSse } from '../lib/sse.ts'
import type { Call, Provider } from '../providers/provider.ts'
import type { Pump } from './answer.ts'
import type { Demand } from './demand.ts'
import type { Trace } from './trace.ts'

/** The client's own bytes, with the model and what the provider's quirks want spliced in. */
export function relayBody(demand: Demand, upstreamModel: string, provider: Provider, call: Call, trace: Trace): string {
  const edits: Record<string, unknown> = {}
  if (demand.model !== upstreamModel && demand.body['model'] !== undefined) edits['model'] = upstreamModel
  for (const quirk of provider.quirks) {
    const fields = quirk.fields(demand.body, call)
    if (!fields) continue
    Object.assign(edits, fields)
    trace.quirks.push(quirk.name)
  }
  return Object.keys(edits).length === 0 ? demand.text : spliceFields(demand.text, edits)
}

/**
 * A whole answer that goes on as it is.
 *
 * @throws {Fault} when it is no JSON object, or a fault under a status of 200.
 */
export function relayWhole(text: string, codec: Codec, trace: Trace): string {
  const body = parseObject(text)
  if (!body) throw new Fault('upstream', 'The upstream answered 200 with a body that is no JSON object.')
  const tap = codec.tap()
  tap.pushBody(body)
  if (tap.seen.fault) throw tap.seen.fault
  trace.usage = tap.seen.usage
  return text
}

/**
 * Forwards the bytes of a stream and reads along. Only whole events are forwarded, so that the fault of a stream that
 * breaks in the middle of one can still be told.
 *
 * @param isHidden says which events are not the client's: what a quirk asked for and the client did not.
 */
export function createRelayPump(
  codec: Codec,
  context: AnswerContext,
  trace: Trace,
  isHidden?: (frame: Frame) => boolean,
): Pump {
  const sse = createSseReader()
  const tap = codec.tap()
  const { seen } = tap
  /** Bytes after the last whole event. */
  let rest: Uint8Array | undefined
  let fault: Fault | undefined
  const fail = (cause: Fault): string => {
    fault = cause
    let text = ''
    for (const frame of codec.streamEncoder(context).push({ type: 'fault', fault: cause })) text += writeSse(frame)
    return text
  }
  return {
    push(bytes) {
      let frames: readonly Frame[]
      try {
        frames = sse.push(bytes)
        for (const frame of frames) tap.pushFrame(frame)
      } catch (error) {
        return fail(new Fault('upstream', 'The upstream sent an event that is too large.', { cause: error }))
      }
      trace.usage = seen.usage
      fault = seen.fault
      const all = rest === undefined ? bytes : Buffer.concat([rest, bytes])
      const end = lastEventEnd(all)
      rest = end === all.byteLength ? undefined : all.slice(end)
      if (isHidden && frames.some(isHidden))
        return frames
          .filter((frame) => !isHidden(frame))
          .map(writeSse)
          .join('')
      return end === all.byteLength ? all : all.subarray(0, end)
    },
    end(cause) {
      for (const frame of cause === undefined ? sse.end() : []) tap.pushFrame(frame)
      trace.usage = seen.usage
      fault ??= seen.fault
      if (seen.isComplete) return rest ?? ''
      if (fault) return seen.hasContent && rest ? rest : ''
      return fail(new Fault('upstream', 'The upstream broke off its answer before it was complete.', { cause }))
    },
    get hasContent() {
      return seen.hasContent
    },
    get isOver() {
      return seen.isOver || fault !== undefined
    },
    get fault() {
      return fault
    },
  }
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Index after the last blank line; 0 when there is none. */
function lastEventEnd(bytes: Uint8Array): number {
  for (let at = bytes.byteLength - 1; at > 0; at--) {
    if (bytes[at] !== LINE_FEED) continue
    const before = bytes[at - 1]
    if (before === LINE_FEED || (before === CARRIAGE_RETURN && bytes[at - 2] === LINE_FEED)) return at + 1
  }
  return 0
}

/** The fields that a call's quirks want, over a body that was encoded here. */
export function applyQuirks(body: JsonObject, provider: Provider, call: Call, trace: Trace): JsonObject {
  let patched = body
  for (const quirk of provider.quirks) {
    const fields = quirk.fields(patched, call)
    if (!fields) continue
    patched = { ...patched, ...fields }
    trace.quirks.push(quirk.name)
  }
  return patched
}
