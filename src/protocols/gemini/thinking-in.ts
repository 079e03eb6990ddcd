import type { ReasoningRequest } from '../../ir/request.ts'
import { readText } from '../../lib/json.ts'
import { readLevel } from '../shared/effort.ts'
import { camelObject } from './json-case.ts'

/** Under this name the extras keep `thinkingConfig` as the client wrote it. */
export const THINKING_TWIN = '$thinking'

/**
 * What `thinkingConfig` asks for; undefined when it asks for nothing.
 *
 * @see https://ai.google.dev/gemini-api/docs/thinking
 */
export function decodeReasoning(thinkingConfig: unknown): ReasoningRequest | undefined {
  const { thinkingBudget, thinkingLevel, includeThoughts } = camelObject(thinkingConfig) ?? {}
  const show = typeof includeThoughts === 'boolean' ? (includeThoughts ? 'auto' : 'hidden') : undefined
  const level = readLevel(readText(thinkingLevel))
  const budgetTokens = readBudget(thinkingBudget)
  if (level) return { mode: 'on', level, show }
  if (budgetTokens === 0) return { mode: 'off' }
  if (budgetTokens !== undefined) return budgetTokens < 0 ? { mode: 'auto', show } : { mode: 'on', budgetTokens, show }
  return show === 'auto' ? { mode: 'auto', show } : undefined
}

function readBudget(value: unknown): number | undefined {
  const budget = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof budget === 'number' && Number.isFinite(budget) ? budget : undefined
}
