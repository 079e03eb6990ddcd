import type { ReasoningRequest } from '../../ir/request.ts'
import { readNumber, readObject, readText } from '../../lib/json.ts'
import { readLevel } from '../shared/effort.ts'

/** Under these names the extras keep `thinking` and the effort as the client wrote them. */
export const THINKING_TWIN = '$thinking'
export const EFFORT_TWIN = '$effort'

/** What `thinking` and `output_config.effort` ask for; undefined when they ask for nothing. */
export function decodeReasoning(thinking: unknown, effort: unknown): ReasoningRequest | undefined {
  const { type, budget_tokens, display } = readObject(thinking) ?? {}
  const level = readLevel(effort)
  const shown = readText(display)
  const show = shown === 'omitted' ? 'hidden' : shown
  switch (type) {
    case undefined:
      return level && { mode: 'on', level }
    case 'disabled':
      return { mode: 'off', level }
    case 'enabled': {
      const budgetTokens = readNumber(budget_tokens)
      return { mode: budgetTokens === undefined && !level ? 'auto' : 'on', level, budgetTokens, show }
    }
    default:
      return { mode: level ? 'on' : 'auto', level, show }
  }
}
