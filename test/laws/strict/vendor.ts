import type { Frame } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { Protocol } from '../../../src/ir/protocol.ts'

/** A vendor's API, as picky as its documentation lets one fear: it refuses what any of its models would refuse. */
export interface StrictVendor {
  readonly protocol: Protocol
  readonly model: string
  /** Reads a request. @throws {Refusal} what the API would answer with a 400. */
  check(body: JsonObject): Asked
  /** Answers the request that was checked last, with secrets that nobody has seen before. */
  answer(saying: Saying): Answer
}

/** What a vendor saw in a request. */
export interface Asked {
  /** Of the secrets that it gave away itself, those that came back. */
  readonly secrets: ReadonlySet<string>
  /** Names of the tools that it may call. */
  readonly tools: readonly string[]
}

/** What a vendor is to say. */
export interface Saying {
  /** Pieces of thinking; a vendor that was told not to think has none. */
  readonly thoughts: number
  /** The thinking shows no words. */
  readonly isHidden: boolean
  /** '' for none. */
  readonly text: string
  /** A parallel call each. */
  readonly calls: readonly Called[]
}

export interface Called {
  readonly name: string
  /** JSON text. */
  readonly input: string
}

/** One answer in both of its forms. */
export interface Answer {
  /** What its vendor wants to see again, while the tool round is open. */
  readonly secrets: readonly string[]
  readonly body: JsonObject
  readonly frames: readonly Frame[]
}

/** A 400. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** @throws {Refusal} unless the condition holds. */
export function need(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason)
}

/** @throws {Refusal} naming the first value that stands there twice. */
export function needUnique(values: readonly string[], what: string): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  need(twice === undefined, `${what} ${twice} stands there twice`)
}

/** Texts that nobody can guess and no two of which are alike, in base64 of either alphabet's odd characters. */
export function createSecrets(maker: string): () => string {
  let count = 0
  return () => {
    count++
    return Buffer.from(`${maker} secret ${count} \u00FB\u00FF\u00BE\u00FF?>~`).toString('base64')
  }
}

/** An event whose name is also the type of its data. */
export function eventOf(type: string, fields: JsonObject): Frame {
  return { event: type, data: JSON.stringify({ type, ...fields }) }
}

/** A text in the pieces in which it is streamed. */
export function pieces(text: string): readonly string[] {
  const middle = text.length >> 1
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '')
}
