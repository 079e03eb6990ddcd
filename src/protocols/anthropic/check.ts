import { Fault } from '../../ir/fault.ts'
import { isObject, type Fields } from '../../lib/json.ts'

/** A request that is none, in the words that Anthropic's own API has for it. */
export function refuse(path: string, problem: string): Fault {
  return new Fault('invalid-request', `${path}: ${problem}`, { param: path })
}

/** @throws {Fault} invalid-request when the field is there and of another type. */
export function checkString(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw refuse(path, 'Input should be a valid string')
  return value
}

/** @throws {Fault} invalid-request when the field is there and of another type. */
export function checkNumber(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') throw refuse(path, 'Input should be a valid number')
  return value
}

/** @throws {Fault} invalid-request when the field is there and of another type. */
export function checkBoolean(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw refuse(path, 'Input should be a valid boolean')
  return value
}

/** @throws {Fault} invalid-request when the field is there and of another type. */
export function checkObject(value: unknown, path: string): Fields | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw refuse(path, 'Input should be a valid dictionary')
  return value
}

/** A list of objects; absent is empty. @throws {Fault} invalid-request for anything else. */
export function checkObjects(value: unknown, path: string): readonly Fields[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw refuse(path, 'Input should be a valid list')
  return value.map((item: unknown, index) => {
    if (!isObject(item)) throw refuse(`${path}.${index}`, 'Input should be a valid dictionary')
    return item
  })
}

/** @throws {Fault} invalid-request, naming the path, when content is neither a string nor a list of well-formed blocks. */
export function checkContent(content: unknown, path: string): void {
  if (typeof content === 'string') return
  if (!Array.isArray(content))
    throw refuse(path, content === undefined ? 'Field required' : 'Input should be a valid string or list')
  for (const [index, block] of checkObjects(content, path).entries()) checkBlock(block, `${path}.${index}`)
}

function checkBlock({ type, text, thinking, data, id, name, tool_use_id, content }: Fields, path: string): void {
  need(type, `${path}.type`)
  switch (type) {
    case 'text':
      return need(text, `${path}.text`)
    case 'thinking':
      return need(thinking, `${path}.thinking`)
    case 'redacted_thinking':
      return need(data, `${path}.data`)
    case 'tool_use':
      need(id, `${path}.id`)
      return need(name, `${path}.name`)
    case 'tool_result':
      need(tool_use_id, `${path}.tool_use_id`)
      if (content !== undefined && content !== null) checkContent(content, `${path}.content`)
  }
}

function need(value: unknown, path: string): void {
  if (value === undefined) throw refuse(path, 'Field required')
  if (typeof value !== 'string') throw refuse(path, 'Input should be a valid string')
}
