import type { Part, TextPart, ToolCallPart, ToolResultContent, ToolResultPart } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { type Fields, readObject, readObjects, readString, readText } from '../../lib/json.ts'
import { invalidField, kindOf, optionalList, requiredObject } from '../shared/fields.ts'
import { sourceOfUrl } from '../shared/media.ts'
import { readContent } from './content-in.ts'
import { ownExtras, readCachePoint } from './fields.ts'
import { placeReasoning } from './place.ts'
import { readCallSeals, readMessageReasoning } from './reasoning.ts'

/** A conversation, its leading system messages apart. */
export interface Conversation {
  readonly system: readonly Turn[]
  readonly turns: readonly Turn[]
}

/** @throws {Fault} invalid-request, naming the message. */
export function readMessages(messages: readonly unknown[]): Conversation {
  const system: Turn[] = []
  const turns: Turn[] = []
  for (const [at, item] of messages.entries()) {
    const path = `messages.${at}`
    const { role, ...message } = requiredObject(item, path)
    switch (role) {
      case 'system':
      case 'developer':
        ;(turns.length === 0 ? system : turns).push(readSystem(role, message, path))
        break
      case 'user':
        turns.push(readUserTurn(message, path))
        break
      case 'assistant':
        turns.push(readAssistant(message, path))
        break
      case 'tool':
      case 'function':
        addResult(turns, readResult(message, path))
        break
      default:
        throw invalidField(
          `${path}.role`,
          `must be system, developer, user, assistant or tool, not ${typeof role === 'string' ? `'${role}'` : kindOf(role)}.`,
        )
    }
  }
  return { system, turns }
}

function readSystem(role: string, { content, ...unread }: Fields, path: string): Turn {
  const parts = readContent(content, `${path}.content`)
  return {
    role: 'system',
    parts: cached(parts, unread),
    extras: ownExtras({ role: role === 'system' ? undefined : role, ...unread }),
  }
}

function readUserTurn({ content, ...unread }: Fields, path: string): Turn {
  if (content === undefined || content === null)
    throw invalidField(`${path}.content`, `must be a string or a list of content parts, not ${kindOf(content)}.`)
  return { role: 'user', parts: cached(readContent(content, `${path}.content`), unread), extras: ownExtras(unread) }
}

/** A cache mark of the whole message stands on its last part; the message's extras keep where it was. */
function cached(parts: readonly Part[], { cache_control }: Fields): readonly Part[] {
  const cache = readCachePoint(cache_control)
  const last = parts.at(-1)
  return cache && last ? [...parts.slice(0, -1), { ...last, cache }] : parts
}

function readAssistant(message: Fields, path: string): Turn {
  const {
    content,
    refusal,
    tool_calls,
    function_call,
    images,
    reasoning_content: _content,
    reasoning: _plain,
    reasoning_details: _details,
    ...unread
  } = message
  const { textSeals, ...reasoning } = readMessageReasoning(message)
  const said = sealText(readContent(content, `${path}.content`), textSeals)
  const calls = (optionalList(tool_calls, `${path}.tool_calls`) ?? []).map((call, at) =>
    readCall(requiredObject(call, `${path}.tool_calls.${at}`), `${path}.tool_calls.${at}`),
  )
  const refused = readText(refusal)
  const ordered = placeReasoning(reasoning, said, calls)
  const parts: Part[] = ordered ? [...ordered] : [...reasoning.parts, ...said]
  if (refused !== undefined) parts.push({ type: 'text', text: refused, refusal: true })
  parts.push(...readImages(images))
  if (!ordered) parts.push(...calls)
  const { name, arguments: input } = readObject(function_call) ?? {}
  const called = readText(name)
  if (called !== undefined)
    parts.push({ type: 'tool-call', id: '', name: called, kind: 'function', input: readInput(input) })
  return { role: 'assistant', parts: cached(parts, unread), extras: ownExtras(unread) }
}

/** Seals that came for the message's text go to its last piece; without one they are thinking that shows nothing. */
function sealText(parts: readonly Part[], seals: MessageSeals): readonly Part[] {
  if (seals.length === 0) return parts
  const at = parts.findLastIndex((part) => part.type === 'text')
  const text = parts[at]
  if (!text) return [{ type: 'reasoning', text: '', seals }, ...parts]
  return parts.with(at, { ...text, seals })
}

type MessageSeals = ReturnType<typeof readMessageReasoning>['textSeals']

/** Pictures that the model made, as gateways to Gemini show them. */
export function readImages(images: unknown): readonly Part[] {
  return readObjects(images).flatMap(({ image_url }): Part[] => {
    const { url } = readObject(image_url) ?? { url: image_url }
    const address = readText(url)
    return address === undefined ? [] : [{ type: 'media', kind: 'image', source: sourceOfUrl(address) }]
  })
}

function readCall(call: Fields, path: string): ToolCallPart {
  const { id, type, function: called, custom, extra_content, index: _index, ...unread } = call
  const isCustom = type === 'custom' || (called === undefined && custom !== undefined)
  const {
    name,
    arguments: args,
    input,
  } = requiredObject(isCustom ? custom : called, `${path}.${isCustom ? 'custom' : 'function'}`)
  const tool = readText(name)
  if (tool === undefined)
    throw invalidField(
      `${path}.${isCustom ? 'custom' : 'function'}.name`,
      `must be the tool's name, not ${name === '' ? 'empty' : kindOf(name)}.`,
    )
  return {
    type: 'tool-call',
    id: readString(id) ?? '',
    name: tool,
    kind: isCustom ? 'custom' : 'function',
    input: isCustom ? (readString(input) ?? '') : readInput(args),
    seals: readCallSeals(extra_content),
    extras: ownExtras(unread),
  }
}

/** A string everywhere but in a few servers that write the arguments as an object. */
export function readInput(args: unknown): string {
  return typeof args === 'string' ? args : args === undefined || args === null ? '' : JSON.stringify(args)
}

function readResult({ tool_call_id, name, content, ...unread }: Fields, path: string): ToolResultPart {
  return {
    type: 'tool-result',
    callId: readString(tool_call_id) ?? '',
    name: readText(name),
    kind: 'function',
    content: readResultContent(content, `${path}.content`),
    cache: readCachePoint(unread['cache_control']),
    extras: ownExtras(unread),
  }
}

function readResultContent(content: unknown, path: string): readonly ToolResultContent[] {
  // Some clients send the tool's own JSON.
  const json =
    content !== null && typeof content === 'object' && !isPartList(content) ? JSON.stringify(content) : undefined
  const parts = json === undefined ? readContent(content, path) : [{ type: 'text', text: json } satisfies TextPart]
  return parts.filter((part) => part.type === 'text' || part.type === 'media' || part.type === 'opaque')
}

function isPartList(content: object): boolean {
  return Array.isArray(content) && content.every((item) => typeof readObject(item)?.['type'] === 'string')
}

/** Results of one answer's calls stand in one turn. */
function addResult(turns: Turn[], result: ToolResultPart): void {
  const last = turns.at(-1)
  const isOpen =
    last?.role === 'user' && last.parts.length > 0 && last.parts.every((part) => part.type === 'tool-result')
  if (isOpen) turns[turns.length - 1] = { ...last, parts: [...last.parts, result] }
  else turns.push({ role: 'user', parts: [result] })
}
