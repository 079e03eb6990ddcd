import { isObject, readArray, type Fields } from '../../lib/json.ts'
import { isSound } from './schema-repair.ts'

/** What a vendor is documented to take of JSON Schema. */
export interface SchemaRules {
  /** Every keyword that is taken, those that hold schemas included. */
  readonly keywords: ReadonlySet<string>
  /** Keywords of which not every value is taken. */
  readonly takes?: { readonly [keyword: string]: (value: unknown) => boolean }
  /** What `enum` may list, in the words of `typeof`, and `null`. */
  readonly enumTypes: ReadonlySet<string>
  /** Where a definition may refer to itself: everywhere, only below a property that is not required, or nowhere. */
  readonly cycles: 'anywhere' | 'optional' | 'nowhere'
  /** Objects get `additionalProperties: false`. */
  readonly closesObjects: boolean
}

/** Whether the vendor takes the keyword with this value. */
export function isTaken({ keywords, takes }: SchemaRules, key: string, value: unknown): boolean {
  return keywords.has(key) && (takes?.[key]?.(value) ?? true)
}

/** True for a node that says it is an object, or what properties it has. */
export function isObjectSchema({ type, properties }: Fields): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(properties)
}

/** Keywords that a node may have without any of them concerning another, or another dialect. */
const PLAIN: ReadonlySet<string> = new Set('type description title format properties required items'.split(' '))

const PLAIN_DEPTH_MAX = 50

const BOUNDS: ReadonlySet<string> = new Set(['minimum', 'maximum', 'minItems', 'maxItems'])

/** Whether the node itself is surely taken as it is, as most are: then only what it holds is to be looked at. */
export function isPlain(node: Fields, rules: SchemaRules): boolean {
  for (const key in node) if (!isPlainKeyword(key, node[key], node) || !isTaken(rules, key, node[key])) return false
  const { properties, required, additionalProperties } = node
  if (rules.closesObjects && additionalProperties !== false && isObjectSchema(node)) return false
  return (
    required === undefined || (isObject(properties) && readArray(required).every((name) => isName(name, properties)))
  )
}

/** The same for a node and all the schemas in it, down to a depth that few ever reach. */
export function isPlainTree(value: unknown, rules: SchemaRules, depth = 0): boolean {
  if (depth > PLAIN_DEPTH_MAX || !isObject(value) || !isSound(value) || !isPlain(value, rules)) return false
  const { properties, items } = value
  if (isObject(properties))
    for (const name in properties) if (!isPlainTree(properties[name], rules, depth + 1)) return false
  return items === undefined || isPlainTree(items, rules, depth + 1)
}

function isPlainKeyword(key: string, value: unknown, { type }: Fields): boolean {
  if (value === undefined) return false
  if (key === 'additionalProperties') return value === false
  if (key === 'enum') return type === 'string' && readArray(value).every((member) => typeof member === 'string')
  if (BOUNDS.has(key)) return typeof value === 'number'
  if (!PLAIN.has(key)) return false
  return key === 'type' || Array.isArray(value) === (key === 'required')
}

/** Whether a property of that name is described. */
export function isName(name: unknown, properties: Fields): boolean {
  return typeof name === 'string' && Object.hasOwn(properties, name)
}
