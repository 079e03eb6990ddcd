import type { OnLoss } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type {
  HostedTool,
  ModelRequest,
  OutputFormat,
  ReasoningRequest,
  Sampling,
  Tool,
  ToolChoice,
} from '../../ir/request.ts'
import { readObject } from '../../lib/json.ts'
import { nestedGrammar, textSchemaFor } from '../shared/custom-tool.ts'
import { levelFor } from '../shared/effort.ts'
import { refuseBound, tellForeignExtras } from '../shared/foreign.ts'
import { isOpenaiReasoningModel, schemaNameFor, topSchemaFor } from '../shared/openai-options.ts'
import { chatFieldsFrom, isOpenaiModel } from '../shared/openai-sisters.ts'
import { keptSpelling, SPELLING, UNSPELT } from '../shared/spelling.ts'
import { encodeAnswerSchema, encodeParameters } from '../shared/openai-schema.ts'
import { CALL_ID_RULES, callIdsFor, TOOL_NAME_RULES, toolNamesFor } from '../shared/tool-id.ts'
import { mergeNeighbours, pairToolCalls } from '../shared/turns.ts'
import type { RequestWriter } from './content-out.ts'
import { readOwn, writeCachePoint } from './fields.ts'
import { writeTurn } from './messages-out.ts'
import { readFormat, readLimit, readReasoning, readStop, readUser } from './options.ts'

/** More stop sequences are refused. @see https://platform.openai.com/docs/api-reference/chat/create#chat-create-stop */
const STOPS_MAX = 4

/** Models that search by themselves; all others refuse `web_search_options`. */
const SEARCHES = /search/

/**
 * Writes a Chat Completions request. A client of this protocol gets its own spelling back where it still says what the
 * request says.
 *
 * @throws {Fault} invalid-request when nothing of the conversation has a form in this protocol.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function encodeRequest(request: ModelRequest, onLoss: OnLoss): JsonObject {
  const {
    model,
    stream,
    system,
    turns,
    tools,
    hosted,
    toolChoice,
    parallelTools,
    format,
    reasoning,
    sampling,
    user,
    bound: _bound,
    extras,
    ...rest
  } = request
  rest satisfies Record<string, never>
  refuseBound(request, 'openai-chat')
  const isOwn = extras?.['openai-chat'] !== undefined
  const { [SPELLING]: spelling, stream_options, ...unread } = readOwn(extras)
  const spelt = readObject(spelling) ?? UNSPELT
  const names = toolNamesFor(request, TOOL_NAME_RULES['openai-chat'])
  const writer: RequestWriter = {
    isOwn,
    isOpenai: isOwn || isOpenaiModel(model),
    names,
    callId: callIdsFor(CALL_ID_RULES['openai-chat']),
    onLoss,
  }
  const sister = chatFieldsFrom(extras, model)
  tellForeignExtras(extras, 'openai-chat', 'extras', onLoss, sister.carried)
  return {
    ...sister.fields,
    verbosity: sister.verbosity,
    ...unread,
    model,
    messages: writeMessages(system, joinAnswers(pairToolCalls(turns, onLoss), isOwn), writer),
    ...writeTools(request, tools, hosted, writer),
    ...writeToolOptions(tools, hosted, toolChoice, parallelTools, writer),
    ...writeSampling(sampling, model, spelt, writer),
    ...keptSpelling(spelt, ['response_format'], readFormat, format, (asked) => writeFormat(asked, writer)),
    ...keptSpelling(
      spelt,
      ['reasoning_effort', 'reasoning', 'thinking', 'enable_thinking'],
      readReasoning,
      reasoning,
      (asked) => writeReasoning(asked, onLoss),
    ),
    ...keptSpelling(spelt, ['user', 'safety_identifier'], readUser, user, (id) => ({ user: id })),
    stream: stream ? true : undefined,
    stream_options: stream ? { ...readObject(stream_options), include_usage: true } : undefined,
  }
}

/**
 * What the model said in a row is one message: the calls in it must be answered right after. A client of this protocol
 * is left its messages as long as they make no such calls.
 */
function joinAnswers(turns: ModelRequest['turns'], isOwn: boolean): ModelRequest['turns'] {
  const isFine =
    isOwn &&
    !turns.some(
      ({ role, parts }, index) =>
        role === 'assistant' &&
        turns[index + 1]?.role === 'assistant' &&
        parts.some(({ type }) => type === 'tool-call'),
    )
  return isFine ? turns : mergeNeighbours(turns, 'assistant')
}

function writeMessages(
  system: ModelRequest['system'],
  turns: ModelRequest['turns'],
  writer: RequestWriter,
): readonly JsonObject[] {
  const messages: JsonObject[] = []
  for (const [at, turn] of system.entries()) messages.push(...writeTurn(turn, `system.${at}`, writer))
  for (const [at, turn] of turns.entries()) messages.push(...writeTurn(turn, `turns.${at}`, writer))
  if (messages.length > 0) return messages
  throw new Fault(
    'invalid-request',
    'messages: nothing in them can be sent to this model (it speaks the Chat Completions protocol). Add a message with text.',
    { param: 'messages' },
  )
}

function writeTools(
  request: ModelRequest,
  tools: readonly Tool[],
  hosted: readonly HostedTool[],
  writer: RequestWriter,
): JsonObject {
  if (tools.length === 0 && hosted.length === 0) return {}
  const written: JsonObject[] = []
  const taken = new Set<string>()
  for (const [at, tool] of tools.entries()) {
    const name = writer.names.wireName(tool.name, tool.namespace)
    if (taken.has(name)) writer.onLoss({ path: `tools.${at}`, reason: 'tool-name-twice' })
    else written.push(writeTool(tool, name, `tools.${at}`, writer))
    taken.add(name)
  }
  let search: JsonObject | undefined
  for (const [at, { protocol, value }] of hosted.entries()) {
    if (protocol === 'openai-chat') written.push(value)
    else if (
      SEARCHES.test(request.model) &&
      typeof value['type'] === 'string' &&
      /^(web|google)_?search/i.test(value['type'])
    )
      search = {}
    else writer.onLoss({ path: `hosted.${at}`, reason: 'hosted-tool' })
  }
  return { ...(search && { web_search_options: search }), ...(written.length > 0 && { tools: written }) }
}

