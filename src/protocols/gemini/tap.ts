import type { Tap } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'

export function tap(): Tap {
  throw new Fault('not-implemented', 'not written yet')
}
