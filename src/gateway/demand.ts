import type { Codec } from '../ir/codec.ts'
import type { JsonObject } from '../ir/json.ts'
import { presentFields } from '../lib/json.ts'
import { spliceFields, type Span } from '../lib/json-scan.ts'

/** What one client asked for, its body parsed once and its bytes kept. */
export interface Demand {
  /** What the client speaks. An endpoint with an older form of its protocol has a codec of its own. */
  readonly codec: Codec
  /** The body as the client wrote it, decompressed. */
  readonly text: string
  /** The body's fields; of a large body without those whose values are long. */
  readonly fields: JsonObject
  /** Where in the text the fields stand whose values are long. */
  readonly longFields?: ReadonlyMap<string, Span>
  /** The whole body, parsed. @throws {Fault} invalid-request when a large body is none after all. */
  readonly whole: () => JsonObject
  /** The model's name as the client wrote it. */
  readonly model: string
  readonly stream: boolean
  readonly headers: Headers
  /** The proxy's key that the client showed; '' where none is wanted. */
  readonly client: string
  /** What an answer repeats of the request, where that is not what `fields` has. */
  readonly asked?: JsonObject
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal
}

/** The demand with other top-level fields in its body; one that is set to undefined is taken out. @throws {Fault} as `whole` */
export function withFields(demand: Demand, changes: JsonObject): Demand {
  const body = presentFields({ ...demand.whole(), ...changes }) ?? {}
  // Where the long fields stood, they stand no more.
  return { ...demand, text: spliceFields(demand.text, changes), fields: body, longFields: undefined, whole: () => body }
}
