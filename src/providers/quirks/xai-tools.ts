import { isObject, readArray, type Fields } from '../../lib/json.ts'
import type { Quirk, QuirkSource } from '../provider.ts'
import { readField } from './read-field.ts'

/**
 * xAI takes neither the tools that only OpenAI's servers know nor the options of its search that only they know, and a
 * function only with a schema. Without tools there is nothing to choose from.
 *
 * @see behaviour of CLIProxyAPI, `xai_executor_request.go`
 */
export const xaiTools: Quirk = {
  name: 'xai-tools',
  fields(body, _call, source) {
    const { tool_choice: choice, parallel_tool_calls: parallel } = body
    const tools = readField('tools', body, source)
    const listed = readArray(tools)
    const taken = listed.flatMap<unknown>((tool, at) => (isObject(tool) ? takenTool(tool, at, source) : [tool]))
    if (taken.length > 0) {
      const isSame = taken.length === listed.length && taken.every((tool, at) => tool === listed[at])
      const isOrphan = isObject(choice) && NOT_TAKEN.has(choice['type'])
      if (isSame && !isOrphan) return undefined
      return { ...(isSame ? {} : { tools: taken }), ...(isOrphan ? { tool_choice: undefined } : {}) }
    }
    if (tools === undefined && choice === undefined && parallel === undefined) return undefined
    return { tools: undefined, tool_choice: undefined, parallel_tool_calls: undefined }
  },
}

const NOT_TAKEN: ReadonlySet<unknown> = new Set(['tool_search', 'image_generation', 'local_shell'])

/** The very same tool when nothing is wrong with it. */
function takenTool(tool: Fields, at: number, { onLoss }: QuirkSource): readonly Fields[] {
  const { type, external_web_access: access, search_content_types: contents, ...rest } = tool
  if (NOT_TAKEN.has(type)) {
    onLoss({ path: `tools.${at}`, reason: 'hosted-tool' })
    return []
  }
  if (type === 'function' && tool['parameters'] === undefined)
    return [{ ...tool, parameters: { type: 'object', properties: {} } }]
  const hasOptions = access !== undefined || contents !== undefined
  return type === 'web_search' && hasOptions ? [{ type, ...rest }] : [tool]
}