function writeTool(tool: Tool, name: string, path: string, { isOwn, isOpenai, onLoss }: RequestWriter): JsonObject {
  const {
    kind,
    name: _name,
    namespace: _namespace,
    description,
    schema,
    strict,
    grammar,
    cache,
    extras,
    ...rest
  } = tool
  rest satisfies Record<string, never>
  tellForeignExtras(extras, 'openai-chat', `${path}.extras`, onLoss)
  if (cache && !isOwn) onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  const cache_control = cache && isOwn ? writeCachePoint(cache) : undefined
  if (kind === 'custom') {
    const format = grammar && nestedGrammar(grammar)
    return isOpenai
      ? { type: 'custom', custom: { name, description, format, ...readOwn(extras) }, cache_control }
      : { type: 'function', function: { name, description, parameters: textSchemaFor(grammar) } }
  }
  return {
    type: 'function',
    function: {
      name,
      description,
      ...(isOwn
        ? { parameters: schema && topSchemaFor(schema), strict }
        : schema && encodeParameters(schema, strict, (reason) => onLoss({ path, reason }))),
    },
    ...readOwn(extras),
    cache_control,
  }
}

function writeToolOptions(
  tools: readonly Tool[],
  hosted: readonly HostedTool[],
  choice: ToolChoice | undefined,
  parallel: boolean | undefined,
  writer: RequestWriter,
): JsonObject {
  const isOwnHosted = hosted.some(({ protocol }) => protocol === 'openai-chat')
  if (tools.length === 0 && !isOwnHosted) {
    if (choice && choice.mode !== 'none') writer.onLoss({ path: 'toolChoice', reason: 'no-tools' })
    return {}
  }
  return { tool_choice: choice && writeToolChoice(choice, tools, writer), parallel_tool_calls: parallel }
}

function writeToolChoice({ mode, tools: names }: ToolChoice, tools: readonly Tool[], writer: RequestWriter): unknown {
  if (mode === 'none' || !names) return mode
  const allowed = names.flatMap((name) => tools.find((tool) => tool.name === name) ?? [])
  if (allowed.length < names.length) writer.onLoss({ path: 'toolChoice', reason: 'unknown-tool' })
  const [only] = allowed
  // To demand another tool instead would be another question.
  if (!only) return 'auto'
  const written = allowed.map((tool) => nameTool(tool, writer))
  if (mode === 'required' && written.length === 1) return written[0]
  if (writer.isOpenai) return { type: 'allowed_tools', allowed_tools: { mode, tools: written } }
  writer.onLoss({ path: 'toolChoice.tools', reason: 'choice-subset' })
  return mode
}

function nameTool({ kind, name, namespace }: Tool, { names, isOpenai }: RequestWriter): JsonObject {
  const type = isOpenai ? kind : 'function'
  return { type, [type]: { name: names.wireName(name, namespace) } }
}

function writeSampling(
  sampling: Sampling,
  model: string,
  spelt: JsonObject,
  { isOwn, onLoss }: RequestWriter,
): JsonObject {
  const { maxTokens, temperature, topP, topK, stop, seed, frequencyPenalty, presencePenalty, ...rest } = sampling
  rest satisfies Record<string, never>
  // OpenAI refuses the field; of the vendors that take it only the client's own choice of protocol tells.
  if (topK !== undefined && !isOwn) onLoss({ path: 'sampling.topK', reason: 'top-k' })
  return {
    ...keptSpelling(spelt, ['max_tokens', 'max_completion_tokens'], readLimit, maxTokens, (limit) =>
      isOpenaiReasoningModel(model) ? { max_completion_tokens: limit } : { max_tokens: limit },
    ),
    ...keptSpelling(spelt, ['stop'], readStop, stop, (words) => writeStop(words, onLoss)),
    temperature,
    top_p: topP,
    top_k: isOwn ? topK : undefined,
    seed,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
  }
}

function writeStop(words: readonly string[], onLoss: OnLoss): JsonObject {
  if (words.length > STOPS_MAX) onLoss({ path: 'sampling.stop', reason: 'stop-count' })
  return words.length > 0 ? { stop: words.slice(0, STOPS_MAX) } : {}
}

function writeFormat(format: OutputFormat, { isOwn, onLoss }: RequestWriter): JsonObject {
  if (format.type === 'text') return {}
  if (format.type === 'json') return { response_format: { type: 'json_object' } }
  const { schema, name, description, strict } = format
  const fitted = isOwn
    ? { schema, strict }
    : encodeAnswerSchema(schema, strict, (reason) => onLoss({ path: 'format', reason }))
  return {
    response_format: { type: 'json_schema', json_schema: { name: schemaNameFor(name), description, ...fitted } },
  }
}

/** As it likes is what every model does unasked. */
function writeReasoning({ mode, level, budgetTokens, show }: ReasoningRequest, onLoss: OnLoss): JsonObject {
  if (show === 'hidden') onLoss({ path: 'reasoning.show', reason: 'reasoning-display' })
  if (mode === 'off') return { reasoning_effort: 'none' }
  const effort = level ?? (budgetTokens === undefined ? undefined : levelFor(budgetTokens))
  return effort === undefined ? {} : { reasoning_effort: effort }
}
