import type { Frame, Stage } from '../../ir/codec.ts'
import type { ModelEvent } from '../../ir/response.ts'
import { Fault } from '../../ir/fault.ts'

export function streamDecoder(): Stage<Frame, ModelEvent> {
  throw new Fault('not-implemented', 'not written yet')
}
