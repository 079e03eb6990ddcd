import { mergeExtras } from '../../ir/collect.ts'
import type { Part, ReasoningPart, TextPart } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { isObject, type Fields } from '../../lib/json.ts'
import { invalidField, kindOf } from '../shared/fields.ts'
import { camelFields, camelObject } from './json-case.ts'
import { decodeParts, ownExtras } from './part-in.ts'

/** The system prompt, a content of any role or a string. @throws {Fault} invalid-request */
export function decodeSystem(instruction: unknown): readonly Turn[] {
  if (instruction === undefined || instruction === null || instruction === '') return []
  const contents = listContents(instruction, 'systemInstruction')
  return contents
    .map((item) => decodeContent({ ...readContent({ ...item, role: 'user' }, 'systemInstruction'), role: 'system' }))
    .filter(({ parts }) => parts.length > 0)
}

/**
 * The conversation. What the model said in a row is one turn: SDKs keep each chunk of a stream as a content of its own.
 *
 * @throws {Fault} invalid-request
 */
export function decodeContents(contents: unknown): readonly Turn[] {
  const list = listContents(contents, 'contents')
  if (list.length === 0)
    throw invalidField('contents', 'is empty. Add a message such as {"role": "user", "parts": [{"text": "…"}]}.')
  const joined: Content[] = []
  for (const [index, item] of list.entries()) {
    const content = readContent(item, `contents.${index}`)
    const last = joined.at(-1)
    if (content.role === 'assistant' && last?.role === 'assistant') {
      last.parts.push(...content.parts)
      Object.assign(last.unread, content.unread)
    } else joined.push(content)
  }
  return joined.map(decodeContent)
}

/** One content alone, its words alone and parts without a content are taken too: so do Google's SDKs. */
function listContents(value: unknown, path: string): readonly Fields[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  return list.map((content, index) => {
    if (typeof content === 'string') return { parts: [{ text: content }] }
    if (!isObject(content))
      throw invalidField(`${path}.${index}`, `must be an object with role and parts, not ${kindOf(content)}.`)
    return 'parts' in content || 'role' in content ? content : { parts: [content] }
  })
}

/** A content whose parts have camelCase names. */
interface Content {
  readonly role: Turn['role']
  readonly parts: Fields[]
  readonly unread: Record<string, unknown>
}

function readContent({ role, parts, ...unread }: Fields, path: string): Content {
  return { role: decodeRole(role, `${path}.role`), parts: checkParts(parts, `${path}.parts`), unread }
}

function decodeContent({ role, parts, unread }: Content): Turn {
  const decoded = decodeParts(parts)
  return { role, parts: role === 'assistant' ? joinChunks(decoded) : decoded, extras: ownExtras(unread) }
}

/** `function` is an older word for a user's turn of results; a turn without a role is the user's. */
function decodeRole(role: unknown, path: string): Turn['role'] {
  switch (role) {
    case undefined:
    case null:
    case '':
    case 'user':
    case 'function':
      return 'user'
    case 'model':
      return 'assistant'
    default:
      throw invalidField(
        path,
        `must be 'user' or 'model', not ${JSON.stringify(role)}. System prompts go into systemInstruction.`,
      )
  }
}

/** The parts with camelCase names. @throws {Fault} invalid-request for what has no sense in any protocol */
function checkParts(value: unknown, path: string): Fields[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  return list.map((item, index) => {
    const at = `${path}.${index}`
    if (typeof item === 'string') return { text: item }
    if (!isObject(item)) throw invalidField(at, `must be an object such as {"text": "…"}, not ${kindOf(item)}.`)
    const part = camelFields(item)
    checkPart(part, at)
    return part
  })
}

function checkPart({ text, functionCall, functionResponse, inlineData, fileData }: Fields, path: string): void {
  if (text !== undefined && text !== null && typeof text !== 'string')
    throw invalidField(`${path}.text`, `must be a string, not ${kindOf(text)}.`)
  checkText(functionCall, 'name', `${path}.functionCall`)
  checkText(functionResponse, 'name', `${path}.functionResponse`)
  checkText(inlineData, 'data', `${path}.inlineData`)
  checkText(fileData, 'fileUri', `${path}.fileData`)
}

/** @throws {Fault} invalid-request when the value is there and no object with a string of this name. */
function checkText(value: unknown, name: string, path: string): void {
  if (value === undefined || value === null) return
  const fields = camelObject(value)
  if (!fields) throw invalidField(path, `must be an object with ${name}, not ${kindOf(value)}.`)
  const text = fields[name]
  if (typeof text !== 'string') throw invalidField(`${path}.${name}`, `must be a string, not ${kindOf(text)}.`)
}

/** Clients replay the chunks of a stream: a text or a thought goes on until its signature, or something else. */
function joinChunks(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last?.type === 'text' && part.type === 'text' && isOpen(last)) joined[joined.length - 1] = joinTexts(last, part)
    else if (last?.type === 'reasoning' && part.type === 'reasoning' && isOpen(last))
      joined[joined.length - 1] = joinTexts(last, part)
    else joined.push(part)
  }
  return joined
}

function isOpen({ seals }: Part): boolean {
  return seals === undefined
}

function joinTexts<T extends TextPart | ReasoningPart>(first: T, next: T): T {
  return { ...next, text: first.text + next.text, extras: mergeExtras(first.extras, next.extras) }
}
