import type { JsonObject } from '../../ir/json.ts'
import { Fault } from '../../ir/fault.ts'

export function decodeFault(_status: number, _headers: Headers, _body: string): Fault {
  throw new Fault('not-implemented', 'not written yet')
}

export function encodeFault(_fault: Fault): JsonObject {
  throw new Fault('not-implemented', 'not written yet')
}
