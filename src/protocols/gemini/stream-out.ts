import type { AnswerContext, StreamEncoder } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'

export function streamEncoder(_context: AnswerContext): StreamEncoder {
  throw new Fault('not-implemented', 'not written yet')
}
