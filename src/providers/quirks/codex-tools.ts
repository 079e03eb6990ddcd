import { isObject, type Fields } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { mendElements } from './mend-elements.ts'
import { readField } from './read-field.ts'

/**
 * The backend of Codex knows the search of the web by its newest name alone.
 *
 * @see behaviour of CLIProxyAPI, `codex_openai-responses_request.go`
 */
export const codexTools: Quirk = {
  name: 'codex-tools',
  fields(body, _call, source) {
    const { tool_choice: choice } = body
    const isOldChoice = isObject(choice) && isOldSearch(choice)
    const tools = mendElements(
      readField('tools', body, source, (json) => json.includes(OLD_SEARCH)),
      (tool) => [isOldSearch(tool) ? { ...tool, type: 'web_search' } : tool],
    )
    if (!isOldChoice && !tools) return undefined
    return { ...(tools && { tools }), ...(isOldChoice ? { tool_choice: { ...choice, type: 'web_search' } } : {}) }
  },
}

const OLD_SEARCH = 'web_search_preview'

function isOldSearch({ type }: Fields): boolean {
  return typeof type === 'string' && type.startsWith(OLD_SEARCH)
}
