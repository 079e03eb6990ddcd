import type { JsonObject } from '../../ir/json.ts'
import { isObject, readString, type Fields } from '../../lib/json.ts'
import { isSameJson, mapChild, mapItems, readTypes, withKeywords } from '../shared/schema-nodes.ts'

/** Keywords of Gemini's Schema, and of JSON Schema in snake_case, by the names that JSON Schema has for them. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['any_of', 'anyOf'],
  ['one_of', 'oneOf'],
  ['min_items', 'minItems'],
  ['max_items', 'maxItems'],
  ['min_length', 'minLength'],
  ['max_length', 'maxLength'],
  ['min_properties', 'minProperties'],
  ['max_properties', 'maxProperties'],
  ['prefix_items', 'prefixItems'],
  ['additional_properties', 'additionalProperties'],
  ['property_ordering', 'propertyOrdering'],
  ['defs', '$defs'],
  ['ref', '$ref'],
])

/** Written as strings, as Protocol Buffers write numbers of 64 bits in JSON. */
const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
])

/**
 * The JSON Schema of a schema in Gemini's own words: types in capitals, `nullable`, counts as strings, names in either
 * spelling. The order of properties, which no other vendor knows, is left out. The very same object for what says the
 * same in JSON Schema already.
 *
 * @see https://ai.google.dev/api/caching#Schema
 */
export function jsonSchemaFor(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema)
  let isChanged = false
  const written: Record<string, unknown> = {}
  for (const [key, value] of entries) {
    const name = RENAMED.get(key) ?? key
    const isIdle = name === 'propertyOrdering' || name === 'nullable' || value === undefined
    const item = isIdle ? undefined : writeKeyword(name, value)
    if (item !== undefined && (name === key || schema[name] === undefined)) written[name] = item
    isChanged ||= name !== key || item !== value
  }
  if (!isChanged) return schema
  return schema['nullable'] === true ? orNull(written) : written
}

function writeKeyword(name: string, value: unknown): unknown {
  if (name === 'type') return Array.isArray(value) ? mapItems(value, writeType) : writeType(value)
  if (name === '$ref') return readString(value)?.replace(/^#\/defs\//, '#/$defs/')
  if (COUNTS.has(name) && typeof value === 'string') return /^\d+$/.test(value) ? Number(value) : undefined
  return mapChild(name, value, (child) => (isObject(child) ? jsonSchemaFor(child) : child))
}

function writeType(type: unknown): unknown {
  const word = typeof type === 'string' ? type.toLowerCase() : type
  return word === 'type_unspecified' ? undefined : word
}

/** The same schema for values that may be null as well. */
function orNull(node: Fields): Fields {
  const types = readTypes(node)
  if (types) return types.includes('null') ? node : withKeywords(node, { type: [...types, 'null'] })
  const { anyOf } = node
  if (!Array.isArray(anyOf) || anyOf.some((branch) => isSameJson(branch, NULL))) return node
  return withKeywords(node, { anyOf: [...anyOf, NULL] })
}

const NULL: Fields = { type: 'null' }
