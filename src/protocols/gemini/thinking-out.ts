import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest, ReasoningRequest } from '../../ir/request.ts'
import { readObject, type Fields } from '../../lib/json.ts'
import { budgetFor, isSameReasoning, levelFor, nearestLevel } from '../shared/effort.ts'
import type { ModelTraits } from './model-traits.ts'
import { decodeReasoning, THINKING_TWIN } from './thinking-in.ts'

/**
 * `thinkingConfig`; undefined when there is nothing to ask for. A client of Gemini's own gets its own words back where
 * they still say what the request says.
 *
 * @see https://ai.google.dev/gemini-api/docs/thinking
 */
export function encodeThinking(
  { reasoning, extras }: Pick<ModelRequest, 'reasoning' | 'extras'>,
  traits: ModelTraits,
  onLoss: OnLoss,
): JsonObject | undefined {
  const spelt = extras?.gemini?.[THINKING_TWIN]
  if (isSameReasoning(decodeReasoning(spelt), reasoning)) return readObject(spelt)
  if (!reasoning) return undefined
  const lose = (reason: string): void => onLoss({ path: 'reasoning', reason })
  switch (traits.thinking) {
    case 'none':
      if (reasoning.mode !== 'off') lose('reasoning-unsupported')
      return undefined
    case 'budget':
      return encodeBudget(reasoning, traits, lose)
    case 'level':
      return encodeLevel(reasoning, traits, lose)
  }
}

function encodeBudget(
  { mode, level, budgetTokens, show }: ReasoningRequest,
  { budgetTokens: [min, max], isStoppable }: ModelTraits,
  lose: (reason: string) => void,
): Fields {
  const includeThoughts = show !== 'hidden'
  if (mode === 'auto') return { thinkingBudget: -1, includeThoughts }
  if (mode === 'off') {
    if (isStoppable) return { thinkingBudget: 0 }
    lose('reasoning-off')
    return { thinkingBudget: min, includeThoughts: false }
  }
  const wanted = budgetTokens ?? budgetFor(level ?? 'medium')
  const thinkingBudget = Math.min(max, Math.max(min, Math.floor(wanted)))
  if (thinkingBudget !== wanted) lose('effort-range')
  return { thinkingBudget, includeThoughts }
}

function encodeLevel(
  { mode, level, budgetTokens, show }: ReasoningRequest,
  { levels }: ModelTraits,
  lose: (reason: string) => void,
): Fields | undefined {
  const includeThoughts = show !== 'hidden'
  if (mode === 'auto') return includeThoughts ? { includeThoughts } : undefined
  if (mode === 'off') {
    lose('reasoning-off')
    return { thinkingLevel: wordFor(nearestLevel('minimal', levels)), includeThoughts: false }
  }
  const wanted = level ?? (budgetTokens === undefined ? 'high' : levelFor(budgetTokens))
  const nearest = nearestLevel(wanted, levels)
  if (nearest !== level) lose('effort-range')
  return { thinkingLevel: wordFor(nearest), includeThoughts }
}

function wordFor(level: string): string {
  return level.toUpperCase()
}
