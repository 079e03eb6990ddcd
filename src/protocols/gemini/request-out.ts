import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest } from '../../ir/request.ts'
import { Fault } from '../../ir/fault.ts'

export function encodeRequest(_request: ModelRequest, _onLoss: OnLoss): JsonObject {
  throw new Fault('not-implemented', 'not written yet')
}
