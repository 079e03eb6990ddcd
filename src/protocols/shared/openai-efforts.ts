import type { EffortLevel, ReasoningRequest } from '../../ir/request.ts'
import { levelFor, nearestLevel } from './effort.ts'

/** What a family of models takes; undefined levels: nothing at all. */
interface EffortRange {
  readonly models: RegExp
  readonly levels: readonly EffortLevel[]
  /** It can be told not to think. */
  readonly takesNone: boolean
}

const LOW_TO_HIGH = ['low', 'medium', 'high'] as const

/**
 * OpenAI's models that refuse some of the words; of all others every word is taken.
 *
 * @see https://platform.openai.com/docs/guides/reasoning
 */
const RANGES: readonly EffortRange[] = [
  { models: /^(?:gpt-[34]|chatgpt-)|^gpt-5(?:\.\d+)?-chat/, levels: [], takesNone: false },
  { models: /^o[1-9](?:-|$)/, levels: LOW_TO_HIGH, takesNone: false },
  { models: /^gpt-5-codex/, levels: LOW_TO_HIGH, takesNone: false },
  { models: /^gpt-5-pro/, levels: ['high'], takesNone: false },
  { models: /^gpt-5(?:-|$)/, levels: ['minimal', ...LOW_TO_HIGH], takesNone: false },
  { models: /^gpt-5\.1-codex-max/, levels: [...LOW_TO_HIGH, 'xhigh'], takesNone: false },
  { models: /^gpt-5\.1-codex/, levels: LOW_TO_HIGH, takesNone: false },
  { models: /^gpt-5\.1/, levels: LOW_TO_HIGH, takesNone: true },
]

/** The word for the effort that a model takes, nearest to what is asked; undefined to say nothing. */
export function openaiEffortFor(model: string, { mode, level, budgetTokens }: ReasoningRequest): string | undefined {
  const name = model.slice(model.lastIndexOf('/') + 1)
  const range = RANGES.find(({ models }) => models.test(name))
  if (mode === 'off') return !range || range.takesNone ? 'none' : range.levels[0]
  const wanted = level ?? (budgetTokens === undefined ? undefined : levelFor(budgetTokens))
  if (!range || wanted === undefined) return wanted
  return range.levels.length === 0 ? undefined : nearestLevel(wanted, range.levels)
}
