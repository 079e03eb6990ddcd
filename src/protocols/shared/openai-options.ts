import type { JsonObject } from '../../ir/json.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { ReasoningRequest, ToolChoice } from '../../ir/request.ts'
import { type Fields, isObject, readObject, readObjects, readText } from '../../lib/json.ts'
import { readLevel } from './effort.ts'
import { invalidField } from './fields.ts'

/** OpenAI's reasoning models, which take other fields than the models before them, and than other vendors'. */
const REASONING_MODELS = /(?:^|\/)(?:o[1-9](?:-|$)|gpt-(?:[5-9]|\d\d)(?:[.-]|$))/

/** True for a reasoning model of OpenAI's own, by its name. @see https://platform.openai.com/docs/models */
export function isOpenaiReasoningModel(model: string): boolean {
  return REASONING_MODELS.test(model)
}

/** OpenAI's words, and Anthropic's and Mistral's for `required`. */
const CHOICE_MODES: ReadonlyMap<unknown, ToolChoice['mode']> = new Map<unknown, ToolChoice['mode']>([
  ['auto', 'auto'],
  ['none', 'none'],
  ['required', 'required'],
  ['any', 'required'],
])

/** A `tool_choice` of either protocol of OpenAI's. @throws {Fault} invalid-request */
export function readToolChoiceValue(value: unknown, path: string): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined
  const mode = CHOICE_MODES.get(value)
  if (mode) return { mode }
  if (!isObject(value))
    throw invalidField(
      path,
      `must be 'auto', 'none', 'required' or an object that names a tool, not ${JSON.stringify(value)}.`,
    )
  const { type, allowed_tools } = value
  const plain = CHOICE_MODES.get(type)
  if (plain) return { mode: plain }
  if (type === 'allowed_tools') return readAllowedTools(readObject(allowed_tools) ?? value)
  const name = namedTool(value)
  // A hosted tool cannot be forced elsewhere; that one must be used is what remains.
  return name === undefined ? { mode: 'required' } : { mode: 'required', tools: [name] }
}

function readAllowedTools({ mode, tools }: Fields): ToolChoice {
  const names = readObjects(tools).flatMap((tool) => namedTool(tool) ?? [])
  return { mode: mode === 'required' ? 'required' : 'auto', tools: names.length > 0 ? names : undefined }
}

function namedTool(tool: Fields): string | undefined {
  const { function: called, custom, name } = tool
  const { name: functionName } = readObject(called) ?? {}
  const { name: customName } = readObject(custom) ?? {}
  return readText(functionName) ?? readText(customName) ?? readText(name)
}

/** OpenAI's words for how much to think; undefined for any other. */
export function readEffort(word: string): ReasoningRequest | undefined {
  const lower = word.toLowerCase()
  if (lower === 'none') return { mode: 'off' }
  if (lower === 'auto' || lower === 'adaptive') return { mode: 'auto' }
  const level = readLevel(lower)
  return level && { mode: 'on', level }
}

/** The name that OpenAI demands of an answer's schema, in its alphabet. */
export function schemaNameFor(name: string | undefined): string {
  return (name ?? '').replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'answer'
}

/** OpenAI wants a tool's schema to be an object with properties at the top, even when there are none. */
export function topSchemaFor(schema: JsonObject): JsonObject {
  const { type, properties } = schema
  const isWhole = type === undefined ? false : type !== 'object' || properties !== undefined
  return isWhole ? schema : { ...schema, type: 'object', properties: properties ?? {} }
}

/** How closely an image is to be looked at, whichever of OpenAI's protocols said so. */
export function imageDetailOf(extras: Extras | undefined): string | undefined {
  const { detail } = extras?.['openai-responses'] ?? extras?.['openai-chat'] ?? {}
  return readText(detail)
}
