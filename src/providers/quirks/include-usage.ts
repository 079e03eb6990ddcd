import { isObject } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'

/**
 * A Chat stream tells its usage only when asked to; without it nobody could count tokens. Mistral tells it unasked, and
 * refuses the question.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options
 * @see https://github.com/avante-corp/avante.nvim/issues/2347
 */
export const includeUsage: Quirk = {
  name: 'include-usage',
  fields({ stream_options: options }, { operation, stream, baseUrl }) {
    if (operation !== 'generate' || !stream || baseUrl.startsWith('https://api.mistral.ai')) return undefined
    if (!isObject(options)) return { stream_options: { include_usage: true } }
    return options['include_usage'] === undefined ? { stream_options: { ...options, include_usage: true } } : undefined
  },
}
