import type { OnLoss } from '../../ir/codec.ts'
import type { OpaquePart, Part } from '../../ir/part.ts'
import type { ModelRequest, Tool, Turn } from '../../ir/request.ts'
import { readObject } from '../../lib/json.ts'
import { hasQuoted } from '../../lib/json-scan.ts'
import { textSchemaFor } from '../shared/custom-tool.ts'
import { TOOL_NAME_RULES, toolNamesFor, type ToolNames } from '../shared/tool-id.ts'
import { ITEM_TWIN } from './reasoning.ts'
import { readOwn } from './fields.ts'

/** Words that are in the text of every request whose tools are not all plain functions. */
const SIGNS = ['namespace', 'custom', 'custom_tool_call', 'additional_tools', 'tool_search_call'] as const

/** False for a request, as the client wrote it, that has nothing but plain functions. */
export function mayHaveOddTools(text: string): boolean {
  return SIGNS.some((sign) => hasQuoted(text, sign))
}

/**
 * The request for a vendor that serves Responses and takes no tools but functions: those of namespaces and those that
 * the input declares stand in the list as `namespace__name`, and free text is a function with one string. Whoever reads
 * the answer undoes it, see `shared/restore-tools.ts`.
 */
export function withPlainTools(request: ModelRequest, onLoss: OnLoss): ModelRequest {
  const names = toolNamesFor(request, TOOL_NAME_RULES['openai-responses'])
  const { toolChoice } = request
  const wireNameOf = (name: string): string =>
    names.wireName(name, request.tools.find((tool) => tool.name === name)?.namespace)
  return {
    ...request,
    system: request.system.flatMap((turn) => plainTurn(turn, names, onLoss)),
    turns: request.turns.flatMap((turn) => plainTurn(turn, names, onLoss)),
    tools: request.tools.map((tool) => plainTool(tool, names)),
    toolChoice: toolChoice?.tools ? { ...toolChoice, tools: toolChoice.tools.map(wireNameOf) } : toolChoice,
  }
}

function plainTool({ kind, name, namespace, grammar, schema, extras: _extras, ...rest }: Tool, names: ToolNames): Tool {
  return {
    ...rest,
    kind: 'function',
    name: names.wireName(name, namespace),
    schema: kind === 'custom' ? textSchemaFor(grammar) : schema,
  }
}

/** None in the place of one that only declares tools, or tells of tools that were searched for. */
function plainTurn(turn: Turn, names: ToolNames, onLoss: OnLoss): readonly Turn[] {
  const { [ITEM_TWIN]: twin } = readOwn(turn.extras)
  if (readObject(twin)?.['type'] === 'additional_tools') return []
  const parts = turn.parts.flatMap((part) => plainPart(part, names, onLoss))
  return parts.length === 0 && turn.parts.length > 0 ? [] : [{ ...turn, parts }]
}

function plainPart(part: Part, names: ToolNames, onLoss: OnLoss): readonly Part[] {
  switch (part.type) {
    case 'tool-call': {
      const { namespace, name, kind, input, extras, ...rest } = part
      const call = { ...rest, name: names.wireName(name, namespace) }
      return kind === 'custom'
        ? [{ ...call, kind: 'function', input: JSON.stringify({ input }) }]
        : [{ ...call, kind, input, extras }]
    }
    case 'tool-result':
      return part.kind === 'custom' ? [{ ...part, kind: 'function', extras: undefined }] : [part]
    case 'opaque':
      if (!isToolSearch(part)) return [part]
      onLoss({ path: 'turns', reason: 'hosted-tool' })
      return []
    default:
      return [part]
  }
}

function isToolSearch({ value }: OpaquePart): boolean {
  const { type } = value
  return typeof type === 'string' && type.startsWith('tool_search')
}
