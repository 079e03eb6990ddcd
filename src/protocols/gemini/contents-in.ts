import type { Part, ReasoningPart } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import { mergeExtras } from '../../ir/collect.ts'
import { isObject, type Fields } from '../../lib/json.ts'
import { invalidField, kindOf } from '../shared/fields.ts'
import { camelFields, camelObject } from './json-case.ts'
import { decodeParts, ownExtras } from './part-in.ts'

/** The system prompt, a content of any role or a string. @throws {Fault} invalid-request */
export function decodeSystem(instruction: unknown): readonly Turn[] {
  if (instruction === undefined || instruction === null || instruction === '') return []
  const [content] = listContents(instruction, 'systemInstruction')
  const turn = content && decodeContent({ ...content, role: 'user' }, 'systemInstruction')
  return turn && turn.parts.length > 0 ? [{ ...turn, role: 'system' }] : []
}

/** The conversation. @throws {Fault} invalid-request */
export function decodeContents(contents: unknown): readonly Turn[] {
  const list = listContents(contents, 'contents')
  if (list.length === 0)
    throw invalidField('contents', 'is empty. Add a message such as {"role": "user", "parts": [{"text": "…"}]}.')
  return list.map((content, index) => decodeContent(content, `contents.${index}`))
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

function decodeContent({ role, parts, ...rest }: Fields, path: string): Turn {
  const decoded = decodeParts(checkParts(parts, `${path}.parts`))
  return { role: decodeRole(role, `${path}.role`), parts: joinThoughts(decoded), extras: ownExtras(rest) }
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
function checkParts(value: unknown, path: string): readonly Fields[] {
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

/** Clients replay the chunks in which a thought came: it goes on until its signature, or something else. */
function joinThoughts(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part.type === 'reasoning' && last?.type === 'reasoning' && !last.seals)
      joined[joined.length - 1] = joinThought(last, part)
    else joined.push(part)
  }
  return joined
}

function joinThought(first: ReasoningPart, next: ReasoningPart): ReasoningPart {
  return { ...next, text: first.text + next.text, extras: mergeExtras(first.extras, next.extras) }
}
