import type { Fault } from './fault.ts'
import type { JsonObject } from './json.ts'
import type { CachePoint, Part, ToolKind } from './part.ts'
import type { Extras, Protocol } from './protocol.ts'

/**
 * One question to a model. A missing field means that the client did not say.
 *
 * | field     | anthropic                      | openai-chat                       | openai-responses            | gemini                        |
 * |-----------|--------------------------------|-----------------------------------|-----------------------------|-------------------------------|
 * | system    | system                         | leading system and developer      | instructions, leading       | systemInstruction             |
 * |           |                                | messages                          | system and developer items  |                               |
 * | turns     | messages                       | messages                          | input                       | contents                      |
 * | tools     | tools with an input_schema     | tools, functions                  | tools (function, custom)    | functionDeclarations          |
 * | hosted    | every other tool               | every other tool                  | every other tool            | every other tool              |
 * | format    | output_config.format,          | response_format                   | text.format                 | responseMimeType and schemas  |
 * |           | output_format                  |                                   |                             |                               |
 * | reasoning | thinking, output_config.effort | reasoning_effort and dialects     | reasoning                   | thinkingConfig                |
 * | user      | metadata.user_id               | safety_identifier, user           | safety_identifier, user     | –                             |
 */
export interface ModelRequest {
  /** As the client wrote it, thinking suffix and prefix included. */
  readonly model: string
  readonly stream: boolean
  /** The system prompt: one turn per message that the client wrote, all of role `system`. */
  readonly system: readonly Turn[]
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  /** Tools that a vendor runs itself. */
  readonly hosted: readonly HostedTool[]
  readonly toolChoice?: ToolChoice
  /** False: at most one tool call per answer. */
  readonly parallelTools?: boolean
  readonly format?: OutputFormat
  readonly reasoning?: ReasoningRequest
  readonly sampling: Sampling
  /** The end user's opaque id. */
  readonly user?: string
  /** The vendor's own memory that the request builds on, if it does. */
  readonly bound?: BoundRequest
  readonly extras?: Extras
}

/**
 * A request that means something only to an upstream of the client's protocol, because the vendor keeps a part of it:
 * Responses' `previous_response_id`, Gemini's `cachedContent`. The field itself stays in the extras.
 */
export interface BoundRequest {
  readonly protocol: Protocol
  /** What every other protocol's encoder throws, in words that help the client's user. */
  readonly refusal: Fault
}

/** A message. Turns need not alternate: neighbours of one role are kept apart, as the client wrote them. */
export interface Turn {
  /** `system` inside `turns` is a system message in mid-conversation. Tool results are parts of user turns. */
  readonly role: 'system' | 'user' | 'assistant'
  readonly parts: readonly Part[]
  readonly extras?: Extras
}

/** A function (or free-text tool) that the client runs. */
export interface Tool {
  readonly kind: ToolKind
  readonly name: string
  readonly description?: string
  /** JSON Schema of the input; absent for a custom tool or when the client gave none. */
  readonly schema?: JsonObject
  readonly strict?: boolean
  /** Grammar of a custom tool's free text, as the wire has it. */
  readonly grammar?: JsonObject
  /** Responses' namespace of the tool. */
  readonly namespace?: string
  readonly cache?: CachePoint
  readonly extras?: Extras
}

/** A tool that only one vendor's servers know. */
export interface HostedTool {
  readonly protocol: Protocol
  /** The wire form, whole. */
  readonly value: JsonObject
}

/** `tools` narrows `auto` or `required` to some names; `required` with one name forces that tool. */
export interface ToolChoice {
  readonly mode: 'auto' | 'none' | 'required'
  readonly tools?: readonly string[]
}

/** `json`: any JSON. `schema`: JSON of this shape. */
export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'schema'
      readonly schema: JsonObject
      readonly name?: string
      readonly description?: string
      readonly strict?: boolean
    }

export type EffortLevel = 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** How much the model is asked to think. */
export interface ReasoningRequest {
  /** `off`: not at all. `auto`: as it likes. `on`: by `level` or `budgetTokens`, one or both. */
  readonly mode: 'off' | 'auto' | 'on'
  readonly level?: EffortLevel
  readonly budgetTokens?: number
  /** What the client wants to see of it: nothing, or a summary in the vendor's word (`auto`, `detailed`, `summarized`). */
  readonly show?: 'hidden' | (string & {})
}

export interface Sampling {
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly stop?: readonly string[]
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
}
