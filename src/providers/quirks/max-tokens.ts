import { outputTokensFor } from '../catalogue.ts'
import type { Quirk } from '../provider.ts'

/** What nearly every model can write, for those that the catalogue does not know. */
const OUTPUT_TOKENS = 8192

/**
 * Anthropic requires `max_tokens`, the other protocols do not: a request without it gets what the model can write.
 *
 * @see https://docs.anthropic.com/en/api/messages#body-max-tokens
 */
export const maxTokens: Quirk = {
  name: 'max-tokens',
  fields({ max_tokens: given }, { operation, model }) {
    if (operation !== 'generate' || (given !== undefined && given !== null)) return undefined
    return { max_tokens: outputTokensFor(model) ?? OUTPUT_TOKENS }
  },
}
