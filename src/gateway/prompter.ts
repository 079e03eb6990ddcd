import type { AnswerContext, Codec, Frame, StreamEncoder } from '../ir/codec.ts'
import type { Fault } from '../ir/fault.ts'
import { encodeFaultEvent, writeKeepAlive } from './translate.ts'

/** Says in a relayed stream what the upstream does not say itself. */
export interface Prompter {
  /** Takes events of the stream; the first one names the answer. */
  open(frame: Frame | undefined): void
  fault(fault: Fault): string
  /** See `Pump.keepAlive`. */
  keepAlive(): string | undefined
}

export function createPrompter(codec: Codec, context: AnswerContext): Prompter {
  let opening: Frame | undefined
  let encoder: StreamEncoder | undefined
  /** Made when there is something to say, which is seldom. */
  const prompted = (): StreamEncoder => {
    if (encoder) return encoder
    encoder = codec.streamEncoder(context)
    const starts = opening ? [...codec.streamDecoder().push(opening)].filter(({ type }) => type === 'start') : []
    // What it says to them is the upstream's to tell, and told.
    for (const start of starts) Array.from(encoder.push(start))
    return encoder
  }
  return {
    open(frame) {
      opening ??= frame
    },
    fault: (fault) => encodeFaultEvent(fault, prompted()),
    keepAlive: () => writeKeepAlive(prompted()),
  }
}
