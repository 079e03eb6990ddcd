import { isObject, readArray, type Fields } from '../../lib/json.ts'
import { isSameJson, readTypes, withKeywords } from './schema-nodes.ts'

/** Tells a keyword, and the value of it that had no place beside the other. */
type LoseKeyword = (key: string, value: unknown) => void

/**
 * One schema for what fits both: every value that fits the two fits it. Where they cannot be said in one, the first has
 * the word, and `lose` gets what the second says.
 */
export function mergeSchemas(first: Fields, second: Fields, lose: LoseKeyword): Fields {
  const merged: Record<string, unknown> = {}
  const isTuple = first['prefixItems'] !== undefined && second['prefixItems'] !== undefined
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const a = first[key]
    const b = second[key]
    if (b === undefined || isSameJson(a, b)) merged[key] = a
    // The rest of one tuple begins where that of the other does not.
    else if (isTuple && (key === 'prefixItems' || key === 'items')) {
      merged[key] = a
      lose(key, b)
    } else if (a === undefined) {
      const isForeignBranch = CONDITION.has(key) && [...CONDITION].some((word) => first[word] !== undefined)
      if (isForeignBranch) lose(key, b)
      else merged[key] = b
    } else {
      const value = mergeValues(key, a, b, lose)
      merged[key] = value ?? a
      if (value === undefined && !WORDS_ONLY.has(key)) lose(key, b)
    }
  }
  return withKeywords(merged, {})
}

/** Keywords that mean something only together. */
const CONDITION: ReadonlySet<string> = new Set(['if', 'then', 'else'])

/** Keywords that say nothing about values. */
const WORDS_ONLY: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$id',
  '$schema',
  '$anchor',
  '$comment',
])

/** Undefined where one keyword cannot hold both values. */
function mergeValues(key: string, a: unknown, b: unknown, lose: LoseKeyword): unknown {
  switch (key) {
    case 'properties':
    case 'patternProperties':
    case '$defs':
    case 'definitions':
      return isObject(a) && isObject(b) ? mergeMaps(a, b, lose) : undefined
    case 'required':
      return [...new Set([...readArray(a), ...readArray(b)])]
    case 'allOf':
      return [...readArray(a), ...readArray(b)]
    case 'type':
      return mergeTypes(a, b)
    case 'enum': {
      const both = readArray(a).filter((member) => readArray(b).some((other) => isSameJson(member, other)))
      return both.length > 0 ? both : undefined
    }
    case 'items':
    case 'additionalProperties':
    case 'propertyNames':
      return mergeNodes(a, b, lose)
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : undefined
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : undefined
    default:
      return undefined
  }
}

function mergeMaps(a: Fields, b: Fields, lose: LoseKeyword): Fields {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries(
    [...names].map((name) => {
      if (!Object.hasOwn(b, name)) return [name, a[name]]
      return [name, Object.hasOwn(a, name) ? mergeNodes(a[name], b[name], lose) : b[name]]
    }),
  )
}

function mergeNodes(a: unknown, b: unknown, lose: LoseKeyword): unknown {
  if (a === false || b === false) return false
  if (!isObject(a)) return b
  return isObject(b) ? mergeSchemas(a, b, lose) : a
}

function mergeTypes(a: unknown, b: unknown): unknown {
  const first = readTypes({ type: a }) ?? []
  const second = readTypes({ type: b }) ?? []
  const common = first.flatMap((type) => {
    if (second.includes(type)) return [type]
    const isWhole = type === 'integer' ? second.includes('number') : type === 'number' && second.includes('integer')
    return isWhole ? ['integer'] : []
  })
  const both = [...new Set(common)]
  return both.length === 0 ? undefined : both.length === 1 ? both[0] : both
}
