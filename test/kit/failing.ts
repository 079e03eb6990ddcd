import type { Protocol } from '../../src/ir/protocol.ts'
import { beginningOf, errorEvent } from './answers.ts'
import type { Script } from './upstream.ts'

/** What a promise rejects with; undefined when it does not. */
export async function thrownBy(asked: Promise<unknown>): Promise<unknown> {
  return await asked.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** A stream that begins well and then says that the vendor is too busy. */
export function failingStream(vendor: Protocol): Script {
  return endingAfter(beginningOf(vendor).join('') + errorEvent(vendor, 'overloaded_error', 'Too busy'))
}

/** A stream that begins well and ends without its end. */
export function brokenStream(vendor: Protocol): Script {
  return endingAfter(beginningOf(vendor).join(''))
}

function endingAfter(text: string): Script {
  return async (call) => {
    call.open()
    await call.write(text)
    call.end()
  }
}
