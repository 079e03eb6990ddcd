import type { JsonObject } from '../../ir/json.ts'
import type { Extras } from '../../ir/protocol.ts'
import { readObject } from '../../lib/json.ts'

/** Fields of a request that both of OpenAI's protocols have, by the same name and with the same meaning. */
const ALIKE = [
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'moderation',
] as const

/** OpenAI's own models; other vendors of its Chat protocol refuse fields that they do not know. */
const OPENAI_MODELS = /(?:^|\/)(?:gpt-|chatgpt-|o[1-9](?:-|$)|codex)/

/** True for a model of OpenAI's own, by its name. @see https://platform.openai.com/docs/models */
export function isOpenaiModel(model: string): boolean {
  return OPENAI_MODELS.test(model)
}

/** What a sister protocol's fields become here, and which of them that was. */
export interface SisterFields {
  readonly fields: JsonObject
  /** For `text` in Responses, for the body in Chat. */
  readonly verbosity: unknown
  /** By the names that the sister has. */
  readonly carried: JsonObject
}

/** The fields that a Chat client's request has for Responses too. */
export function responsesFieldsFrom(extras: Extras | undefined): SisterFields {
  const chat = extras?.['openai-chat']
  if (!chat) return NONE
  const { verbosity, metadata } = chat
  const fields = { ...alikeOf(chat), metadata }
  return { fields, verbosity, carried: { ...fields, verbosity } }
}

/**
 * The fields that a Responses client's request has for Chat too; but for metadata, which only who wants them sends,
 * only for OpenAI's own models.
 */
export function chatFieldsFrom(extras: Extras | undefined, model: string): SisterFields {
  const responses = extras?.['openai-responses']
  if (!responses) return NONE
  const { metadata, text } = responses
  if (!isOpenaiModel(model)) return { fields: { metadata }, verbosity: undefined, carried: { metadata } }
  const { verbosity, ...others } = readObject(text) ?? {}
  const fields = { ...alikeOf(responses), metadata }
  const isWhole = verbosity !== undefined && Object.keys(others).length === 0
  return { fields, verbosity, carried: isWhole ? { ...fields, text } : fields }
}

const NONE: SisterFields = { fields: {}, verbosity: undefined, carried: {} }

function alikeOf(fields: JsonObject): JsonObject {
  const alike: Record<string, unknown> = {}
  for (const field of ALIKE) if (fields[field] !== undefined) alike[field] = fields[field]
  return alike
}
