import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest, Turn } from '../../ir/request.ts'
import { type Fields, presentFields, readBoolean, readText } from '../../lib/json.ts'
import { invalidField, kindOf, optionalBoolean, optionalNumber } from '../shared/fields.ts'
import { SPELLING } from '../shared/spelling.ts'
import { ownExtras } from './fields.ts'
import { decodeInput } from './input-in.ts'
import {
  decodeBound,
  decodeReasoningRequest,
  decodeText,
  decodeUser,
  DEFAULTS_TWIN,
  hasStoredState,
  SPELT_FIELDS,
  splitDefaults,
} from './options-in.ts'
import { decodeToolChoice, decodeTools, plainCalls } from './tools-in.ts'

/** Set in the extras of the system turn that was the body's `instructions`. */
export const INSTRUCTIONS_TWIN = '$instructions'

/**
 * A Responses request. Its extras are always there, so that the encoder knows its own client's request.
 *
 * @throws {Fault} invalid-request, naming the field that is wrong.
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export function decodeRequest(body: JsonObject): ModelRequest {
  const {
    model,
    input,
    instructions,
    stream,
    tools,
    parallel_tool_calls,
    text,
    reasoning,
    max_output_tokens,
    temperature,
    top_p,
    ...unread
  } = body
  const said = decodeInput(input ?? missingInput(body))
  if (typeof model !== 'string' || model === '')
    throw invalidField('model', `must be the name of a model, not ${model === '' ? 'empty' : kindOf(model)}.`)
  const declared = decodeTools(tools, 'tools')
  const allTools = [...declared.tools, ...said.tools]
  const format = decodeText(text)
  const thinking = decodeReasoningRequest(reasoning)
  const others = { ...unread, text: presentFields(format.unread), reasoning: presentFields(thinking.unread) }
  return {
    model,
    stream: optionalBoolean(stream, 'stream') ?? false,
    system: [...decodeInstructions(instructions), ...said.system],
    turns: plainCalls(said.turns, allTools),
    tools: allTools,
    hosted: declared.hosted,
    toolChoice: decodeToolChoice(body),
    parallelTools: readBoolean(parallel_tool_calls),
    format: format.read,
    reasoning: thinking.read,
    sampling: {
      maxTokens: optionalNumber(max_output_tokens, 'max_output_tokens'),
      temperature: optionalNumber(temperature, 'temperature'),
      topP: optionalNumber(top_p, 'top_p'),
    },
    user: decodeUser(body),
    bound: decodeBound(body, said.turns),
    extras: requestExtras(others),
  }
}

/** @throws {Fault} invalid-request unless the vendor knows what is asked. */
function missingInput(body: Fields): readonly [] {
  if (hasStoredState(body)) return []
  const isChat = body['messages'] !== undefined
  throw invalidField(
    'input',
    isChat
      ? 'is missing; this is a body for /v1/chat/completions (it has messages). Give input here.'
      : 'is missing: give a string or a list of items.',
  )
}

function decodeInstructions(instructions: unknown): readonly Turn[] {
  const text = readText(instructions)
  if (text === undefined) return []
  return [
    {
      role: 'system',
      parts: [{ type: 'text', text }],
      extras: { 'openai-responses': { [INSTRUCTIONS_TWIN]: true } },
    },
  ]
}

function requestExtras(unread: Fields): ModelRequest['extras'] {
  const { defaults, others: rest } = splitDefaults(unread)
  const others: Record<string, unknown> = { ...rest, [DEFAULTS_TWIN]: defaults }
  const spelling: Record<string, unknown> = {}
  for (const field of SPELT_FIELDS) {
    if (others[field] !== undefined && others[field] !== null) spelling[field] = others[field]
    delete others[field]
  }
  others[SPELLING] = spelling
  return ownExtras(others)
}
