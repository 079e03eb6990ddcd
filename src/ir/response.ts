import type { Fault } from './fault.ts'
import type { OpaquePart, MediaPart, ReasoningPart, Seal, TextPart, ToolCallPart, ToolKind } from './part.ts'
import type { Extras, Protocol } from './protocol.ts'
import type { Usage } from './usage.ts'

/** What a model may say. */
export type AnswerPart = TextPart | MediaPart | ReasoningPart | ToolCallPart | OpaquePart

/** One whole answer. Of several choices this is the first; the others are reported as a loss. */
export interface ModelResponse extends ResponseHead {
  readonly parts: readonly AnswerPart[]
  readonly finish: Finish
  /** Absent when the vendor told none. */
  readonly usage?: Usage
}

/** What is known of an answer before it says anything. */
export interface ResponseHead {
  /** The upstream's id of the answer. */
  readonly id?: string
  /** The upstream's name of the model. */
  readonly model?: string
  readonly extras?: Extras
}

/**
 * Why the model stopped.
 *
 * | reason     | anthropic                                | openai-chat               | openai-responses             | gemini              |
 * |------------|------------------------------------------|---------------------------|------------------------------|---------------------|
 * | stop       | end_turn, stop_sequence                  | stop                      | completed                    | STOP                |
 * | length     | max_tokens, model_context_window_exceeded| length                    | incomplete:max_output_tokens | MAX_TOKENS          |
 * | tool-calls | tool_use                                 | tool_calls, function_call | completed with a call        | STOP with a call    |
 * | refusal    | refusal                                  | content_filter            | incomplete:content_filter    | SAFETY, RECITATION …|
 * | other      | pause_turn, compaction                   | any other word            | any other status             | any other word      |
 */
export interface Finish {
  readonly reason: FinishReason
  /** The vendor's own word. */
  readonly raw?: { readonly protocol: Protocol; readonly word: string }
  /** The stop sequence that ended the answer, where the vendor tells it. */
  readonly stopSequence?: string
  readonly extras?: Extras
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'refusal' | 'other'

/**
 * The stream of one answer. The grammar every decoder emits and every encoder relies on:
 *
 *     start? · (part-start · part-delta* · part-end)* · (finish | fault)
 *
 * `start` is missing only before a fault. Parts never overlap, `index` counts up from 0, and nothing follows finish or fault.
 */
export type ModelEvent = StartEvent | PartStartEvent | PartDeltaEvent | PartEndEvent | FinishEvent | FaultEvent

export interface StartEvent extends ResponseHead {
  readonly type: 'start'
  /** What the vendor counted before it answered (Anthropic's message_start); the finish has the last word. */
  readonly usage?: Usage
}

export interface PartStartEvent {
  readonly type: 'part-start'
  readonly index: number
  readonly part: PartHead
}

/** A part's fixed fields. `media` and `opaque` come whole here and have no deltas. */
export type PartHead =
  | { readonly type: 'text'; readonly refusal?: boolean; readonly extras?: Extras }
  | { readonly type: 'reasoning'; readonly extras?: Extras }
  | {
      readonly type: 'tool-call'
      readonly id: string
      readonly name: string
      readonly kind: ToolKind
      readonly namespace?: string
      readonly extras?: Extras
    }
  | MediaPart
  | OpaquePart

export interface PartDeltaEvent {
  readonly type: 'part-delta'
  readonly index: number
  /** More of the text, the reasoning or the call's input. */
  readonly delta: string
}

/** What is only known when the part is complete; `extras` are merged over those of the head. */
export interface PartEndEvent {
  readonly type: 'part-end'
  readonly index: number
  readonly seals?: readonly Seal[]
  readonly extras?: Extras
}

export interface FinishEvent {
  readonly type: 'finish'
  readonly finish: Finish
  readonly usage?: Usage
  /** Merged over those of the start. */
  readonly extras?: Extras
}

export interface FaultEvent {
  readonly type: 'fault'
  readonly fault: Fault
}
