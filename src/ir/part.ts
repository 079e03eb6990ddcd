import type { JsonObject } from './json.ts'
import type { Extras, Protocol } from './protocol.ts'

/**
 * The pieces a turn is made of.
 *
 * | part        | anthropic                       | openai-chat                         | openai-responses                        | gemini                          |
 * |-------------|---------------------------------|-------------------------------------|-----------------------------------------|---------------------------------|
 * | text        | text                            | content string, text part           | input_text, output_text                 | text                            |
 * | … refusal   | – (stop_reason refusal)         | refusal field or part               | refusal part                            | – (finishReason)                |
 * | media       | image, document                 | image_url, input_audio, file        | input_image, input_file                 | inlineData, fileData            |
 * | reasoning   | thinking, redacted_thinking     | reasoning_content and its dialects  | reasoning item                          | text with thought: true         |
 * | tool-call   | tool_use                        | tool_calls[], legacy function_call  | function_call, custom_tool_call         | functionCall                    |
 * | tool-result | tool_result                     | message of role tool or function    | …_call_output                           | functionResponse                |
 * | opaque      | server tools, compaction, …     | content parts it does not know      | built-in calls, compaction, references  | executableCode, toolCall, …     |
 */
export type Part = TextPart | MediaPart | ReasoningPart | ToolCallPart | ToolResultPart | OpaquePart

/** What every part may carry beside its content. */
export interface PartBase {
  /** Secrets only their maker can read, in the order in which the maker gave them. */
  readonly seals?: readonly Seal[]
  /** The client asked its vendor to cache the prompt up to and including this part. */
  readonly cache?: CachePoint
  readonly extras?: Extras
}

/** Anthropic's `cache_control`; `ttl` in the vendor's words (`5m`, `1h`). */
export interface CachePoint {
  readonly ttl?: string
}

/**
 * A vendor's secret that must come back to it unchanged, or not at all.
 *
 * | maker            | kind              | value                                                                    |
 * |------------------|-------------------|--------------------------------------------------------------------------|
 * | anthropic        | signature         | of the thinking block                                                    |
 * | anthropic        | redacted          | `data` of a redacted_thinking block                                      |
 * | openai-chat      | field             | the message field in which a vendor gave plain reasoning                 |
 * | openai-chat      | details           | JSON text of the vendor's `reasoning_details` array of this part         |
 * | openai-chat      | thought-signature | `extra_content.google.thought_signature` of a tool call                  |
 * | openai-responses | reasoning         | JSON text `{ id, encrypted_content }` of the reasoning item              |
 * | gemini           | thought-signature | `thoughtSignature` of the part                                           |
 * | any of these     | opaque            | JSON text of an opaque part: see `protocols/shared/carry-opaque.ts`       |
 *
 * A seal of another maker than the client's protocol rides inside the client's own opaque field: see
 * `protocols/shared/seal.ts`.
 */
export interface Seal {
  readonly maker: Protocol
  readonly kind: string
  readonly value: string
}

/** Words said by the system, the user or the model. */
export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
  /** True when the model says here that it will not answer. */
  readonly refusal?: boolean
}

export type MediaKind = 'image' | 'audio' | 'video' | 'document'

/** Where a medium's content is. */
export type MediaSource =
  /** Base64 (standard alphabet, no data-URL prefix). `mime` is '' when the client did not say. */
  | { readonly type: 'base64'; readonly mime: string; readonly data: string }
  /** Anything but a `data:` URL. */
  | { readonly type: 'url'; readonly url: string; readonly mime?: string }
  /** Known to the vendor that stored it, and to nobody else. */
  | { readonly type: 'file'; readonly id: string; readonly maker: Protocol }
  /** A plain-text document. */
  | { readonly type: 'text'; readonly text: string; readonly mime?: string }

/** An image, a sound, a film or a document. */
export interface MediaPart extends PartBase {
  readonly type: 'media'
  readonly kind: MediaKind
  readonly source: MediaSource
  /** File name or title. */
  readonly name?: string
}

/** The model's thinking: '' when the vendor shows nothing but a seal. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
}

/** A tool the client is to run. What the vendor ran itself is opaque. */
export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call'
  /** '' when the protocol has no ids. */
  readonly id: string
  readonly name: string
  /** `function`: input is JSON text. `custom`: input is free text. */
  readonly kind: ToolKind
  /** Untouched text; '' means no arguments. It is not valid JSON when the model was cut short. */
  readonly input: string
  /** Responses' namespace of the tool. */
  readonly namespace?: string
}

export type ToolKind = 'function' | 'custom'

/** What a tool answered; lives in a user turn. */
export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result'
  /** Id of the call, '' when the protocol has none. */
  readonly callId: string
  /** Name of the tool, where the protocol says it. */
  readonly name?: string
  readonly kind: ToolKind
  readonly content: readonly ToolResultContent[]
  readonly isError?: boolean
}

export type ToolResultContent = TextPart | MediaPart | OpaquePart

/** What only one protocol has a word for; every other encoder leaves it out and reports the loss. */
export interface OpaquePart extends PartBase {
  readonly type: 'opaque'
  readonly protocol: Protocol
  /** The wire form, whole. */
  readonly value: JsonObject
}
