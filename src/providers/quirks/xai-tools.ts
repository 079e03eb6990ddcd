import type { JsonObject } from '../../ir/json.ts'
import { isObject, readArray, type Fields } from '../../lib/json.ts'
import type { Quirk, QuirkSource } from '../provider.ts'
import { mendElements } from './mend-elements.ts'
import { withObjectRoot } from './object-root.ts'
import { readField } from './read-field.ts'

/**
 * xAI takes neither the tools that only OpenAI's servers know nor the options of its search that only they know, and a
 * function only with a schema, which chooses among objects alone; the search is not chosen by its bare name. Without tools there is nothing to choose from.
 *
 * @see behaviour of CLIProxyAPI, `xai_executor_request.go`
 */
export const xaiTools: Quirk = {
  name: 'xai-tools',
  fields(body, _call, source) {
    const { tool_choice: choice, parallel_tool_calls: parallel } = body
    const tools = readField('tools', body, source)
    // What cannot be read may hold any tool.
    if (tools === undefined && source.longText('tools') !== undefined) return undefined
    const mended = mendElements(tools, (tool, at) => takenTool(tool, at, source))
    if ((mended ?? readArray(tools)).length > 0) {
      const chosen = isObject(choice) ? takenChoice(choice) : choice
      if (!mended && chosen === choice) return undefined
      return { ...(mended && { tools: mended }), ...(chosen === choice ? {} : { tool_choice: chosen }) }
    }
    if (tools === undefined && choice === undefined && parallel === undefined) return undefined
    return { tools: undefined, tool_choice: undefined, parallel_tool_calls: undefined }
  },
}

const NOT_TAKEN: ReadonlySet<unknown> = new Set(['tool_search', 'image_generation', 'local_shell'])

/** The very same choice when nothing is wrong with it, undefined when nothing is left of it. */
function takenChoice(choice: JsonObject): JsonObject | undefined {
  const { type, tools } = choice
  if (NOT_TAKEN.has(type)) return undefined
  // What xAI runs itself is chosen from a list of one.
  if (type === 'web_search') return { type: 'allowed_tools', mode: 'required', tools: [choice] }
  if (type !== 'allowed_tools') return choice
  const listed = readArray(tools)
  const left = listed.filter((tool) => !isObject(tool) || !NOT_TAKEN.has(tool['type']))
  if (left.length === listed.length) return choice
  return left.length === 0 ? undefined : { ...choice, tools: left }
}

/** The very same tool when nothing is wrong with it. */
function takenTool(tool: Fields, at: number, { onLoss }: QuirkSource): readonly Fields[] {
  const { type, external_web_access: access, search_content_types: contents, ...rest } = tool
  if (NOT_TAKEN.has(type)) {
    onLoss({ path: `tools.${at}`, reason: 'hosted-tool' })
    return []
  }
  if (type === 'function') return [takenFunction(tool, () => onLoss({ path: `tools.${at}`, reason: 'schema-keyword' }))]
  const hasOptions = access !== undefined || contents !== undefined
  return type === 'web_search' && hasOptions ? [{ type, ...rest }] : [tool]
}

/** A schema that lost a choice is strict no more. */
function takenFunction(tool: Fields, onLoss: () => void): Fields {
  const { parameters } = tool
  if (parameters === undefined) return { ...tool, parameters: { type: 'object', properties: {} } }
  if (!isObject(parameters)) return tool
  let isLost = false
  const mended = withObjectRoot(parameters, () => {
    isLost = true
    onLoss()
  })
  if (mended === parameters) return tool
  return { ...tool, parameters: mended, ...(isLost && tool['strict'] === true ? { strict: false } : {}) }
}
