import { isObject, type Fields } from '../../lib/json.ts'
import { asObject, joinTop } from '../shared/schema-join.ts'
import { mapChildren, type OnSchemaLoss } from '../shared/schema-nodes.ts'
import { repairSchema } from '../shared/schema-repair.ts'
import { isObjectSchema, type SchemaRules } from '../shared/schema-rules.ts'
import { projectSchema } from '../shared/schema.ts'

const FORMATS: ReadonlySet<unknown> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
)

/** Lookaround, references back and word boundaries, which Claude's grammar of patterns lacks. */
const UNSUPPORTED_PATTERN = /\(\?<?[=!]|\\[1-9bBk]/

/**
 * What Claude's structured outputs may say.
 *
 * @see https://docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
 */
const RULES: SchemaRules = {
  keywords: new Set(
    (
      '$defs definitions $ref type title description default enum const anyOf allOf properties required ' +
      'additionalProperties items minItems format pattern'
    ).split(' '),
  ),
  takes: {
    additionalProperties: (value) => value === false,
    allOf: (branches) => !JSON.stringify(branches).includes('"$ref"'),
    format: (value) => FORMATS.has(value),
    minItems: (value) => value === 0 || value === 1,
    pattern: (value) => typeof value === 'string' && !UNSUPPORTED_PATTERN.test(value),
  },
  enumTypes: new Set(['string', 'number', 'boolean', 'null']),
  cycles: 'nowhere',
  closesObjects: true,
}

/** A schema for a tool's input. Claude (`isStrict`) takes no union at its top, compatible servers do. */
export function encodeInputSchema(schema: Fields, isStrict: boolean, lose: () => void): Fields {
  const repaired = repairSchema(schema)
  const joined = isStrict ? joinTop(repaired) : repaired
  if (joined !== repaired) lose()
  return asObject(joined)
}

/**
 * A schema for an answer: objects are closed, as Anthropic demands. For its own models (`isStrict`) what they are not
 * documented to take beyond that moves into the descriptions; a compatible server gets the rest as it is.
 */
export function encodeSchema(schema: Fields, isStrict: boolean, onLoss: OnSchemaLoss): Fields {
  if (isStrict) return projectSchema(schema, RULES, onLoss)
  const { $schema: _dialect, ...rest } = schema
  return closeObjects(rest)
}

function closeObjects(node: Fields): Fields {
  const inner = mapChildren(node, (child) => (isObject(child) ? closeObjects(child) : child))
  const isOpen = inner['additionalProperties'] !== undefined
  return isObjectSchema(inner) && !isOpen ? { ...inner, additionalProperties: false } : inner
}
