import type { Codec, Frame } from '../ir/codec.ts'
import { Fault } from '../ir/fault.ts'
import { parseObject } from '../lib/json.ts'
import { spliceFields } from '../lib/json-scan.ts'
import { createSseReader, writeSse } from '../lib/sse.ts'
import { createEventCutter, joinLineEnds } from '../lib/whole-events.ts'
import type { Call, FrameEditor, Provider } from '../providers/provider.ts'
import type { Pump, Writer } from './answer.ts'
import type { Demand } from './demand.ts'
import { createPrompter } from './prompter.ts'
import { quirkFields } from './quirk-fields.ts'
import type { Trace } from './trace.ts'
import { createTranslatePump } from './translate.ts'

/** The client's own bytes, with the model and what the provider's quirks want spliced in. */
export function relayBody(demand: Demand, upstreamModel: string, provider: Provider, call: Call, trace: Trace): string {
  const quirks = quirkFields(demand.fields, provider, call, trace, demand)
  const { model: named } = demand.fields
  const isRenamed = demand.model !== upstreamModel && named !== undefined
  if (!isRenamed) return quirks ? spliceFields(demand.text, quirks) : demand.text
  // Gemini's bodies need no model; where one is there, it is a path.
  const model =
    typeof named === 'string' && named === `models/${demand.model}` ? `models/${upstreamModel}` : upstreamModel
  return spliceFields(demand.text, { model, ...quirks })
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
  const { fault, hasContent } = tap.seen
  if (fault) throw fault
  if (!hasContent) throw new Fault('upstream', 'The upstream answered 200 with a JSON object that is no answer.')
  trace.usage = tap.seen.usage
  return text
}

/**
 * Forwards the bytes of a stream and reads along. Only whole events are forwarded, so that the fault of a stream that
 * breaks in the middle of one can still be told.
 *
 * @param edit what of the events is not the client's to see, or otherwise.
 */
export function createRelayPump(codec: Codec, { context, encoder }: Writer, trace: Trace, edit?: FrameEditor): Pump {
  const sse = createSseReader()
  const tap = codec.tap()
  const { seen } = tap
  const cutter = createEventCutter()
  const join = edit && joinLineEnds()
  const prompter = createPrompter(codec, context)
  /** Events whose bytes are kept back although they are whole: none, but for rare ends of lines. */
  let held: readonly Frame[] = []
  let fault: Fault | undefined
  let hasEnded = false
  const fail = (cause: Fault): string => {
    fault = cause
    return prompter.fault(cause)
  }
  /** All that came is what stands at the end: a whole answer in the place of a stream, perhaps, which only a decoder reads. */
  const endUntold = (frames: readonly Frame[]): string => {
    const pump = createTranslatePump(codec, encoder(), trace)
    const text = pump.push(Buffer.from(frames.map(writeSse).join(''))) + pump.end()
    fault = pump.fault
    return text
  }
  const isOver = (): boolean => seen.isOver || fault !== undefined || hasEnded
  return {
    push(arrived) {
      const bytes = join ? join(arrived) : arrived
      let frames: readonly Frame[]
      try {
        frames = sse.push(bytes)
        for (const frame of frames) tap.pushFrame(frame)
      } catch (error) {
        return fail(new Fault('upstream', 'The upstream sent an event that is too large.', { cause: error }))
      }
      prompter.open(frames[0])
      trace.usage = seen.usage
      fault = seen.fault
      if (seen.isOver && !seen.hasContent && !fault) return fail(new Fault('upstream', SILENT))
      if (sse.isArray) return writeFrames(editFrames(frames, edit))
      const whole = cutter.push(bytes)
      if (held.length > 0) frames = [...held, ...frames]
      held = whole.byteLength === 0 ? frames : NO_FRAMES
      if (!edit || held === frames) return whole
      const shown = editFrames(frames, edit)
      return shown === frames ? whole : writeFrames(shown)
    },
    end(cause) {
      hasEnded = true
      const frames = cause === undefined ? sse.end().filter(isWhole) : []
      if (!seen.hasContent && frames.length > 0) return endUntold(frames)
      for (const frame of frames) tap.pushFrame(frame)
      trace.usage = seen.usage
      fault ??= seen.fault
      if (fault === undefined && !seen.isComplete) return fail(new Fault('upstream', BROKE_OFF, { cause }))
      return writeFrames(editFrames([...held, ...frames], edit))
    },
    keepAlive: () => (isOver() ? '' : prompter.keepAlive()),
    get hasContent() {
      return seen.hasContent
    },
    get isOver() {
      return isOver()
    },
    get fault() {
      return fault
    },
  }
}

const SILENT = 'The upstream ended its answer without saying anything.'
const BROKE_OFF = 'The upstream broke off its answer before it was complete.'
const NO_FRAMES: readonly Frame[] = []

/** The very same list when nothing in it changes. */
function editFrames(frames: readonly Frame[], edit: FrameEditor | undefined): readonly Frame[] {
  if (!edit) return frames
  let edited: Frame[] | undefined
  for (const [at, frame] of frames.entries()) {
    const shown = edit(frame)
    if (shown !== frame) edited ??= frames.slice(0, at)
    if (shown) edited?.push(shown)
  }
  return edited ?? frames
}

function writeFrames(frames: readonly Frame[]): string {
  return frames.map(writeSse).join('')
}

/** False for an event that was cut off: the end of a stream completes none. */
function isWhole({ data }: Frame): boolean {
  return data.trim() === '[DONE]' || parseObject(data) !== undefined
}
