import { isObject, readArray, type Fields } from '../../lib/json.ts'
import { isSameJson, readTypes, withKeywords } from './schema-nodes.ts'
import type { SchemaRules } from './schema-rules.ts'

/** Tells a keyword that is left out, its value, and why. */
type DropKeyword = (key: string, value: unknown, reason?: string) => void

/**
 * The node in the words of the target: what the drafts and OpenAPI say in ways of their own, and what the target has no
 * keyword for but other keywords can say as well. `drop` gets what is no longer said in full.
 */
export function fitDialect(node: Fields, rules: SchemaRules, drop: DropKeyword): Fields {
  let fitted = fitTuple(node)
  fitted = fitBounds(fitted, rules, drop)
  fitted = fitPatterns(fitted, rules)
  fitted = fitMembers(fitted, rules, drop)
  fitted = fitNullable(fitted, rules)
  return fitUnion(fitted, rules)
}

/** Until draft 2020 a list in `items` was what `prefixItems` is now. */
export function fitTuple(node: Fields): Fields {
  const { items, additionalItems } = node
  return Array.isArray(items)
    ? withKeywords(node, { prefixItems: items, items: additionalItems, additionalItems: undefined })
    : node
}

/** Where there are no exclusive bounds, the next whole number is as good, and for the others the bound itself the nearest. */
function fitBounds(node: Fields, rules: SchemaRules, drop: DropKeyword): Fields {
  let fitted = node
  for (const [exclusive, inclusive, step] of BOUNDS) {
    const value = fitted[exclusive]
    if (value === undefined || !takes(rules, inclusive) || (typeof value === 'number' && takes(rules, exclusive)))
      continue
    const bound = value === true ? fitted[inclusive] : value
    if (typeof bound !== 'number') {
      if (typeof value === 'boolean') fitted = withKeywords(fitted, { [exclusive]: undefined })
      continue
    }
    const isWhole = Number.isInteger(bound) && readTypes(node)?.every((type) => type === 'integer' || type === 'null')
    if (!isWhole) drop(exclusive, bound)
    const nearest = isWhole ? bound + step : bound
    const other = value === true ? nearest : fitted[inclusive]
    const tighter = typeof other !== 'number' ? nearest : step > 0 ? Math.max(nearest, other) : Math.min(nearest, other)
    fitted = withKeywords(fitted, { [exclusive]: undefined, [inclusive]: tighter })
  }
  return fitted
}

const BOUNDS = [
  ['exclusiveMinimum', 'minimum', 1],
  ['exclusiveMaximum', 'maximum', -1],
] as const

/** Properties named by a pattern are further properties of any name where there are no patterns. */
function fitPatterns(node: Fields, rules: SchemaRules): Fields {
  const { patternProperties, additionalProperties } = node
  if (!isObject(patternProperties) || takes(rules, 'patternProperties')) return node
  if (additionalProperties === undefined || additionalProperties === true) return node
  const schemas = Object.values(patternProperties)
  if (isObject(additionalProperties)) schemas.push(additionalProperties)
  const union = schemas.length === 1 ? schemas[0] : { anyOf: schemas }
  return withKeywords(node, { additionalProperties: schemas.length === 0 ? additionalProperties : union })
}

/** `const` and `enum`, down to the members that the target takes. */
function fitMembers(node: Fields, rules: SchemaRules, drop: DropKeyword): Fields {
  const hasConst = Object.hasOwn(node, 'const') && !takes(rules, 'const')
  const key = hasConst ? 'const' : 'enum'
  const members = hasConst ? [node['const']] : node['enum']
  if (!Array.isArray(members)) return node
  const types = readTypes(node)
  // A member of a type that the node excludes can never be said.
  const possible = types ? members.filter((member) => types.some((type) => isOfType(member, type))) : members
  const isTaken = (member: unknown): boolean => rules.enumTypes.has(member === null ? 'null' : typeof member)
  const spoken = possible.length > 0 && possible.length < members.length ? possible : members
  if (spoken.every(isTaken)) {
    if (!hasConst && spoken === members) return node
    return withKeywords(node, {
      const: hasConst ? undefined : node['const'],
      enum: spoken,
      type: types ? node['type'] : typesOf(spoken),
    })
  }
  drop(key, node[key], 'schema-enum')
  const kept = spoken.filter(isTaken)
  const without = withKeywords(node, { const: hasConst ? undefined : node['const'], enum: undefined })
  const isNullable = kept.length > 0 && spoken.every((member) => member === null || isTaken(member))
  if (!isNullable || node['anyOf'] !== undefined || node['oneOf'] !== undefined) return without
  const typed = { type: typesOf(kept), enum: kept }
  return withKeywords(without, { type: undefined, anyOf: [typed, { type: 'null' }] })
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function typesOf(members: readonly unknown[]): string | readonly string[] {
  const types = new Set(
    members.map((member) => (Number.isInteger(member) ? 'integer' : member === null ? 'null' : typeof member)),
  )
  if (types.has('number')) types.delete('integer')
  const [only] = types
  return types.size === 1 && only !== undefined ? only : [...types]
}

/** OpenAPI says with a flag what JSON Schema says with a type. */
function fitNullable(node: Fields, rules: SchemaRules): Fields {
  const { nullable, type, anyOf, oneOf, $ref } = node
  if (typeof nullable !== 'boolean' || takes(rules, 'nullable')) return node
  const plain = withKeywords(node, { nullable: undefined })
  if (!nullable) return plain
  const types = readTypes(node)
  if (types) {
    const members = node['enum']
    const isEnum = Array.isArray(members)
    if (types.includes('null') && !(isEnum && !members.includes(null))) return plain
    if (!isEnum) return withKeywords(plain, { type: [...types, 'null'] })
    return withKeywords(plain, { type: undefined, enum: undefined, anyOf: [{ type, enum: members }, { type: 'null' }] })
  }
  for (const [key, branches] of Object.entries({ anyOf, oneOf }))
    if (Array.isArray(branches))
      return branches.some((branch) => isSameJson(branch, { type: 'null' }))
        ? plain
        : withKeywords(plain, { [key]: [...branches, { type: 'null' }] })
  return $ref === undefined ? plain : withKeywords(plain, { $ref: undefined, anyOf: [{ $ref }, { type: 'null' }] })
}

/** Exactly one of several branches is at least any of them. */
function fitUnion(node: Fields, rules: SchemaRules): Fields {
  const { anyOf, oneOf } = node
  if (oneOf === undefined || anyOf !== undefined || takes(rules, 'oneOf') || !takes(rules, 'anyOf')) return node
  return withKeywords(node, { oneOf: undefined, anyOf: readArray(oneOf) })
}

function takes({ keywords }: SchemaRules, key: string): boolean {
  return keywords.has(key)
}
