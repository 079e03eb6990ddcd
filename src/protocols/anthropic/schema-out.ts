import { isObject, readArray, readObjects, type Fields } from '../../lib/json.ts'

/**
 * Keywords that Claude's structured output refuses; each is told in the description instead.
 *
 * @see https://docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
 */
const UNSUPPORTED = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
])
/** Keywords whose value maps names to schemas. */
const NAMED = new Set(['properties', '$defs', 'definitions'])
/** Keywords whose value is a schema or a list of them. */
const NESTED = new Set(['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf'])

/**
 * A schema for a tool's input. Claude takes no union at its top: the branches' properties are joined there, and only
 * what every branch requires stays required.
 */
export function encodeInputSchema(schema: Fields, isStrict: boolean, lose: () => void): Fields {
  const { anyOf, oneOf, allOf, ...rest } = schema
  if (!isStrict || (anyOf === undefined && oneOf === undefined && allOf === undefined))
    return { ...schema, type: 'object' }
  lose()
  const either = [...readObjects(anyOf), ...readObjects(oneOf)]
  const all = readObjects(allOf)
  const properties = Object.assign({}, ...[...either, ...all, rest].map((branch) => branch['properties']))
  const always =
    either.length === 0
      ? []
      : readArray(either[0]?.['required']).filter((name) =>
          either.every((branch) => readArray(branch['required']).includes(name)),
        )
  const required = [
    ...new Set([...readArray(rest['required']), ...all.flatMap((branch) => readArray(branch['required'])), ...always]),
  ]
  return { ...rest, type: 'object', properties, required: required.length > 0 ? required : undefined }
}

/**
 * A schema for an answer: objects are closed, as Anthropic demands. For its own models (`isStrict`) what they refuse
 * beyond that moves into the descriptions; a compatible server gets the rest as it is.
 */
export function encodeSchema(schema: Fields, isStrict: boolean): Fields {
  const out: Record<string, unknown> = {}
  const hints: string[] = []
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$schema') continue
    if (NAMED.has(key) && isObject(value)) out[key] = mapValues(value, (inner) => encodeInner(inner, isStrict))
    else if (NESTED.has(key))
      out[key] = Array.isArray(value)
        ? value.map((inner: unknown) => encodeInner(inner, isStrict))
        : encodeInner(value, isStrict)
    else if (isStrict && isRefused(key, value)) hints.push(`${key}: ${JSON.stringify(value)}`)
    else out[key] = value
  }
  const isOpen = out['additionalProperties'] !== undefined && out['additionalProperties'] !== false
  if (isObjectSchema(schema) && (!isOpen || isStrict)) out['additionalProperties'] = false
  if (hints.length > 0)
    out['description'] = [schema['description'], `{${hints.join(', ')}}`]
      .filter((text) => typeof text === 'string')
      .join('\n\n')
  return out
}

function encodeInner(value: unknown, isStrict: boolean): unknown {
  return isObject(value) ? encodeSchema(value, isStrict) : value
}

function isRefused(key: string, value: unknown): boolean {
  return UNSUPPORTED.has(key) || (key === 'minItems' && value !== 0 && value !== 1)
}

function isObjectSchema({ type, properties }: Fields): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(properties)
}

function mapValues(fields: Fields, write: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, write(value)]))
}
