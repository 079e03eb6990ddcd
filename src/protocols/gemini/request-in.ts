import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest } from '../../ir/request.ts'
import { Fault } from '../../ir/fault.ts'

export function decodeRequest(_body: JsonObject): ModelRequest {
  throw new Fault('not-implemented', 'not written yet')
}
