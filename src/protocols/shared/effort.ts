import type { EffortLevel, ReasoningRequest } from '../../ir/request.ts'

/** All levels, from the least thinking to the most. */
export const EFFORT_LEVELS = [
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
] as const satisfies readonly EffortLevel[]

/** Tokens of thinking that a level stands for; the table that users of CLIProxyAPI know. */
const BUDGETS: Readonly<Record<EffortLevel, number>> = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 128_000,
}

/** Thinking budget in tokens for a model that takes no levels. */
export function budgetFor(level: EffortLevel): number {
  return BUDGETS[level]
}

/** Level for a model that takes no budgets; the budget is in tokens and above 0. */
export function levelFor(budgetTokens: number): EffortLevel {
  if (budgetTokens <= BUDGETS.minimal) return 'minimal'
  if (budgetTokens <= BUDGETS.low) return 'low'
  if (budgetTokens <= BUDGETS.medium) return 'medium'
  return budgetTokens <= BUDGETS.high ? 'high' : 'xhigh'
}

/** The level itself where it is supported, else its nearest neighbour, of two equally near ones the lower. */
export function nearestLevel(level: EffortLevel, supported: readonly EffortLevel[]): EffortLevel {
  const wanted = EFFORT_LEVELS.indexOf(level)
  let nearest = level
  let distanceMin = Infinity
  for (const [rank, candidate] of EFFORT_LEVELS.entries()) {
    const distance = Math.abs(rank - wanted)
    if (distance >= distanceMin || !supported.includes(candidate)) continue
    nearest = candidate
    distanceMin = distance
  }
  return nearest
}

/** The level that a word names, whatever its case. */
export function readLevel(word: unknown): EffortLevel | undefined {
  if (typeof word !== 'string') return undefined
  const lower = word.toLowerCase()
  return EFFORT_LEVELS.find((level) => level === lower)
}

/** True when both ask for the same, or for nothing. */
export function isSameReasoning(a: ReasoningRequest | undefined, b: ReasoningRequest | undefined): boolean {
  if (!a || !b) return a === b
  return a.mode === b.mode && a.level === b.level && a.budgetTokens === b.budgetTokens && a.show === b.show
}

/** A model's name without its thinking suffix, and what the suffix asks for. */
export interface SuffixedModel {
  readonly model: string
  /** Absent when there was no suffix, or one that says nothing known. It goes before what the body says. */
  readonly reasoning?: ReasoningRequest
}

/**
 * Reads `name(value)`: a level, `none`, `auto`, `-1` or a budget in tokens, whatever the case. Anything else in the
 * parentheses is cut off and asks for nothing.
 */
export function splitThinkingSuffix(model: string): SuffixedModel {
  if (!model.endsWith(')')) return { model }
  const open = model.lastIndexOf('(')
  if (open <= 0) return { model }
  return {
    model: model.slice(0, open),
    reasoning: readSuffix(
      model
        .slice(open + 1, -1)
        .trim()
        .toLowerCase(),
    ),
  }
}

function readSuffix(value: string): ReasoningRequest | undefined {
  if (value === 'auto' || value === '-1') return { mode: 'auto' }
  if (value === 'none') return { mode: 'off' }
  const level = readLevel(value)
  if (level) return { mode: 'on', level }
  if (!/^\d{1,9}$/.test(value)) return undefined
  const budgetTokens = Number(value)
  return budgetTokens === 0 ? { mode: 'off' } : { mode: 'on', budgetTokens }
}
