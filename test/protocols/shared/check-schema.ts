import { isObject, readArray, readObject } from '../../../src/lib/json.ts'
import { isSameJson } from '../../../src/protocols/shared/schema-nodes.ts'
import { resolveRef } from '../../../src/protocols/shared/schema-refs.ts'

/** A schema and the value that is held against it. */
type Pair = readonly [schema: unknown, value: unknown]

/**
 * Whether a value fits a schema, by the keywords that the tests make schemas of. Recursion that never ends fits.
 *
 * @param root What references point into.
 * @param isAny `oneOf` is read as `anyOf`, as Gemini does.
 */
export function fits(
  value: unknown,
  schema: unknown,
  root: unknown = schema,
  isAny = false,
  open: readonly Pair[] = [],
): boolean {
  if (typeof schema === 'boolean') return schema
  if (!isObject(schema) || open.some((pair) => pair[0] === schema && pair[1] === value)) return true
  const opened: readonly Pair[] = [...open, [schema, value]]
  const inner = (other: unknown, part: unknown): boolean => fits(other, part, root, isAny, opened)
  return Object.entries(schema).every(([key, rule]) => {
    switch (key) {
      case '$ref':
        return typeof rule !== 'string' || inner(value, resolveRef(readObject(root) ?? {}, rule)?.value)
      case 'allOf':
        return readArray(rule).every((part) => inner(value, part))
      case 'anyOf':
        return readArray(rule).some((part) => inner(value, part))
      case 'oneOf':
        return isAny ? readArray(rule).some((part) => inner(value, part)) : countFits(value, rule, inner) === 1
      case 'not':
        return !inner(value, rule)
      case 'type':
        return [rule].flat().some((type) => isOfType(value, type))
      case 'nullable':
        return true
      case 'enum':
        return readArray(rule).some((member) => isSameJson(member, value))
      case 'const':
        return isSameJson(rule, value)
      default:
        if (typeof value === 'number') return fitsNumber(value, key, rule)
        if (typeof value === 'string') return key !== 'minLength' || value.length >= Number(rule)
        if (Array.isArray(value)) return fitsArray(value, key, rule, schema['prefixItems'], inner)
        return !isObject(value) || fitsObject(value, key, rule, schema, inner)
    }
  })
}

function countFits(value: unknown, schemas: unknown, inner: Inner): number {
  return readArray(schemas).filter((schema) => inner(value, schema)).length
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

function fitsNumber(value: number, key: string, rule: unknown): boolean {
  if (typeof rule !== 'number') return true
  switch (key) {
    case 'minimum':
      return value >= rule
    case 'maximum':
      return value <= rule
    case 'exclusiveMinimum':
      return value > rule
    case 'exclusiveMaximum':
      return value < rule
    case 'multipleOf':
      return value % rule === 0
    default:
      return true
  }
}

type Inner = (value: unknown, schema: unknown) => boolean

function fitsArray(items: readonly unknown[], key: string, rule: unknown, tuple: unknown, inner: Inner): boolean {
  const first = readArray(tuple).length
  switch (key) {
    case 'prefixItems':
      return readArray(rule).every((part, at) => at >= items.length || inner(items[at], part))
    case 'items':
      return Array.isArray(rule)
        ? rule.every((part, at) => at >= items.length || inner(items[at], part))
        : items.slice(first).every((item) => inner(item, rule))
    case 'minItems':
      return items.length >= Number(rule)
    default:
      return true
  }
}

function fitsObject(value: object, key: string, rule: unknown, schema: object, inner: Inner): boolean {
  const { properties, patternProperties } = readObject(schema) ?? {}
  const patterns = Object.keys(readObject(patternProperties) ?? {})
  const fields = Object.entries(value)
  switch (key) {
    case 'properties':
      return fields.every(([name, item]) => {
        const rules = readObject(rule) ?? {}
        return !Object.hasOwn(rules, name) || inner(item, rules[name])
      })
    case 'patternProperties':
      return fields.every(([name, item]) =>
        Object.entries(readObject(rule) ?? {}).every(([pattern, part]) => !name.match(pattern) || inner(item, part)),
      )
    case 'additionalProperties':
      return fields.every(
        ([name, item]) =>
          Object.hasOwn(readObject(properties) ?? {}, name) ||
          patterns.some((pattern) => name.match(pattern)) ||
          inner(item, rule),
      )
    case 'required':
      return readArray(rule).every((name) => Object.hasOwn(value, String(name)))
    default:
      return true
  }
}
