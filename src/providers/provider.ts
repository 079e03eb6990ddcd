import type { Frame, OnLoss } from '../ir/codec.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Protocol } from '../ir/protocol.ts'

/** A vendor as data: a protocol, where to send it, with which headers, and what it wants otherwise than its protocol says. */
export interface Provider {
  /** Key of the table in `providers/index.ts`, and the word in logs. */
  readonly id: string
  /** Its name for people. */
  readonly title: string
  readonly protocol: Protocol
  /** Whole URL of a call. */
  url(call: Call): string
  /** Headers of a call, names in lower case, without content-type. */
  headers(call: Call): Record<string, string>
  readonly quirks: readonly Quirk[]
  /** Puts the body of a request, quirks and all, into an envelope of the vendor's; such a request is never relayed, and `countBody` makes the one of a count. */
  wrap?(body: JsonObject, call: Call): JsonObject
  /** The upstream answers only with streams. */
  readonly streamsOnly?: boolean
  /** It takes no tools but functions: neither namespaces of them nor free-text tools. */
  readonly plainTools?: boolean
  /** It keeps no answer that a later request could name. */
  readonly storesNothing?: boolean
  /** The upstream is known to count tokens; whose client asks in its own words to count is forwarded anyway. */
  countsTokens?(call: Call): boolean
  /** The upstream has no endpoint that counts: nobody is forwarded there. */
  readonly neverCounts?: boolean
  /** The body of a count, made of a request; undefined when that can go as it is. */
  countBody?(body: JsonObject, call: Call): JsonObject | undefined
  /**
   * Whole URL of a compaction, where the upstream may have one: Responses' `/responses/compact`. Who has none does not
   * know the item either that asks for a compaction in place of an answer.
   */
  compactUrl?(call: Call): string
  /** What the body of a compaction wants otherwise. */
  readonly compactQuirks?: readonly Quirk[]
  /** Answers inside this process, in place of a request to `url`. */
  answer?(body: string, signal: AbortSignal): Response
  /** The status that a refusal means, where the vendor says another. */
  statusFor?(status: number, body: string): number
  /** What changes the events of one relayed stream, before the client sees them. */
  streamEditor?(): FrameEditor
  /** The model that may take the place of one whose quota is used up, on the same account; undefined for none. */
  standInFor?(model: string): string | undefined
  /** The models in the answer of the upstream's models endpoint; absent: it has none. */
  readModels?(body: unknown): readonly ListedModel[]
}

/** What a provider may know of one call. */
export interface Call {
  readonly operation: 'generate' | 'count-tokens' | 'list-models'
  readonly stream: boolean
  /** The upstream's name of the model; '' when listing. */
  readonly model: string
  readonly baseUrl: string
  /** The account's key, or the token of its login. */
  readonly secret: string
  /** What is known of a login beside its token; see `AccountFacts`. */
  readonly facts: Facts
  /** The client's own headers, where it speaks the upstream's protocol; none otherwise. */
  readonly clientHeaders: Headers
}

/** The event as the client is to see it: the same one when it stays as it is, undefined when it is not for the client. */
export type FrameEditor = (frame: Frame) => Frame | undefined

/** Of the shape of `AccountFacts`. */
export interface Facts {
  readonly [name: string]: string | undefined
}

/** A named departure of one vendor from its protocol, as top-level fields of the request body. */
export interface Quirk {
  /** Kebab-case: a log line says which ones ran. */
  readonly name: string
  /**
   * The fields to set, undefined when the quirk has nothing to say to this body. A field that is set to undefined is
   * taken out.
   *
   * @param body of a large one that is relayed, without the fields whose values are long.
   */
  fields(body: JsonObject, call: Call, source: QuirkSource): JsonObject | undefined
}

/** What a quirk has beside the short fields of a body. */
export interface QuirkSource {
  /** The JSON of a field that is there and too long to stand among the others; undefined for any other. */
  readonly longText: (name: string) => string | undefined
  /** Takes what the client asked for and does not get. */
  readonly onLoss: OnLoss
}

/** One entry of an upstream's model list. */
export interface ListedModel {
  readonly name: string
  /** What clients call it, where that is another word. */
  readonly alias?: string
  readonly displayName?: string
  readonly contextTokens?: number
  readonly outputTokens?: number
  /** Unix time in seconds. */
  readonly createdAt?: number
}
