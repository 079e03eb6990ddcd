import { isObject, readArray, readObject, type Fields } from '../../lib/json.ts'
import { CHILD_KINDS, mapChildren, withKeywords } from './schema-nodes.ts'

/** The types of JSON Schema. */
export const SCHEMA_TYPES: ReadonlySet<string> = new Set([
  'string',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'null',
])

/**
 * The schema, mended where it is none: what MCP servers write by hand and validators refuse. A map of properties
 * without the words around it gets them, `required: true` moves from a property to its object, types that do not exist
 * or stand in capitals are mended, and a value where a schema belongs becomes one. The very same object when there is
 * nothing to mend.
 */
export function repairSchema(schema: Fields): Fields {
  if (isSoundTree(schema)) return schema
  const repaired = repairNode(schema)
  return typeof repaired === 'boolean' ? schema : mapChildren(repaired, repairChild)
}

function repairChild(value: unknown): unknown {
  const node = repairNode(value)
  return typeof node === 'boolean' ? node : mapChildren(node, repairChild)
}

/** The same for one node alone: what stands in its keywords is left as it is. */
export function repairNode(value: unknown): Fields | boolean {
  if (typeof value === 'boolean') return value
  if (isObject(value)) return isSound(value) ? value : REPAIRS.reduce((node, repair) => repair(node), value)
  const type = typeof value === 'string' ? value.toLowerCase() : ''
  return SCHEMA_TYPES.has(type) ? { type } : {}
}

/** The same of a node and all the schemas in it. */
function isSoundTree(value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (!isObject(value) || !isSound(value)) return false
  for (const key in value) {
    const child = value[key]
    if (typeof child !== 'object') continue
    const kind = CHILD_KINDS.get(key)
    if (kind === undefined) continue
    if (Array.isArray(child)) {
      if (!child.every(isSoundTree)) return false
    } else if (kind !== 'map') {
      if (!isSoundTree(child)) return false
    } else if (isObject(child)) {
      for (const name in child) if (!isSoundTree(child[name])) return false
    }
  }
  return true
}

/** Whether there is surely nothing to mend: nearly always so, and found out in one pass. */
export function isSound(node: Fields): boolean {
  for (const key in node) {
    const value = node[key]
    if (typeof value !== 'string' || STRUCTURED.has(key) ? !isSoundKeyword(key, value, node) : !isSoundWord(key, value))
      return false
  }
  return true
}

/** Keywords whose value is a list or a map. */
const STRUCTURED: ReadonlySet<string> = new Set(
  'properties required anyOf oneOf allOf prefixItems enum $defs definitions patternProperties'.split(' '),
)

function isSoundWord(key: string, word: string): boolean {
  return key !== 'type' || SCHEMA_TYPES.has(word)
}

function isSoundKeyword(key: string, value: unknown, { properties, required }: Fields): boolean {
  switch (key) {
    case 'properties': {
      if (!isObject(value)) return false
      for (const name in value) {
        const property = value[name]
        if (isObject(property) && property['required'] === true && !readArray(required).includes(name)) return false
      }
      return true
    }
    case 'type':
    case 'required': {
      if (!Array.isArray(value)) return false
      const isWord = (word: unknown): boolean =>
        typeof word === 'string' && (key === 'required' || SCHEMA_TYPES.has(word))
      return (
        (value.length > 0 || key === 'required') &&
        value.every((word, at) => isWord(word) && value.indexOf(word) === at)
      )
    }
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
    case 'prefixItems':
    case 'enum':
      return Array.isArray(value) && value.length > 0
    case '$ref':
      return false
    case '$defs':
    case 'definitions':
    case 'patternProperties':
      return isObject(value)
    case 'items':
      return !Array.isArray(value) || value.length > 0
    default:
      return !isObject(value) || CHILD_KINDS.has(key) || isObject(properties)
  }
}

const REPAIRS: readonly ((node: Fields) => Fields)[] = [repairProperties, repairTypes, repairRequired, repairKinds]

/** Keywords whose value may be any object. */
const DATA_KEYWORDS = new Set([
  'default',
  'const',
  'example',
  'examples',
  'enum',
  'discriminator',
  'xml',
  'externalDocs',
])

function repairProperties(node: Fields): Fields {
  const { type, properties } = node
  if (properties !== undefined && !isObject(properties)) return withKeywords(node, { properties: undefined })
  if (properties !== undefined || (type !== undefined && type !== 'object' && !isObject(type))) return node
  const names = Object.keys(node).filter((key) => isProperty(key, node[key], type === 'object'))
  if (names.length === 0) return node
  const isBare = names.length === Object.keys(node).length
  if (!isBare && type !== 'object') return node
  const moved = Object.fromEntries(names.map((name) => [name, node[name]]))
  const rest = Object.entries(node).filter(([key]) => !names.includes(key))
  return { ...Object.fromEntries(rest), type: 'object', properties: moved }
}

/** Whether a field that stands among the keywords is a property in truth. Beside keywords only what says a type counts. */
function isProperty(key: string, value: unknown, isBeside: boolean): boolean {
  if (!isObject(value) || CHILD_KINDS.has(key) || DATA_KEYWORDS.has(key) || /^(?:\$|x-)/.test(key)) return false
  const { type, properties, $ref, anyOf, oneOf } = value
  const isTyped = typeof type === 'string' || Array.isArray(type)
  return isTyped || (!isBeside && (isObject(properties) || typeof $ref === 'string' || !!(anyOf ?? oneOf)))
}

function repairTypes(node: Fields): Fields {
  const { type } = node
  if (type === undefined || (typeof type === 'string' && SCHEMA_TYPES.has(type))) return node
  if (Array.isArray(type)) {
    const words = [...new Set(type.map(readType).filter((word) => word !== undefined))]
    const isSame = words.length === type.length && words.every((word, at) => word === type[at])
    return isSame && words.length > 0 ? node : withKeywords(node, { type: words.length > 0 ? words : undefined })
  }
  return withKeywords(node, { type: readType(type) })
}

function readType(word: unknown): string | undefined {
  const type = typeof word === 'string' ? word.toLowerCase() : ''
  return SCHEMA_TYPES.has(type) ? type : undefined
}

function repairRequired(node: Fields): Fields {
  const { required, properties } = node
  const own = Array.isArray(required) ? required : []
  const told = Object.entries(readObject(properties) ?? {})
    .filter(([, property]) => isObject(property) && property['required'] === true)
    .map(([name]) => name)
  const names = [...new Set([...own.filter((name) => typeof name === 'string'), ...told])]
  if (names.length === 0)
    return required === undefined || isEmptyList(required) ? node : withKeywords(node, { required: undefined })
  const isSame = names.length === own.length && names.every((name, at) => name === own[at])
  return isSame ? node : withKeywords(node, { required: names })
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** Values of a kind that their keyword cannot have: lists that are empty, or hold one schema without the brackets. */
function repairKinds(node: Fields): Fields {
  const changes: Record<string, unknown> = {}
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'enum']) {
    const value = node[key]
    if (value === undefined || (Array.isArray(value) && value.length > 0)) continue
    changes[key] = isObject(value) && key !== 'enum' ? [value] : undefined
  }
  if (node['$ref'] !== undefined && typeof node['$ref'] !== 'string') changes['$ref'] = undefined
  for (const key of ['$defs', 'definitions', 'patternProperties'])
    if (node[key] !== undefined && !isObject(node[key])) changes[key] = undefined
  if (readArray(node['items']).length === 0 && Array.isArray(node['items'])) changes['items'] = undefined
  return Object.keys(changes).length > 0 ? withKeywords(node, changes) : node
}
