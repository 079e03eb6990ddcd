import type { HostedTool, ModelRequest, Tool } from '../../ir/request.ts'
import type { JsonObject } from '../../ir/json.ts'
import { type Fields, readBoolean, readObject, readString, readText } from '../../lib/json.ts'
import {
  invalidField,
  kindOf,
  optionalBoolean,
  optionalList,
  optionalNumber,
  requiredObject,
} from '../shared/fields.ts'
import { SPELLING } from '../shared/spelling.ts'
import { ownExtras, readCachePoint } from './fields.ts'
import { readMessages } from './messages-in.ts'
import { readFormat, readLimit, readReasoning, readStop, readToolChoice, readUser, SPELT_FIELDS } from './options.ts'

/**
 * Reads a Chat Completions request.
 *
 * @throws {Fault} invalid-request, naming the field that is wrong.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function decodeRequest(body: JsonObject): ModelRequest {
  const {
    model,
    messages,
    tools,
    functions,
    stream,
    tool_choice: _choice,
    function_call: _call,
    parallel_tool_calls,
    ...rest
  } = body
  const { temperature, top_p, top_k, seed, frequency_penalty, presence_penalty, ...unread } = rest
  const list = requiredMessages(messages, body)
  if (typeof model !== 'string' || model === '')
    throw invalidField('model', `must be the name of a model, not ${model === '' ? 'empty' : kindOf(model)}.`)
  const { system, turns } = readMessages(list)
  return {
    model,
    stream: optionalBoolean(stream, 'stream') ?? false,
    system,
    turns,
    ...readTools(tools, functions),
    toolChoice: readToolChoice(body),
    parallelTools: readBoolean(parallel_tool_calls),
    format: readFormat(body),
    reasoning: readReasoning(body),
    sampling: {
      maxTokens: readLimit(body),
      temperature: optionalNumber(temperature, 'temperature'),
      topP: optionalNumber(top_p, 'top_p'),
      topK: optionalNumber(top_k, 'top_k'),
      stop: readStop(body),
      seed: optionalNumber(seed, 'seed'),
      frequencyPenalty: optionalNumber(frequency_penalty, 'frequency_penalty'),
      presencePenalty: optionalNumber(presence_penalty, 'presence_penalty'),
    },
    user: readUser(body),
    extras: requestExtras(unread),
  }
}

function requiredMessages(messages: unknown, body: JsonObject): readonly unknown[] {
  if (Array.isArray(messages) && messages.length > 0) return messages
  if (Array.isArray(messages)) throw invalidField('messages', 'is empty: give at least one message.')
  if (messages !== undefined) throw invalidField('messages', `must be a list of messages, not ${kindOf(messages)}.`)
  const { input, instructions } = body
  const isResponses = input !== undefined || instructions !== undefined
  throw invalidField(
    'messages',
    isResponses
      ? 'is missing; this is a body for /v1/responses (it has input or instructions). Give messages here.'
      : 'is missing: give a list of messages.',
  )
}

/**
 * The unread fields, and beside them the client's own spelling of what was read in several ways. Whether the client
 * wants usage in a stream is the gateway's to know; upstreams are always asked for it.
 */
function requestExtras(unread: Fields): ModelRequest['extras'] {
  const { stream_options, ...fields } = unread
  const { include_usage: _usage, ...options } = readObject(stream_options) ?? {}
  const others: Record<string, unknown> = { ...fields }
  if (Object.keys(options).length > 0) others['stream_options'] = options
  const spelling: Record<string, unknown> = {}
  for (const field of SPELT_FIELDS) {
    if (others[field] !== undefined && others[field] !== null) spelling[field] = others[field]
    delete others[field]
  }
  // Present even when empty: it says that a client of this protocol wrote the request.
  others[SPELLING] = spelling
  return ownExtras(others)
}

function readTools(
  tools: unknown,
  functions: unknown,
): { readonly tools: readonly Tool[]; readonly hosted: readonly HostedTool[] } {
  const declared: Tool[] = []
  const hosted: HostedTool[] = []
  for (const [at, item] of (optionalList(tools, 'tools') ?? []).entries()) {
    const path = `tools.${at}`
    const tool = requiredObject(item, path)
    const { type, function: called, custom, name, input_schema } = tool
    if (readObject(custom) && type === 'custom') declared.push(readCustomTool(tool, path))
    else if (type === 'function' || called !== undefined) declared.push(readFunctionTool(tool, path))
    // Cursor declares tools in Anthropic's form whatever the protocol.
    else if (readText(name) !== undefined && readObject(input_schema))
      declared.push(readDeclaration({ ...tool, input_schema: undefined, parameters: input_schema }, path))
    else hosted.push({ protocol: 'openai-chat', value: tool })
  }
  for (const [at, item] of (optionalList(functions, 'functions') ?? []).entries()) {
    declared.push(readDeclaration(requiredObject(item, `functions.${at}`), `functions.${at}`))
  }
  return { tools: declared, hosted }
}

function readFunctionTool({ type: _type, function: called, cache_control, ...unread }: Fields, path: string): Tool {
  // A few clients put the declaration beside the type, as Responses has it.
  const isFlat = called === undefined && readText(unread['name']) !== undefined
  const tool = readDeclaration(
    isFlat ? unread : requiredObject(called, `${path}.function`),
    isFlat ? path : `${path}.function`,
  )
  return {
    ...tool,
    cache: readCachePoint(cache_control),
    extras: isFlat ? tool.extras : (ownExtras(unread) ?? tool.extras),
  }
}

function readDeclaration({ name, description, parameters, strict, ...unread }: Fields, path: string): Tool {
  return {
    kind: 'function',
    name: toolName(name, path),
    description: readString(description),
    schema: readObject(parameters),
    strict: readBoolean(strict),
    extras: ownExtras(unread),
  }
}

function readCustomTool({ custom, cache_control }: Fields, path: string): Tool {
  const { name, description, format, ...unread } = readObject(custom) ?? {}
  return {
    kind: 'custom',
    name: toolName(name, `${path}.custom`),
    description: readString(description),
    grammar: readObject(format),
    cache: readCachePoint(cache_control),
    extras: ownExtras(unread),
  }
}

function toolName(name: unknown, path: string): string {
  const text = readText(name)
  if (text === undefined)
    throw invalidField(`${path}.name`, `must be the tool's name, not ${name === '' ? 'empty' : kindOf(name)}.`)
  return text
}
