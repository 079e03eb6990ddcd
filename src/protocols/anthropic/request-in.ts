import { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part, TextPart } from '../../ir/part.ts'
import type { HostedTool, ModelRequest, OutputFormat, Tool, ToolChoice, Turn } from '../../ir/request.ts'
import { isObject, presentFields, readObject, readString, readText, type Fields } from '../../lib/json.ts'
import { decodePromptBlocks, opaqueFor, ownExtras, readCache } from './blocks-in.ts'
import { checkBoolean, checkContent, checkNumber, checkObject, checkObjects, checkString, refuse } from './check.ts'
import { decodeReasoning, EFFORT_TWIN, THINKING_TWIN } from './reasoning.ts'

/**
 * A Messages request. `extras.anthropic` is always there, so that the encoder knows its own client's request; in it
 * {@link THINKING_TWIN} and {@link EFFORT_TWIN} stand as they came.
 *
 * @throws {Fault} invalid-request, naming the path.
 * @see https://docs.claude.com/en/api/messages
 */
export function decodeRequest(body: JsonObject): ModelRequest {
  const {
    model,
    stream,
    system,
    messages,
    tools,
    tool_choice,
    thinking,
    output_config,
    output_format,
    metadata,
    max_tokens,
    temperature,
    top_p,
    top_k,
    stop_sequences,
    thread,
    ...unknown
  } = body
  if (thread !== undefined && thread !== null) throw refuseThread()
  const { format: formatConfig, effort, ...outputConfig } = checkObject(output_config, 'output_config') ?? {}
  const format = decodeFormat(formatConfig ?? output_format)
  const { user_id, ...otherMetadata } = checkObject(metadata, 'metadata') ?? {}
  const own = {
    ...unknown,
    [THINKING_TWIN]: checkObject(thinking, 'thinking'),
    [EFFORT_TWIN]: effort,
    output_config: presentFields(outputConfig),
    metadata: presentFields(otherMetadata),
  }
  return {
    model: checkString(model, 'model') ?? missing('model'),
    stream: checkBoolean(stream, 'stream') ?? false,
    system: decodeSystem(system),
    turns: decodeMessages(messages),
    ...decodeTools(tools),
    ...decodeToolChoice(tool_choice),
    format,
    reasoning: decodeReasoning(thinking, effort),
    sampling: {
      maxTokens: checkNumber(max_tokens, 'max_tokens'),
      temperature: checkNumber(temperature, 'temperature'),
      topP: checkNumber(top_p, 'top_p'),
      topK: checkNumber(top_k, 'top_k'),
      stop: decodeStop(stop_sequences),
    },
    user: readText(user_id),
    extras: { anthropic: presentFields(own) ?? {} },
  }
}

function missing(path: string): never {
  throw refuse(path, 'Field required')
}

/** The vendor's SDK goes on without threads when it is refused in exactly these words. */
function refuseThread(): Fault {
  return new Fault(
    'invalid-request',
    'thread: threads are kept by one vendor and cannot be served here; send the whole conversation',
    {
      param: 'thread',
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    },
  )
}

function decodeSystem(system: unknown): readonly Turn[] {
  if (system === undefined || system === null || system === '') return []
  checkContent(system, 'system')
  const parts = decodePromptBlocks(system).map((part) => (isBilling(part) ? billingFor(part) : part))
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

/**
 * Claude Code tells its vendor in a system block who pays. It is no word to the model, and changes from one
 * conversation to the next, so that no other vendor's prompt cache would ever be hit.
 */
function isBilling(part: Part): part is TextPart {
  return part.type === 'text' && part.text.startsWith('x-anthropic-billing-header')
}

function billingFor({ text }: TextPart): Part {
  return opaqueFor({ type: 'text', text })
}

function decodeMessages(messages: unknown): readonly Turn[] {
  if (messages === undefined) missing('messages')
  return checkObjects(messages, 'messages').map(({ role, content, ...rest }, index) => {
    const path = `messages.${index}`
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      throw refuse(`${path}.role`, "Input should be 'user', 'assistant' or 'system'")
    checkContent(content, `${path}.content`)
    return { role, parts: decodePromptBlocks(content), extras: ownExtras(rest) }
  })
}

function decodeTools(value: unknown): Pick<ModelRequest, 'tools' | 'hosted'> {
  const tools: Tool[] = []
  const hosted: HostedTool[] = []
  for (const [index, tool] of checkObjects(value, 'tools').entries()) {
    const { type, input_schema } = tool
    const isOurs = type === 'custom' || type === undefined || type === null || isObject(input_schema)
    if (isOurs) tools.push(decodeTool(tool, `tools.${index}`))
    else hosted.push({ protocol: 'anthropic', value: tool })
  }
  return { tools, hosted }
}

function decodeTool({ name, description, input_schema, strict, cache_control, ...rest }: Fields, path: string): Tool {
  return {
    kind: 'function',
    name: checkString(name, `${path}.name`) ?? missing(`${path}.name`),
    description: checkString(description, `${path}.description`),
    schema: checkObject(input_schema, `${path}.input_schema`),
    strict: checkBoolean(strict, `${path}.strict`),
    cache: readCache(cache_control),
    extras: ownExtras(rest),
  }
}

function decodeToolChoice(value: unknown): Pick<ModelRequest, 'toolChoice' | 'parallelTools'> {
  const choice = checkObject(value, 'tool_choice')
  if (!choice) return {}
  const { type, name, disable_parallel_tool_use } = choice
  const isSingle = checkBoolean(disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use')
  return { toolChoice: decodeChoice(type, name), parallelTools: isSingle === undefined ? undefined : !isSingle }
}

function decodeChoice(type: unknown, name: unknown): ToolChoice {
  switch (type) {
    case 'auto':
    case 'none':
      return { mode: type }
    case 'any':
      return { mode: 'required' }
    case 'tool':
      return { mode: 'required', tools: [checkString(name, 'tool_choice.name') ?? missing('tool_choice.name')] }
    default:
      throw refuse('tool_choice.type', "Input should be 'auto', 'any', 'tool' or 'none'")
  }
}

function decodeFormat(value: unknown): OutputFormat | undefined {
  const { type, schema } = readObject(value) ?? {}
  const shape = readObject(schema)
  return type === 'json_schema' && shape ? { type: 'schema', schema: shape } : undefined
}

function decodeStop(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw refuse('stop_sequences', 'Input should be a valid list')
  return value.map((stop: unknown, index) => readString(stop) ?? missing(`stop_sequences.${index}`))
}
