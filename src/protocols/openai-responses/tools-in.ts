import type { Part, ToolCallPart } from '../../ir/part.ts'
import type { HostedTool, Tool, ToolChoice, Turn } from '../../ir/request.ts'
import { type Fields, isObject, readBoolean, readObject, readString, readText } from '../../lib/json.ts'
import { invalidField, kindOf, optionalList, requiredObject } from '../shared/fields.ts'
import { readToolChoiceValue } from '../shared/openai-options.ts'
import { ownExtras } from './fields.ts'

/** Under this name a tool's extras keep the fields of its namespace, all but name and tools. */
export const NAMESPACE_TWIN = '$namespace'

/** Set in the extras of a tool that an `additional_tools` item of the input declared, and not the list of tools. */
export const INPUT_TWIN = '$input'

/** Tools of the client's, and those of the vendor. */
export interface DeclaredTools {
  readonly tools: readonly Tool[]
  readonly hosted: readonly HostedTool[]
}

/** The tools of a list. Namespaces are flattened. @throws {Fault} invalid-request, naming the tool. */
export function decodeTools(list: unknown, path: string): DeclaredTools {
  const tools: Tool[] = []
  const hosted: HostedTool[] = []
  for (const [at, item] of (optionalList(list, path) ?? []).entries()) {
    const place = `${path}.${at}`
    const value = requiredObject(item, place)
    const { type } = value
    if (type === 'function' || type === 'custom') tools.push(decodeTool(value, place))
    else if (type === 'namespace') {
      const inner = decodeNamespace(value, place)
      tools.push(...inner.tools)
      hosted.push(...inner.hosted)
    } else hosted.push({ protocol: 'openai-responses', value })
  }
  return { tools, hosted }
}

/** What of a namespace is no tool of the client's stays in it, and goes to its own vendor only. */
function decodeNamespace({ type, name, tools: list, ...rest }: Fields, path: string): DeclaredTools {
  const namespace = readText(name)
  if (namespace === undefined)
    throw invalidField(`${path}.name`, `must be the namespace's name, not ${name === '' ? 'empty' : kindOf(name)}.`)
  const { tools, hosted } = decodeTools(list, `${path}.tools`)
  const flat = tools.map((tool) => ({
    ...tool,
    namespace,
    extras: ownExtras({ ...ownFields(tool), [NAMESPACE_TWIN]: rest }),
  }))
  if (hosted.length === 0 && flat.length > 0) return { tools: flat, hosted: [] }
  const value = { type, name, ...rest, tools: hosted.map((tool) => tool.value) }
  return { tools: flat, hosted: [{ protocol: 'openai-responses', value }] }
}

function ownFields({ extras }: Tool): Fields {
  return extras?.['openai-responses'] ?? {}
}

function decodeTool(tool: Fields, path: string): Tool {
  const { type, function: called, ...flat } = tool
  // Chat's form of a declaration, which some clients send here as well.
  const { name, description, parameters, strict, format, ...unread } = readObject(called) ?? flat
  const text = readText(name)
  if (text === undefined)
    throw invalidField(`${path}.name`, `must be the tool's name, not ${name === '' ? 'empty' : kindOf(name)}.`)
  const common = { name: text, description: readString(description) }
  if (type === 'custom')
    return {
      kind: 'custom',
      ...common,
      grammar: readObject(format),
      extras: ownExtras({ ...unread, parameters, strict }),
    }
  return {
    kind: 'function',
    ...common,
    schema: readObject(parameters),
    strict: readBoolean(strict),
    extras: ownExtras({ ...unread, format }),
  }
}

/**
 * `tool_choice`; a tool of the vendor's is named by its type, of which only web search has a name elsewhere.
 *
 * @throws {Fault} invalid-request
 */
export function decodeToolChoice({ tool_choice: value }: Fields): ToolChoice | undefined {
  const choice = readToolChoiceValue(value, 'tool_choice')
  if (!choice || choice.mode !== 'required' || choice.tools || !isObject(value)) return choice
  const { type } = value
  const word = readText(type)
  if (word === undefined || word === 'required' || word === 'any' || word === 'allowed_tools') return choice
  return { mode: 'required', tools: [word.startsWith('web_search') ? 'web_search' : word] }
}

/**
 * The turns, in which no call is of a namespace that nobody declared: OpenAI's tool search puts a tool that was declared
 * alone into a namespace of its own, which only its own vendor is told again.
 */
export function plainCalls(turns: readonly Turn[], tools: readonly Tool[]): readonly Turn[] {
  const isStray = (part: Part): part is ToolCallPart =>
    part.type === 'tool-call' &&
    part.namespace !== undefined &&
    !tools.some(({ name, namespace }) => name === part.name && namespace === part.namespace) &&
    tools.some(({ name, namespace }) => name === part.name && namespace === undefined)
  return turns.map((turn) =>
    turn.role === 'assistant' && turn.parts.some(isStray)
      ? { ...turn, parts: turn.parts.map((part) => (isStray(part) ? withoutNamespace(part) : part)) }
      : turn,
  )
}

function withoutNamespace({ namespace, ...call }: ToolCallPart): ToolCallPart {
  return { ...call, extras: ownExtras({ ...call.extras?.['openai-responses'], namespace }) }
}
