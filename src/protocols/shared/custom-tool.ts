import type { JsonObject } from '../../ir/json.ts'
import { readObject, readText } from '../../lib/json.ts'

/** A tool of free text as a function with one string: the grammar is told in words. */
export function textSchemaFor(grammar: JsonObject | undefined): JsonObject {
  const { syntax, definition } = readObject(grammar?.['grammar']) ?? grammar ?? {}
  const text = readText(definition)
  const description = text === undefined ? undefined : `Text of this grammar (${readText(syntax) ?? 'lark'}):\n${text}`
  return { type: 'object', properties: { input: { type: 'string', description } }, required: ['input'] }
}

/** A custom tool's `format` as Responses has it: the grammar's fields beside its type. */
export function flatGrammar(format: JsonObject): JsonObject {
  const { grammar, ...rest } = format
  return { ...rest, ...readObject(grammar) }
}

/** A custom tool's `format` as Chat has it: the grammar's fields in an object of their own. */
export function nestedGrammar(format: JsonObject): JsonObject {
  const { type, syntax, definition, ...rest } = format
  return syntax === undefined && definition === undefined ? format : { type, grammar: { syntax, definition }, ...rest }
}
