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
  /** Bytes after the last whole event, as they came. */
  let rest: Uint8Array[] = []
  let fault: Fault | undefined
  const fail = (cause: Fault): string => {
    fault = cause
    let text = ''
    for (const frame of codec.streamEncoder(context).push({ type: 'fault', fault: cause })) text += writeSse(frame)
    return text
  }
  /** The bytes up to the last whole event; what follows is kept. */
  const takeWhole = (bytes: Uint8Array): Uint8Array => {
    const end = lastEventEnd(bytes, rest.at(-1))
    if (end === 0) {
      rest.push(bytes)
      return NOTHING
    }
    const whole = end === bytes.byteLength ? bytes : bytes.subarray(0, end)
    const all = rest.length === 0 ? whole : Buffer.concat([...rest, whole])
    if (rest.length > 0 || end < bytes.byteLength) rest = end < bytes.byteLength ? [bytes.slice(end)] : []
    return all
  }
  const writeShown = (frames: readonly Frame[]): string =>
    frames
      .filter((frame) => !isHidden?.(frame))
      .map(writeSse)
      .join('')
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
      const whole = takeWhole(bytes)
      if (!isHidden || !frames.some(isHidden)) return whole
      return writeShown(frames)
    },
    end(cause) {
      const frames = cause === undefined ? sse.end().filter(isWhole) : []
      for (const frame of frames) tap.pushFrame(frame)
      trace.usage = seen.usage
      fault ??= seen.fault
      if (fault === undefined && !seen.isComplete) return fail(new Fault('upstream', BROKE_OFF, { cause }))
      return writeShown(frames)
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

const BROKE_OFF = 'The upstream broke off its answer before it was complete.'
const NOTHING = new Uint8Array(0)

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Index after the last blank line; 0 when there is none. `before` came before these bytes, and belongs to the same event. */
function lastEventEnd(bytes: Uint8Array, before: Uint8Array | undefined): number {
  for (let at = bytes.byteLength - 1; at >= 0; at--) {
    if (bytes[at] !== LINE_FEED) continue
    const last = at > 0 ? bytes[at - 1] : before?.at(-1)
    if (last === LINE_FEED) return at + 1
    const secondLast = at > 1 ? bytes[at - 2] : before?.at(at - 2)
    if (last === CARRIAGE_RETURN && secondLast === LINE_FEED) return at + 1
  }
  return 0
}

/** False for an event that was cut off: the end of a stream completes none. */
function isWhole({ data }: Frame): boolean {
  return data.trim() === '[DONE]' || parseObject(data) !== undefined
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
