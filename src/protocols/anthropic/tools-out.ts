import type { OnLoss } from '../../ir/codec.ts'
import type { HostedTool, ModelRequest, Tool } from '../../ir/request.ts'
import { readArray, readObject, readText, type Fields } from '../../lib/json.ts'
import { textSchemaFor } from '../shared/custom-tool.ts'
import type { ToolNames } from '../shared/tool-id.ts'
import { writeCache, type Block } from './blocks-out.ts'
import { encodeInputSchema } from './schema-out.ts'

/** Whose tools they are, and who reads them. */
interface ToolPair {
  /** Anthropic's own client wrote them. */
  readonly isOwn: boolean
  /** A model of Anthropic's own gets them, and not one behind a compatible API. */
  readonly isClaude: boolean
}

/** `tools`, without those that have no form here and those whose name is taken; undefined when none is left. */
export function encodeTools(
  { tools, hosted }: Pick<ModelRequest, 'tools' | 'hosted'>,
  names: ToolNames,
  pair: ToolPair,
  onLoss: OnLoss,
): Block[] | undefined {
  const written = new Map<string, Block>()
  for (const [index, tool] of tools.entries()) {
    const lose = (reason: string): void => onLoss({ path: `tools.${index}`, reason })
    const name = names.wireName(tool.name, tool.namespace)
    if (written.has(name)) lose('tool-twice')
    else written.set(name, encodeTool(tool, name, pair, lose))
  }
  for (const [index, tool] of hosted.entries()) {
    const wire = encodeHosted(tool)
    const name = readText(wire?.['name']) ?? `hosted ${index}`
    if (!wire || written.has(name)) onLoss({ path: `hosted.${index}`, reason: 'hosted-tool' })
    else {
      if (hasOtherOptions(tool)) onLoss({ path: `hosted.${index}`, reason: 'hosted-options' })
      written.set(name, wire)
    }
  }
  return written.size === 0 ? undefined : [...written.values()]
}

/** `tool_choice`; undefined when there are no tools to choose from, or nothing to say. */
export function encodeToolChoice(
  { toolChoice, parallelTools, tools: declared }: Pick<ModelRequest, 'toolChoice' | 'parallelTools' | 'tools'>,
  tools: readonly Block[] | undefined,
  names: ToolNames,
  onLoss: OnLoss,
): Fields | undefined {
  if (!toolChoice && parallelTools === undefined) return undefined
  if (!tools) {
    if (toolChoice && toolChoice.mode !== 'none') onLoss({ path: 'toolChoice', reason: 'choice-without-tools' })
    return undefined
  }
  const { mode, tools: chosen } = toolChoice ?? { mode: 'auto' }
  if (mode === 'none') return { type: 'none' }
  const disable_parallel_tool_use = parallelTools === undefined ? undefined : !parallelTools
  const known = chosen
    ?.map((name) => names.wireName(name, declared.find((tool) => tool.name === name)?.namespace))
    .filter((name) => tools.some((tool) => tool['name'] === name))
  if (mode === 'required' && chosen?.length === 1 && known?.length === 1)
    return { type: 'tool', name: known[0], disable_parallel_tool_use }
  if (chosen) onLoss({ path: 'toolChoice.tools', reason: 'choice-subset' })
  // Where none of the chosen tools is left, to demand another one would be another question.
  return { type: mode === 'auto' || known?.length === 0 ? 'auto' : 'any', disable_parallel_tool_use }
}

function encodeTool(tool: Tool, wireName: string, pair: ToolPair, lose: (reason: string) => void): Block {
  const {
    kind,
    name: _name,
    description,
    schema,
    strict,
    grammar,
    namespace: _namespace,
    cache,
    extras,
    ...rest
  } = tool
  rest satisfies Record<string, never>
  const { isOwn } = pair
  // Strictness is bound to a dialect of JSON Schema: another vendor's strict schema may be refused.
  if (strict === true && !isOwn) lose('strict-tool')
  return {
    name: wireName,
    description,
    input_schema: kind === 'custom' ? textSchemaFor(grammar) : schemaFor(schema, pair, lose),
    strict: isOwn ? strict : undefined,
    cache_control: writeCache(cache),
    ...extras?.anthropic,
  }
}

function schemaFor(
  schema: Tool['schema'],
  { isOwn, isClaude }: ToolPair,
  lose: (reason: string) => void,
): Tool['schema'] {
  if (isOwn) return schema
  return encodeInputSchema(schema ?? {}, isClaude, () => lose('schema-union'))
}

/** @see https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-search-tool */
function encodeHosted({ protocol, value }: HostedTool): Block | undefined {
  if (protocol === 'anthropic') return { ...value }
  const { type, googleSearch, google_search, user_location, filters } = value
  const isSearch =
    readText(type)?.startsWith('web_search') === true || googleSearch !== undefined || google_search !== undefined
  if (!isSearch) return undefined
  const { allowed_domains } = readObject(filters) ?? {}
  return {
    type: 'web_search_20250305',
    name: 'web_search',
    user_location: encodeLocation(user_location),
    allowed_domains: readArray(allowed_domains).length > 0 ? allowed_domains : undefined,
  }
}

/** Something is asked of another vendor's search that Anthropic's is not asked. */
function hasOtherOptions({ protocol, value }: HostedTool): boolean {
  if (protocol === 'anthropic') return false
  const { type: _type, user_location: _place, filters, googleSearch, google_search, ...others } = value
  const { allowed_domains: _domains, ...otherFilters } = readObject(filters) ?? {}
  const options = { ...others, ...otherFilters, ...readObject(googleSearch ?? google_search) }
  return Object.values(options).some((option) => option !== null && option !== undefined)
}

/** Responses has the place's fields flat, Chat under `approximate`. */
function encodeLocation(value: unknown): Fields | undefined {
  const location = readObject(value)
  if (!location) return undefined
  const { city, region, country, timezone } = readObject(location['approximate']) ?? location
  const fields = {
    city: readText(city),
    region: readText(region),
    country: readText(country),
    timezone: readText(timezone),
  }
  return Object.values(fields).some((field) => field !== undefined) ? { type: 'approximate', ...fields } : undefined
}
