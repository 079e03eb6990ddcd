import type { ServedModel } from '../gateway/route.ts'

/** Tokens that models take when nobody knows better. */
const CONTEXT_TOKENS = 200_000

/** The levels that every model which thinks understands; what a model does not know, its protocol's codec fits. */
const LEVELS = [
  { effort: 'low', description: 'Thinks little and answers fast' },
  { effort: 'medium', description: 'Thinks as much as most tasks need' },
  { effort: 'high', description: 'Thinks long about hard tasks' },
] as const

/** Models that do not think, by their names: whoever is not among them may. */
const THOUGHTLESS = /(?:^|\/)(?:gpt-[34]|chatgpt-|claude-(?:[12]|instant|3-(?:opus|sonnet|haiku|5))|gemini-(?:1|2\.0))/

/** What Codex tells a model about its work, where it has no words of its own for it. */
const BASE_INSTRUCTIONS = `You are a coding agent in the user's terminal. You share their working folder and act through the tools you are given.
Look at the code before you change it, keep to its style, and change no more than the task needs.
Check your work, by its tests where there are some, and say in a few words what you did and what is left.`

/**
 * The models in the shape in which Codex reads them (`ModelInfo`): every field that it insists on, and those whose absence
 * would have it guess.
 *
 * @see https://github.com/openai/codex/blob/main/codex-rs/protocol/src/openai_models.rs
 */
export function codexModelList(models: readonly ServedModel[]): object {
  return { models: models.map(codexModel) }
}

function codexModel({ id, entry, provider }: ServedModel, at: number): object {
  const { displayName = id, contextTokens = CONTEXT_TOKENS } = entry
  const isThinking = !THOUGHTLESS.test(id.toLowerCase())
  return {
    slug: id,
    display_name: displayName,
    description: `${displayName}, served by ${provider}`,
    default_reasoning_level: isThinking ? 'medium' : undefined,
    supported_reasoning_levels: isThinking ? LEVELS : [],
    shell_type: 'shell_command',
    visibility: 'list',
    supported_in_api: true,
    priority: at,
    availability_nux: null,
    upgrade: null,
    base_instructions: BASE_INSTRUCTIONS,
    model_messages: null,
    supports_reasoning_summaries: isThinking,
    supports_reasoning_summary_parameter: isThinking,
    default_reasoning_summary: 'auto',
    support_verbosity: false,
    default_verbosity: null,
    apply_patch_tool_type: null,
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    supports_parallel_tool_calls: true,
    supports_image_detail_original: false,
    context_window: contextTokens,
    max_context_window: contextTokens,
    auto_compact_token_limit: null,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    additional_speed_tiers: [],
    service_tiers: [],
    input_modalities: ['text', 'image'],
    supports_search_tool: false,
    prefer_websockets: false,
  }
}
