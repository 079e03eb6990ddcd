import type { OutputFormat, ReasoningRequest, ToolChoice } from '../../ir/request.ts'
import { type Fields, isObject, readBoolean, readNumber, readObject, readString, readText } from '../../lib/json.ts'
import { invalidField, kindOf, optionalList, optionalNumber, requiredObject } from '../shared/fields.ts'
import { readEffort, readToolChoiceValue } from '../shared/openai-options.ts'

/** Fields with several spellings: what the client wrote is kept beside what it means. */
export const SPELT_FIELDS = [
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'user',
  'safety_identifier',
  'response_format',
  'reasoning_effort',
  'reasoning',
  'thinking',
  'enable_thinking',
] as const

/** OpenAI's newer word first; what is not above 0 means no limit to some servers. @throws {Fault} invalid-request */
export function readLimit({ max_completion_tokens, max_tokens }: Fields): number | undefined {
  const limit =
    optionalNumber(max_completion_tokens, 'max_completion_tokens') ?? optionalNumber(max_tokens, 'max_tokens')
  return limit !== undefined && limit > 0 ? limit : undefined
}

/** @throws {Fault} invalid-request */
export function readStop({ stop }: Fields): readonly string[] | undefined {
  if (typeof stop === 'string') return stop === '' ? undefined : [stop]
  const list = optionalList(stop, 'stop')
  if (!list || list.length === 0) return undefined
  const words = list.map((word, at) => {
    if (typeof word !== 'string') throw invalidField(`stop.${at}`, `must be a string, not ${kindOf(word)}.`)
    return word
  })
  return words.filter((word) => word !== '')
}

export function readUser({ safety_identifier, user }: Fields): string | undefined {
  return readText(safety_identifier) ?? readText(user)
}

/** @throws {Fault} invalid-request */
export function readFormat({ response_format }: Fields): OutputFormat | undefined {
  if (response_format === undefined || response_format === null) return undefined
  const { type, json_schema, schema: outerSchema } = requiredObject(response_format, 'response_format')
  if (type === 'text') return { type: 'text' }
  if (type !== 'json_object' && type !== 'json_schema') {
    throw invalidField(
      'response_format.type',
      `must be 'text', 'json_object' or 'json_schema', not ${JSON.stringify(type)}.`,
    )
  }
  // Together and llama.cpp take the schema beside json_object.
  const inner = readObject(json_schema) ?? { schema: outerSchema }
  const { schema, name, description, strict } = inner
  if (!isObject(schema)) return { type: 'json' }
  return {
    type: 'schema',
    schema,
    name: readText(name),
    description: readText(description),
    strict: readBoolean(strict),
  }
}

/** OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, the `thinking` of DeepSeek, Kimi and GLM, Qwen's `enable_thinking`. */
export function readReasoning({
  reasoning_effort,
  reasoning,
  thinking,
  enable_thinking,
}: Fields): ReasoningRequest | undefined {
  const word = readString(reasoning_effort)
  if (word !== undefined) return readEffort(word)
  const { effort, max_tokens, enabled, exclude, summary } = readObject(reasoning) ?? {}
  const show = exclude === true ? 'hidden' : readText(summary)
  const asked = readAsked(enabled, effort, max_tokens)
  if (asked) return show === undefined ? asked : { ...asked, show }
  const { type, budget_tokens, effort: level } = readObject(thinking) ?? {}
  if (type === 'disabled' || enable_thinking === false) return { mode: 'off' }
  const found = readAsked(undefined, level, budget_tokens)
  if (found) return found
  return type === 'enabled' || type === 'adaptive' || enable_thinking === true ? { mode: 'auto' } : undefined
}

function readAsked(enabled: unknown, effort: unknown, budget: unknown): ReasoningRequest | undefined {
  if (enabled === false) return { mode: 'off' }
  const said = typeof effort === 'string' ? readEffort(effort) : undefined
  if (said) return said
  const budgetTokens = readNumber(budget)
  if (budgetTokens === undefined) return enabled === true ? { mode: 'auto' } : undefined
  if (budgetTokens === 0) return { mode: 'off' }
  return budgetTokens < 0 ? { mode: 'auto' } : { mode: 'on', budgetTokens }
}

/** `tool_choice`, or the older `function_call`. @throws {Fault} invalid-request */
export function readToolChoice({ tool_choice, function_call }: Fields): ToolChoice | undefined {
  return readToolChoiceValue(tool_choice, 'tool_choice') ?? readToolChoiceValue(function_call, 'function_call')
}
