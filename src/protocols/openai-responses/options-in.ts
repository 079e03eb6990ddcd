import type { BoundRequest, OutputFormat, ReasoningRequest, Turn } from '../../ir/request.ts'
import { Fault } from '../../ir/fault.ts'
import { type Fields, isObject, presentFields, readBoolean, readObject, readString, readText } from '../../lib/json.ts'
import { requiredObject } from '../shared/fields.ts'
import { readEffort } from '../shared/openai-options.ts'
import { COMPACTION_TRIGGER } from './compaction.ts'
import { isReference } from './input-in.ts'

/** Fields with several spellings, or more words than the IR has: what the client wrote is kept beside what it means. */
export const SPELT_FIELDS = ['tool_choice', 'user', 'safety_identifier'] as const

/** Under this name the extras keep what asks for no more than every client of another vendor gets. */
export const DEFAULTS_TWIN = '$defaults'

/** That nothing is stored, and that the reasoning comes sealed, is no wish that another vendor would leave unfulfilled. */
export function splitDefaults({ store, include, ...others }: Fields): {
  readonly defaults: Fields | undefined
  readonly others: Fields
} {
  const isUsual = Array.isArray(include) && include.every((name) => name === 'reasoning.encrypted_content')
  return {
    defaults: presentFields({ store: store === false ? store : undefined, include: isUsual ? include : undefined }),
    others: { ...others, store: store === false ? undefined : store, include: isUsual ? undefined : include },
  }
}

export function decodeUser({ safety_identifier, user }: Fields): string | undefined {
  return readText(safety_identifier) ?? readText(user)
}

/** What of a field has a word in the IR, and what is left of it. */
export interface Split<T> {
  readonly read: T | undefined
  readonly unread: Fields
}

/** `text.format`. That the answer is plain text is what every model does unasked. @throws {Fault} invalid-request */
export function decodeText(text: unknown): Split<OutputFormat> {
  if (text === undefined || text === null) return { read: undefined, unread: {} }
  const { format, ...unread } = requiredObject(text, 'text')
  if (format === undefined || format === null) return { read: undefined, unread }
  const fields = requiredObject(format, 'text.format')
  const { type, schema, name, description, strict } = fields
  switch (type) {
    case 'text':
      return { read: undefined, unread }
    case 'json_object':
      return { read: { type: 'json' }, unread }
    case 'json_schema':
      return {
        read: {
          type: 'schema',
          schema: requiredObject(schema, 'text.format.schema'),
          name: readText(name),
          description: readText(description),
          strict: readBoolean(strict),
        },
        unread,
      }
    default:
      return { read: undefined, unread: { ...unread, format: fields } }
  }
}

/** `reasoning`; a word for the effort that nobody knows goes to its own vendor only. */
export function decodeReasoningRequest(reasoning: unknown): Split<ReasoningRequest> {
  if (!isObject(reasoning)) return { read: undefined, unread: {} }
  const { effort, summary, ...unread } = reasoning
  const word = readString(effort)
  const asked = word === undefined ? undefined : readEffort(word)
  const show = readText(summary)
  const others = word !== undefined && !asked ? { ...unread, effort } : unread
  if (!asked && show === undefined) return { read: undefined, unread: others }
  return { read: { ...(asked ?? { mode: 'auto' }), show }, unread: others }
}

/** Fields that name what only the vendor keeps, and what OpenAI says to one that it does not know. */
const KEPT_FIELDS: readonly (readonly [field: string, code: string])[] = [
  ['previous_response_id', 'previous_response_not_found'],
  ['conversation', 'conversation_not_found'],
  ['prompt', 'prompt_not_found'],
]

/** What of the request only its own vendor can know or do; undefined when it says everything itself. */
export function decodeBound(body: Fields, turns: readonly Turn[]): BoundRequest | undefined {
  for (const [field, code] of KEPT_FIELDS)
    if (body[field] !== undefined && body[field] !== null)
      return boundBy(field, code, `what it names is ${ELSEWHERE} Send the whole conversation in input instead.`)
  for (const { parts } of turns) {
    for (const part of parts) {
      if (part.type !== 'opaque') continue
      const { type, id } = part.value
      if (type === COMPACTION_TRIGGER)
        return boundBy(
          'input',
          'unsupported_value',
          'this model takes no compaction_trigger. Ask for a summary in words.',
        )
      if (isReference(part.value))
        return boundBy(
          'input',
          'item_not_found',
          `the item '${readText(id) ?? ''}' that it refers to is ${ELSEWHERE} Send the item itself.`,
        )
    }
  }
  return undefined
}

const ELSEWHERE = "kept by another vendor than this model's."

function boundBy(field: string, code: string, why: string): BoundRequest {
  return {
    protocol: 'openai-responses',
    refusal: new Fault('invalid-request', `${field}: ${why}`, { code, param: field }),
  }
}

/** True when the vendor itself knows a part of the conversation, so that the input need not hold any. */
export function hasStoredState(body: Fields): boolean {
  return KEPT_FIELDS.some(([field]) => readText(body[field]) !== undefined || readObject(body[field]) !== undefined)
}
