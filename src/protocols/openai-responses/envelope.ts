import type { AnswerContext } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { Usage } from '../../ir/usage.ts'
import { readObject } from '../../lib/json.ts'
import type { Ending } from './finish.ts'
import { writeUsage } from './usage.ts'

/**
 * What a response says of the request where the client said nothing; these are the fields that answers repeat. Nobody
 * stores an answer of another vendor's.
 */
const DEFAULTS: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: false,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

/** A whole answer, all but what is the same for every answer. */
export interface Answer {
  readonly id: string
  readonly ending: Ending
  readonly output: readonly JsonObject[]
  readonly usage: Usage | undefined
  readonly extras: Extras | undefined
}

/** The object of an answer that is over. */
export function writeAnswer({ id, ending, output, usage, extras }: Answer, context: AnswerContext): JsonObject {
  return { ...writeHead(id, context), ...writeEnding(ending, usage), output, ...writeRest(extras, context) }
}

/** The fields that name an answer. */
export function writeHead(id: string, { model, createdAt }: AnswerContext): JsonObject {
  return { id, object: 'response', created_at: createdAt, model }
}

/** The fields that change when an answer ends; one that is not over has no usage. */
export function writeEnding({ status, reason }: Ending, usage: Usage | undefined): JsonObject {
  const isOver = status === 'completed' || status === 'incomplete'
  return {
    status,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    usage: isOver ? writeUsage(usage) : ((usage && writeUsage(usage)) ?? null),
  }
}

/** What the answer repeats of the request, and what a vendor of this protocol said beside its words. */
export function writeRest(extras: Extras | undefined, { asked }: AnswerContext): JsonObject {
  const rest: Record<string, unknown> = {}
  for (const key in DEFAULTS) rest[key] = asked[key] ?? DEFAULTS[key]
  const { text, reasoning } = asked
  rest['text'] = { ...readObject(DEFAULTS['text']), ...readObject(text) }
  rest['reasoning'] = { ...readObject(DEFAULTS['reasoning']), ...readObject(reasoning) }
  return { ...rest, ...extras?.['openai-responses'] }
}

/** Fields as JSON text, and one more whose JSON is known. */
export function jsonWith(fields: JsonObject, key: string, json: string): string {
  const text = JSON.stringify(fields)
  return text === '{}' ? `{"${key}":${json}}` : `${text.slice(0, -1)},"${key}":${json}}`
}
