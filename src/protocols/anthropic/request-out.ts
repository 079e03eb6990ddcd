import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest, OutputFormat, Sampling } from '../../ir/request.ts'
import { presentFields, readObject, type Fields } from '../../lib/json.ts'
import { refuseBound, tellForeignExtras } from '../shared/foreign.ts'
import { TOOL_NAME_RULES, toolNamesFor } from '../shared/tool-id.ts'
import type { Block } from './blocks-out.ts'
import { encodeConversation } from './conversation-out.ts'
import { modelTraitsFor, type ModelTraits } from './model-traits.ts'
import { encodeSchema } from './schema-out.ts'
import { EFFORT_TWIN, THINKING_TWIN } from './reasoning.ts'
import { planThinking, type ThinkingPlan } from './thinking-out.ts'
import { encodeToolChoice, encodeTools } from './tools-out.ts'

/** Cache points that Anthropic takes in one request. @see https://docs.claude.com/en/docs/build-with-claude/prompt-caching */
const CACHE_POINTS_MAX = 4
/** Characters of `metadata.user_id` that Anthropic takes. */
const USER_CHARS_MAX = 256

/**
 * A Messages request that Anthropic accepts, whatever the client's protocol and whoever made the history.
 *
 * @throws {Fault} invalid-request when a user's message holds nothing that Anthropic has a form for.
 */
export function encodeRequest(request: ModelRequest, onLoss: OnLoss): JsonObject {
  const { model, stream, system: _system, turns: _turns, tools: _tools, hosted: _hosted, ...rest1 } = request
  const {
    toolChoice: _choice,
    parallelTools: _parallel,
    format,
    reasoning: _reasoning,
    sampling,
    user,
    bound: _bound,
    extras,
    ...rest
  } = rest1
  rest satisfies Record<string, never>
  refuseBound(request, 'anthropic')
  const traits = modelTraitsFor(model)
  const names = toolNamesFor(request, TOOL_NAME_RULES.anthropic)
  const {
    [THINKING_TWIN]: _thinking,
    [EFFORT_TWIN]: _effort,
    output_config,
    metadata,
    ...own
  } = extras?.anthropic ?? {}
  tellForeignExtras(extras, 'anthropic', 'extras', onLoss)
  const { system, messages, lacksThinking } = encodeConversation(request, names, traits, onLoss)
  const pair = { isOwn: extras?.anthropic !== undefined, isClaude: traits.isClaude }
  const tools = encodeTools(request, names, pair, onLoss)
  const plan = planThinking({ request, traits, lacksThinking, onLoss })
  const body = {
    ...own,
    model,
    max_tokens: plan.maxTokens,
    system: system.length > 0 ? system : undefined,
    messages,
    tools,
    tool_choice: encodeToolChoice(request, tools, names, onLoss),
    thinking: plan.thinking,
    output_config: presentFields({
      ...readObject(output_config),
      effort: plan.effort,
      format: encodeFormat(format, traits, extras?.anthropic !== undefined, onLoss),
    }),
    ...encodeSampling(sampling, plan, extras?.anthropic ? undefined : traits, onLoss),
    metadata: presentFields({ ...readObject(metadata), user_id: encodeUser(user, onLoss) }),
    stream: stream || undefined,
  }
  limitCachePoints(
    [...(tools ?? []), ...system, ...messages.flatMap(({ content }) => content)],
    own['cache_control'] ? 1 : 0,
    onLoss,
  )
  return body
}

/** `traits` is undefined for a client of Anthropic's own, who chose the model and the fields together. */
function encodeSampling(
  sampling: Sampling,
  { isOn }: ThinkingPlan,
  traits: ModelTraits | undefined,
  onLoss: OnLoss,
): Fields {
  const {
    maxTokens: _maxTokens,
    temperature,
    topP,
    topK,
    stop,
    seed,
    frequencyPenalty,
    presencePenalty,
    ...rest
  } = sampling
  rest satisfies Record<string, never>
  const lose = (field: keyof Sampling, reason: string): undefined => {
    onLoss({ path: `sampling.${field}`, reason })
    return undefined
  }
  const isRefused = isOn || traits?.sampling === 'none'
  const keep = (field: 'temperature' | 'topP' | 'topK', value: number | undefined): number | undefined =>
    value === undefined || !isRefused ? value : lose(field, isOn ? 'sampling-thinking' : 'sampling-unsupported')
  if (seed !== undefined) lose('seed', 'seed')
  if (frequencyPenalty) lose('frequencyPenalty', 'penalty')
  if (presencePenalty) lose('presencePenalty', 'penalty')
  const kept = keep('temperature', temperature)
  const isDouble = traits?.sampling === 'one' && kept !== undefined && topP !== undefined
  const stops = stop?.filter((text) => text.trim() !== '')
  if (stops?.length !== stop?.length) lose('stop', 'stop-blank')
  const clamped = kept === undefined ? undefined : Math.min(1, Math.max(0, kept))
  if (clamped !== kept) lose('temperature', 'temperature-range')
  return {
    temperature: clamped,
    top_p: isDouble ? lose('topP', 'sampling-unsupported') : keep('topP', topP),
    top_k: keep('topK', topK),
    stop_sequences: stops && (stops.length > 0 || stop?.length === 0) ? stops : undefined,
  }
}

function encodeFormat(
  format: OutputFormat | undefined,
  traits: ModelTraits,
  isOwn: boolean,
  onLoss: OnLoss,
): Fields | undefined {
  const lose = (reason: string): void => onLoss({ path: 'format', reason })
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined
    case 'json':
      lose('json-mode')
      return undefined
    case 'schema':
      if (format.name !== undefined || format.description !== undefined) lose('schema-name')
      return { type: 'json_schema', schema: isOwn ? format.schema : encodeSchema(format.schema, traits.isClaude, lose) }
  }
}

function encodeUser(user: string | undefined, onLoss: OnLoss): string | undefined {
  if (user === undefined || user.length <= USER_CHARS_MAX) return user
  onLoss({ path: 'user', reason: 'user-length' })
  return undefined
}

/** Of too many cache points the first stays, which other conversations share, and the last ones, which cover the rest. */
function limitCachePoints(blocks: readonly Block[], automatic: number, onLoss: OnLoss): void {
  const points = blocks
    .flatMap((block) => [block, ...(Array.isArray(block['content']) ? block['content'] : [])])
    .filter((block: Block) => block['cache_control'])
  const excess = points.length + automatic - CACHE_POINTS_MAX
  if (excess <= 0) return
  onLoss({ path: 'cache', reason: 'cache-points' })
  for (const block of points.slice(1, 1 + excess)) delete block['cache_control']
}
