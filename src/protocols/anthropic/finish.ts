import type { Finish, FinishReason } from '../../ir/response.ts'
import { presentFields, readText, type Fields } from '../../lib/json.ts'

/** @see https://docs.claude.com/en/api/handling-stop-reasons */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'refusal'],
  ['sensitive', 'refusal'],
])

/** The three fields in which an answer says why it stopped, and what else stands beside them. */
export interface StopFields {
  readonly stop_reason?: unknown
  readonly stop_sequence?: unknown
  readonly stop_details?: unknown
}

/** `hasCall`: a compatible server that names no reason ended with a call or without one. */
export function decodeFinish({ stop_reason, stop_sequence, stop_details }: StopFields, hasCall: boolean): Finish {
  const word = readText(stop_reason)
  const details = presentFields({ stop_details: stop_details ?? undefined })
  const extras = details && { anthropic: details }
  const stopSequence = readText(stop_sequence)
  if (word === undefined) return { reason: hasCall ? 'tool-calls' : 'stop', stopSequence, extras }
  return { reason: REASONS.get(word) ?? 'other', raw: { protocol: 'anthropic', word }, stopSequence, extras }
}

/** `hasCall`: the answer holds a call that the client has to run, which no other word than tool_use makes it do. */
export function encodeFinish({ reason, raw, stopSequence, extras }: Finish, hasCall: boolean): Fields {
  const word = raw?.protocol === 'anthropic' ? raw.word : stopWord(reason, stopSequence, hasCall)
  return { stop_reason: word, stop_sequence: stopSequence ?? null, ...extras?.anthropic }
}

function stopWord(reason: FinishReason, stopSequence: string | undefined, hasCall: boolean): string {
  switch (reason) {
    case 'length':
      return 'max_tokens'
    case 'refusal':
      return 'refusal'
    case 'stop':
    case 'tool-calls':
    case 'other':
      if (hasCall) return 'tool_use'
      return stopSequence === undefined ? 'end_turn' : 'stop_sequence'
  }
}
