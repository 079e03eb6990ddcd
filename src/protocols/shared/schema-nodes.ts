import { isObject, type Fields } from '../../lib/json.ts'

/** Tells what a schema lost: a short stable reason in kebab-case, and where it stood in the schema, dotted. */
export type OnSchemaLoss = (reason: string, path: string) => void

/** How a keyword holds the schemas in it: as its value, as a list of them, or under names that are no keywords. */
export type ChildKind = 'schema' | 'list' | 'map'

/** @see https://json-schema.org/draft/2020-12/json-schema-core#section-10 */
export const CHILD_KINDS: ReadonlyMap<string, ChildKind> = new Map<string, ChildKind>([
  ['properties', 'map'],
  ['patternProperties', 'map'],
  ['dependentSchemas', 'map'],
  ['$defs', 'map'],
  ['definitions', 'map'],
  ['items', 'schema'],
  ['additionalItems', 'schema'],
  ['unevaluatedItems', 'schema'],
  ['contains', 'schema'],
  ['additionalProperties', 'schema'],
  ['unevaluatedProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['contentSchema', 'schema'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['prefixItems', 'list'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['allOf', 'list'],
])

/** A copy whose values are those that `write` gives; the very same object when they are the same. */
export function mapValues(fields: Fields, write: (value: unknown, name: string) => unknown): Fields {
  let changes: Map<string, unknown> | undefined
  for (const name in fields) {
    const written = write(fields[name], name)
    if (written !== fields[name]) (changes ??= new Map()).set(name, written)
  }
  if (!changes) return fields
  const known = changes
  // A property may be called `__proto__`, which only this way of building an object takes for a name.
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, known.has(name) ? known.get(name) : value]),
  )
}

/** The same for an array. */
export function mapItems(items: readonly unknown[], write: (item: unknown, at: number) => unknown): readonly unknown[] {
  const written = items.map(write)
  return written.every((item, at) => item === items[at]) ? items : written
}

/** A keyword's value with the schemas in it rewritten; `write` gets each with its path below the node. */
export function mapChild(key: string, value: unknown, write: (child: unknown, path: string) => unknown): unknown {
  if (value === undefined) return value
  switch (CHILD_KINDS.get(key)) {
    case 'map':
      return isObject(value) ? mapValues(value, (child, name) => write(child, `${key}.${name}`)) : value
    case 'list':
      return Array.isArray(value) ? mapItems(value, (child, at) => write(child, `${key}.${at}`)) : value
    case 'schema':
      return Array.isArray(value) ? mapItems(value, (child, at) => write(child, `${key}.${at}`)) : write(value, key)
    case undefined:
      return value
  }
}

/** The node with all the schemas in it rewritten; the very same object when nothing changes. */
export function mapChildren(node: Fields, write: (child: unknown, path: string) => unknown): Fields {
  return mapValues(node, (value, key) => (CHILD_KINDS.has(key) ? mapChild(key, value, write) : value))
}

/** The node with some keywords set anew, or taken away where the new value is undefined. */
export function withKeywords(node: Fields, changes: Fields): Fields {
  return Object.fromEntries(Object.entries({ ...node, ...changes }).filter(([, value]) => value !== undefined))
}

/** True for JSON values that are equal, the order of an object's fields aside. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => isSameJson(item, b[at]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key], b[key]))
  )
}

/** The types that a node allows; undefined when it does not say. */
export function readTypes({ type }: Fields): readonly string[] | undefined {
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter((word): word is string => typeof word === 'string') : undefined
}
