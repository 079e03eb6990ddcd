import type { JsonObject } from '../../ir/json.ts'
import type { HostedTool, Tool, ToolChoice } from '../../ir/request.ts'
import { readArray, readObject, readText } from '../../lib/json.ts'
import { flatGrammar } from '../shared/custom-tool.ts'
import { tellForeignExtras } from '../shared/foreign.ts'
import { encodeParameters } from '../shared/openai-schema.ts'
import type { RequestWriter } from './content-out.ts'
import { readOwn } from './fields.ts'
import { INPUT_TWIN, NAMESPACE_TWIN } from './tools-in.ts'

/** `tools`, without those that have no form here and those whose name is taken; undefined when none is left. */
export function encodeTools(
  tools: readonly Tool[],
  hosted: readonly HostedTool[],
  writer: RequestWriter,
): readonly JsonObject[] | undefined {
  const written: JsonObject[] = []
  const taken = new Set<string>()
  /** The namespace that is being written, and its tools so far. */
  let open: { readonly name: string; readonly tools: JsonObject[] } | undefined
  for (const [at, tool] of tools.entries()) {
    const { [INPUT_TWIN]: isInInput, [NAMESPACE_TWIN]: shell } = readOwn(tool.extras)
    if (isInInput === true) continue
    const { namespace } = tool
    const name = namespace === undefined ? writer.names.wireName(tool.name) : tool.name
    const key = `${namespace ?? ''}\0${name}`
    if (taken.has(key) && !writer.isOwn) {
      writer.onLoss({ path: `tools.${at}`, reason: 'tool-name-twice' })
      continue
    }
    taken.add(key)
    const wire = encodeTool(tool, name, `tools.${at}`, writer)
    if (namespace === undefined) {
      open = undefined
      written.push(wire)
    } else if (open?.name === namespace) open.tools.push(wire)
    else {
      open = { name: namespace, tools: [wire] }
      written.push({ type: 'namespace', name: namespace, ...readObject(shell), tools: open.tools })
    }
  }
  for (const [at, tool] of hosted.entries()) {
    const wire = encodeHosted(tool, `hosted.${at}`, writer)
    if (wire) written.push(wire)
  }
  return written.length > 0 ? written : undefined
}

function encodeTool(tool: Tool, name: string, path: string, { isOwn, onLoss }: RequestWriter): JsonObject {
  const {
    kind,
    name: _name,
    namespace: _namespace,
    description,
    schema,
    strict,
    grammar,
    cache,
    extras,
    ...rest
  } = tool
  rest satisfies Record<string, never>
  tellForeignExtras(extras, 'openai-responses', `${path}.extras`, onLoss)
  if (cache) onLoss({ path: `${path}.cache`, reason: 'cache-control' })
  const { [NAMESPACE_TWIN]: _shell, [INPUT_TWIN]: _input, ...own } = readOwn(extras)
  if (kind === 'custom') return { type: 'custom', name, description, format: grammar && flatGrammar(grammar), ...own }
  if (isOwn) return { type: 'function', name, description, parameters: schema, strict, ...own }
  const fitted = encodeParameters(schema ?? {}, strict, (reason) => onLoss({ path, reason }))
  // What is absent here is true to this API, and to no other.
  return { type: 'function', name, description, ...fitted, strict: fitted.strict ?? false }
}

/** @see https://platform.openai.com/docs/guides/tools-web-search */
function encodeHosted(
  { protocol, value }: HostedTool,
  path: string,
  { onLoss }: RequestWriter,
): JsonObject | undefined {
  if (protocol === 'openai-responses') return value
  const { type, name: _name, googleSearch, google_search, user_location, allowed_domains, ...options } = value
  const word = readText(type) ?? ''
  const isSearch = /^(?:web|google)_?search/i.test(word) || googleSearch !== undefined || google_search !== undefined
  if (!isSearch) {
    onLoss({ path, reason: 'hosted-tool' })
    return undefined
  }
  const others = [...Object.values(options), ...Object.values(readObject(googleSearch ?? google_search) ?? {})]
  if (others.some((option) => option !== undefined && option !== null)) onLoss({ path, reason: 'hosted-options' })
  const location = readObject(user_location)
  return {
    type: 'web_search',
    filters: readArray(allowed_domains).length > 0 ? { allowed_domains } : undefined,
    // Chat has the place's fields one level deeper.
    user_location: location && { type: 'approximate', ...(readObject(location['approximate']) ?? location) },
  }
}

/** `tool_choice`; undefined when there is nothing to choose from, or nothing to say. */
export function encodeToolChoice(
  choice: ToolChoice | undefined,
  tools: readonly Tool[],
  wireTools: readonly JsonObject[] | undefined,
  writer: RequestWriter,
): unknown {
  if (!choice) return undefined
  if (!wireTools && tools.length === 0) {
    if (choice.mode !== 'none') writer.onLoss({ path: 'toolChoice', reason: 'no-tools' })
    return undefined
  }
  const { mode, tools: chosen } = choice
  if (mode === 'none' || !chosen) return mode
  const allowed = chosen.flatMap((name) => referenceFor(name, tools, wireTools, writer) ?? [])
  if (allowed.length < chosen.length) writer.onLoss({ path: 'toolChoice', reason: 'unknown-tool' })
  const [only] = allowed
  if (!only) return 'auto'
  return mode === 'required' && allowed.length === 1 ? only : { type: 'allowed_tools', mode, tools: allowed }
}

function referenceFor(
  name: string,
  tools: readonly Tool[],
  wireTools: readonly JsonObject[] | undefined,
  { names }: RequestWriter,
): JsonObject | undefined {
  const tool = tools.find((declared) => declared.name === name)
  if (tool) return { type: tool.kind, name: tool.namespace === undefined ? names.wireName(name) : name }
  return wireTools?.some(({ type }) => type === name) ? { type: name } : undefined
}
