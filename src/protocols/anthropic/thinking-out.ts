import type { OnLoss } from '../../ir/codec.ts'
import type { EffortLevel, ModelRequest, ReasoningRequest } from '../../ir/request.ts'
import { readObject, readText, type Fields } from '../../lib/json.ts'
import { budgetFor, isSameReasoning, levelFor } from '../shared/effort.ts'
import type { ModelTraits } from './model-traits.ts'
import { decodeReasoning, EFFORT_TWIN, THINKING_TWIN } from './reasoning.ts'

/** What a request says about thinking, and the limit of tokens that goes with it. */
export interface ThinkingPlan {
  readonly thinking?: Fields
  readonly effort?: string
  readonly maxTokens: number
  /** Anthropic then takes neither sampling fields nor a forced choice of tools. */
  readonly isOn: boolean
}

export interface ThinkingDemand {
  readonly request: Pick<ModelRequest, 'reasoning' | 'sampling' | 'toolChoice' | 'extras'>
  readonly traits: ModelTraits
  /** Results wait for an answer, and the assistant's turn that asked for them does not begin with thinking of its own. */
  readonly lacksThinking: boolean
  readonly onLoss: OnLoss
}

/** Tokens of an answer whose client set no limit: Anthropic wants one, and this many every newer model takes. */
const MAX_TOKENS_DEFAULT = 32_000
/** Anthropic's least budget. */
const BUDGET_TOKENS_MIN = 1024
/** Most tokens of thinking asked of a model whose limit nobody knows. */
const BUDGET_TOKENS_MAX = 60_000
/** Tokens left for the answer itself when a model's limit does not hold budget and answer. */
const ANSWER_TOKENS_MIN = 4096

/** @see https://docs.claude.com/en/docs/build-with-claude/extended-thinking */
export function planThinking(demand: ThinkingDemand): ThinkingPlan {
  const { request, traits, lacksThinking, onLoss } = demand
  const { reasoning, sampling, extras } = request
  // A client of Anthropic's own knows which model it asked for what.
  const maxTokens = fitMaxTokens(sampling.maxTokens, extras?.anthropic ? undefined : traits.outputTokensMax, onLoss)
  const { [THINKING_TWIN]: thinking, [EFFORT_TWIN]: saidEffort } = extras?.anthropic ?? {}
  if (isSameReasoning(decodeReasoning(thinking, saidEffort), reasoning)) {
    const own = readObject(thinking)
    const effort = readText(saidEffort)
    const isEnabled = own?.['type'] === 'enabled'
    if (isEnabled && lacksThinking) {
      onLoss({ path: 'reasoning', reason: 'thinking-history' })
      return { thinking: { type: 'disabled' }, effort, maxTokens, isOn: false }
    }
    return { thinking: own, effort, maxTokens, isOn: false }
  }
  if (!reasoning) return { maxTokens, isOn: false }
  if (traits.thinking === 'none') {
    if (reasoning.mode !== 'off') onLoss({ path: 'reasoning', reason: 'reasoning-unsupported' })
    return { maxTokens, isOn: false }
  }
  const isForced = request.toolChoice?.mode === 'required'
  if (isForced && reasoning.mode !== 'off') onLoss({ path: 'reasoning', reason: 'choice-thinking' })
  if (isForced || reasoning.mode === 'off') return { thinking: offFor(traits), maxTokens, isOn: false }
  if (traits.thinking === 'adaptive') {
    const { mode, show } = reasoning
    return {
      thinking: { type: 'adaptive', display: displayFor(show) },
      effort: mode === 'on' ? effortFor(reasoning, traits, onLoss) : undefined,
      maxTokens,
      isOn: true,
    }
  }
  return planBudget(reasoning, demand, maxTokens)
}

function planBudget(
  reasoning: ReasoningRequest,
  { request, traits, lacksThinking, onLoss }: ThinkingDemand,
  maxTokens: number,
): ThinkingPlan {
  if (lacksThinking) {
    onLoss({ path: 'reasoning', reason: 'thinking-history' })
    const effort = reasoning.mode === 'on' && !traits.isClaude ? effortFor(reasoning, traits, onLoss) : undefined
    return { effort, maxTokens, isOn: false }
  }
  const { budgetTokens = budgetFor(reasoning.level ?? 'medium') } = reasoning
  const limit = traits.outputTokensMax
  const most = limit === undefined ? BUDGET_TOKENS_MAX : limit - ANSWER_TOKENS_MIN
  const budget = Math.max(BUDGET_TOKENS_MIN, Math.min(Math.floor(budgetTokens), most))
  if (budget !== budgetTokens) onLoss({ path: 'reasoning', reason: 'effort-range' })
  const thinking = {
    type: 'enabled',
    budget_tokens: budget,
    display: displayFor(reasoning.show),
  }
  if (budget < maxTokens) return { thinking, maxTokens, isOn: true }
  const { maxTokens: asked } = request.sampling
  if (asked !== undefined) onLoss({ path: 'sampling.maxTokens', reason: 'max-tokens-thinking' })
  return { thinking, maxTokens: Math.min(budget + maxTokens, limit ?? Infinity), isOn: true }
}

/** The vendor's own choice where the client made none: showing what was hidden slows answers down. */
function displayFor(show: ReasoningRequest['show']): string | undefined {
  if (show === undefined) return undefined
  return show === 'hidden' ? 'omitted' : 'summarized'
}

/** Models that think only when asked are not told to stop. */
function offFor({ thinking, isClaude }: ModelTraits): Fields | undefined {
  return thinking === 'adaptive' || !isClaude ? { type: 'disabled' } : undefined
}

function effortFor({ level, budgetTokens }: ReasoningRequest, { topEfforts }: ModelTraits, onLoss: OnLoss): string {
  const wanted = level ?? (budgetTokens === undefined ? 'high' : levelFor(budgetTokens))
  const effort = nearestEffort(wanted, topEfforts)
  if (effort !== level) onLoss({ path: 'reasoning', reason: 'effort-range' })
  return effort
}

function nearestEffort(level: EffortLevel, topEfforts: ModelTraits['topEfforts']): string {
  switch (level) {
    case 'minimal':
      return 'low'
    case 'low':
    case 'medium':
    case 'high':
      return level
    case 'xhigh':
      return topEfforts[0] ?? 'high'
    case 'max':
      return topEfforts.at(-1) ?? 'high'
  }
}

function fitMaxTokens(asked: number | undefined, outputTokensMax = Infinity, onLoss: OnLoss): number {
  if (asked === undefined) return Math.min(MAX_TOKENS_DEFAULT, outputTokensMax)
  const fit = Math.max(1, Math.min(Math.floor(asked), outputTokensMax))
  if (fit !== asked) onLoss({ path: 'sampling.maxTokens', reason: 'max-tokens-range' })
  return fit
}
