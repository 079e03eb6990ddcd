import type { JsonObject } from '../../ir/json.ts'
import { isObject, readArray, readObject, type Fields } from '../../lib/json.ts'
import { asObject, joinTop } from './schema-join.ts'
import { isObjectSchema, type SchemaRules } from './schema-rules.ts'
import { projectSchema } from './schema.ts'
import { CHILD_KINDS, mapChild } from './schema-nodes.ts'
import { repairSchema } from './schema-repair.ts'

const FORMATS: ReadonlySet<unknown> = new Set('date-time time date duration email hostname ipv4 ipv6 uuid'.split(' '))

/**
 * What strict schemas may say.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
const STRICT_RULES: SchemaRules = {
  keywords: new Set(
    (
      '$schema $defs definitions $ref type title description enum const anyOf properties required ' +
      'additionalProperties items pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum ' +
      'minItems maxItems'
    ).split(' '),
  ),
  takes: { format: (value) => FORMATS.has(value), additionalProperties: (value) => value === false },
  enumTypes: new Set(['string', 'number', 'boolean', 'null']),
  cycles: 'anywhere',
  closesObjects: false,
}

/** Refused at the top of a function's parameters, whether they are strict or not. */
const TOP_REFUSED = ['enum', 'const', 'not'] as const

/**
 * `parameters` and `strict` of a function that another protocol's client declared, for Chat and for Responses: an object
 * without a union at its top. A schema that strict mode refuses is no longer strict.
 *
 * `strict` stays undefined where the client did not say. Responses takes that for true, so its encoder writes false.
 */
export function encodeParameters(
  schema: JsonObject,
  strict: boolean | undefined,
  lose: (reason: string) => void,
): { readonly parameters: JsonObject; readonly strict: boolean | undefined } {
  const repaired = repairSchema(schema)
  const joined = joinTop(repaired)
  const isRefused = TOP_REFUSED.some((key) => joined[key] !== undefined)
  if (joined !== repaired || isRefused) lose('schema-union')
  const plain = isRefused
    ? Object.fromEntries(Object.entries(joined).filter(([key]) => !TOP_REFUSED.some((refused) => refused === key)))
    : joined
  const object = asObject(plain)
  const isBare = object['type'] === 'object' && !isObject(object['properties'])
  const parameters = isBare ? { ...object, properties: {} } : object
  return { parameters, strict: strictnessFor(parameters, strict, lose) }
}

/** `schema` and `strict` of the answer's format, as another protocol's client gave them. */
export function encodeAnswerSchema(
  schema: JsonObject,
  strict: boolean | undefined,
  lose: (reason: string) => void,
): { readonly schema: JsonObject; readonly strict: boolean | undefined } {
  const repaired = repairSchema(schema)
  return { schema: repaired, strict: strictnessFor(repaired, strict, lose) }
}

function strictnessFor(
  schema: JsonObject,
  strict: boolean | undefined,
  lose: (reason: string) => void,
): boolean | undefined {
  if (strict !== true || isStrictSchema(schema)) return strict
  lose('strict-schema')
  return false
}

/** Whether strict mode takes the schema as it is: only documented keywords, every object closed, every property required. */
function isStrictSchema(schema: JsonObject): boolean {
  const { type, anyOf } = schema
  return (
    type === 'object' &&
    anyOf === undefined &&
    projectSchema(schema, STRICT_RULES, () => undefined) === schema &&
    isClosed(schema)
  )
}

function isClosed(node: Fields): boolean {
  if (isObjectSchema(node)) {
    const { properties, required, additionalProperties } = node
    const names = Object.keys(readObject(properties) ?? {})
    if (additionalProperties !== false || names.some((name) => !readArray(required).includes(name))) return false
  }
  let isWhole = true
  for (const [key, value] of Object.entries(node)) {
    if (!CHILD_KINDS.has(key)) continue
    mapChild(key, value, (child) => {
      isWhole &&= !isObject(child) || isClosed(child)
      return child
    })
  }
  return isWhole
}
