import { isObject, readArray, type Fields } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { readField } from './read-field.ts'

/**
 * The backend of Codex knows the search of the web by its newest name alone.
 *
 * @see behaviour of CLIProxyAPI, `codex_openai-responses_request.go`
 */
export const codexTools: Quirk = {
  name: 'codex-tools',
  isForCompactions: true,
  fields(body, _call, source) {
    const { tool_choice: choice } = body
    const isOldChoice = isObject(choice) && isOldSearch(choice)
    const renamed = newTools(readField('tools', body, source, (json) => json.includes(OLD_SEARCH)))
    if (!isOldChoice && !renamed) return undefined
    return { ...renamed, ...(isOldChoice ? { tool_choice: { ...choice, type: 'web_search' } } : {}) }
  },
}

const OLD_SEARCH = 'web_search_preview'

function isOldSearch({ type }: Fields): boolean {
  return typeof type === 'string' && type.startsWith(OLD_SEARCH)
}

function newTools(tools: unknown): Fields | undefined {
  const listed = readArray(tools)
  if (!listed.some((tool) => isObject(tool) && isOldSearch(tool))) return undefined
  return { tools: listed.map((tool) => (isObject(tool) && isOldSearch(tool) ? { ...tool, type: 'web_search' } : tool)) }
}
