import type { Codec } from '../ir/codec.ts'
import type { JsonObject } from '../ir/json.ts'

/** What one client asked for, its body parsed once and its bytes kept. */
export interface Demand {
  /** What the client speaks. An endpoint with an older form of its protocol has a codec of its own. */
  readonly codec: Codec
  /** The body as the client wrote it, decompressed. */
  readonly text: string
  readonly body: JsonObject
  /** The model's name as the client wrote it. */
  readonly model: string
  readonly stream: boolean
  readonly headers: Headers
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal
}
