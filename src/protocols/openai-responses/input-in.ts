import type { Part, ToolResultPart } from '../../ir/part.ts'
import type { Tool, Turn } from '../../ir/request.ts'
import { type Fields, presentFields, readText } from '../../lib/json.ts'
import { invalidField, kindOf, requiredObject } from '../shared/fields.ts'
import { COMPACTION_TRIGGER, readSummary } from './compaction.ts'
import { decodeContent, decodeOutput } from './content-in.ts'
import { ownExtras } from './fields.ts'
import { decodeItem } from './item-in.ts'
import { ITEM_TWIN, readPartSeals } from './reasoning.ts'
import { decodeTools, INPUT_TWIN } from './tools-in.ts'

/** What the input says. */
export interface Conversation {
  /** Its leading system and developer messages. */
  readonly system: readonly Turn[]
  readonly turns: readonly Turn[]
  /** Tools that items of the input declare. */
  readonly tools: readonly Tool[]
}

/** Items that the client makes, and that only a vendor of this protocol knows. */
const CLIENT_ITEMS: ReadonlySet<unknown> = new Set([
  'computer_call_output',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  'mcp_approval_response',
  'configuration_update',
  COMPACTION_TRIGGER,
])

/** What stands before a summary of our own, for every model. */
const SUMMARY_HEAD = 'A summary of the conversation before this point, which is all that is left of it:\n\n'

/** @throws {Fault} invalid-request, naming the item. */
export function decodeInput(input: unknown): Conversation {
  if (typeof input === 'string') return { system: [], turns: [{ role: 'user', parts: textParts(input) }], tools: [] }
  if (!Array.isArray(input)) throw invalidField('input', `must be a string or a list of items, not ${kindOf(input)}.`)
  const system: Turn[] = []
  const turns: Turn[] = []
  const tools: Tool[] = []
  for (const [at, entry] of input.entries()) {
    const path = `input.${at}`
    const item = requiredObject(entry, path)
    const { type, role } = item
    switch (type) {
      case undefined:
      case null:
      case 'message':
        if (role === 'assistant') addAnswer(turns, decodeItem(item))
        else if (isReference(item)) addAnswer(turns, [opaqueItem(item)])
        else decodeMessage(item, path, system, turns)
        break
      case 'function_call_output':
      case 'custom_tool_call_output':
        addSaid(turns, decodeResult(item, path))
        break
      case 'additional_tools': {
        const declared = decodeTools(item['tools'], `${path}.tools`)
        tools.push(...declared.tools.map(asInputTool))
        addPlace(system, turns, item)
        break
      }
      case 'tool_search_output':
        if (item['execution'] === 'client') addSaid(turns, opaqueItem(item))
        else addAnswer(turns, [opaqueItem(item)])
        break
      case 'compaction':
      case 'compaction_summary': {
        const summary = readSummary(item)
        if (summary === undefined) addModelItem(turns, item, path)
        else turns.push({ role: 'user', parts: [{ type: 'text', text: SUMMARY_HEAD + summary }] })
        break
      }
      default:
        if (typeof type !== 'string') throw invalidField(`${path}.type`, `must be a string, not ${kindOf(type)}.`)
        if (CLIENT_ITEMS.has(type)) addSaid(turns, opaqueItem(item))
        else addModelItem(turns, item, path)
    }
  }
  return { system, turns, tools }
}

/** True for an item that names another one, which the vendor keeps. */
export function isReference({ type, id, role, content }: Fields): boolean {
  if (type === 'item_reference') return true
  return (
    (type === undefined || type === null) && role === undefined && content === undefined && readText(id) !== undefined
  )
}

function textParts(text: string): readonly Part[] {
  return text === '' ? [] : [{ type: 'text', text }]
}

function decodeMessage(item: Fields, path: string, system: Turn[], turns: Turn[]): void {
  const { type: _type, role, content, ...unread } = item
  switch (role) {
    case 'user':
      turns.push({ role, parts: decodeContent(content, `${path}.content`), extras: ownExtras(unread) })
      break
    case 'system':
    case 'developer':
      ;(turns.length === 0 ? system : turns).push({
        role: 'system',
        parts: decodeContent(content, `${path}.content`),
        extras: ownExtras({ role: role === 'developer' ? undefined : role, ...unread }),
      })
      break
    default:
      throw invalidField(
        `${path}.role`,
        `must be user, assistant, system or developer, not ${typeof role === 'string' ? `'${role}'` : kindOf(role)}.`,
      )
  }
}

function decodeResult(item: Fields, path: string): ToolResultPart {
  const { type, id, call_id, output, status, ...unread } = item
  const callId = readText(call_id)
  if (callId === undefined) throw invalidField(`${path}.call_id`, `must be the id of a call, not ${kindOf(call_id)}.`)
  return {
    type: 'tool-result',
    callId,
    name: readText(unread['name']),
    kind: type === 'custom_tool_call_output' ? 'custom' : 'function',
    content: decodeOutput(output, `${path}.output`),
    extras: ownExtras({ ...unread, [ITEM_TWIN]: presentFields({ id, status }) }),
  }
}

/** An item as a part, marked as no part of a message's content. */
function opaqueItem(item: Fields): Part {
  return {
    type: 'opaque',
    protocol: 'openai-responses',
    value: item,
    extras: { 'openai-responses': { [ITEM_TWIN]: true } },
  }
}

function asInputTool(tool: Tool): Tool {
  return { ...tool, extras: ownExtras({ ...tool.extras?.['openai-responses'], [INPUT_TWIN]: true }) }
}

/** A turn that says nothing and keeps an item in its place for a vendor of this protocol. */
function addPlace(system: Turn[], turns: Turn[], item: Fields): void {
  const extras = { 'openai-responses': { [ITEM_TWIN]: item } }
  if (turns.length === 0) system.push({ role: 'system', parts: [], extras })
  else turns.push({ role: 'user', parts: [], extras })
}

/** What the model said in one go stands in one turn. */
function addAnswer(turns: Turn[], parts: readonly Part[]): void {
  const last = turns.at(-1)
  if (last?.role === 'assistant') turns[turns.length - 1] = { ...last, parts: [...last.parts, ...parts] }
  else turns.push({ role: 'assistant', parts })
}

/** @throws {Fault} invalid-request when a call names no tool. */
function addModelItem(turns: Turn[], item: Fields, path: string): void {
  const { type, name } = item
  if ((type === 'function_call' || type === 'custom_tool_call') && readText(name) === undefined)
    throw invalidField(`${path}.name`, `must be the tool's name, not ${name === '' ? 'empty' : kindOf(name)}.`)
  const seals = readPartSeals(item)
  const turn = turns.at(-1)
  const last = turn?.parts.at(-1)
  if (seals && last && turn?.role === 'assistant')
    turns[turns.length - 1] = {
      ...turn,
      parts: [...turn.parts.slice(0, -1), { ...last, seals: [...(last.seals ?? []), ...seals] }],
    }
  else addAnswer(turns, decodeItem(item))
}

/** What tools answered to one answer's calls stands in one turn. */
function addSaid(turns: Turn[], part: Part): void {
  const last = turns.at(-1)
  const isOpen = last?.role === 'user' && last.parts.length > 0 && last.parts.every(isItem)
  if (isOpen) turns[turns.length - 1] = { ...last, parts: [...last.parts, part] }
  else turns.push({ role: 'user', parts: [part] })
}

/** True for a part that is an item of its own. */
export function isItem({ type, extras }: Part): boolean {
  return type === 'tool-result' || extras?.['openai-responses']?.[ITEM_TWIN] === true
}
