import type { Static, TSchema } from '@sinclair/typebox'
import { type Fields, isObject, readArray, readNumber, readObject, readObjects, readString } from '../lib/json.ts'
import { nearest } from '../lib/nearest.ts'
import { formatFor, isHeaderName } from './formats.ts'
import { type Environment, interpolate } from './interpolate.ts'
import { type Path, pathText } from './problems.ts'

/** Something to say about the place that a path leads to. */
export interface Finding {
  readonly path: Path
  /** Whether the key or the value is meant. */
  readonly of: 'key' | 'value'
  readonly message: string
}

export interface ReadOptions {
  readonly environment: Environment
  /** A scalar as it is spelt in the file: `0123` and `1e3` are numbers to YAML, and may be keys to the user. */
  readonly spellingOf: (path: Path) => string | undefined
}

/** A value that fits the schema, and everything there is to say about what did not. */
export interface Reading<T> {
  /** Undefined only when the whole is not even of the schema's type. What did not fit is left out. */
  readonly value: T | undefined
  readonly problems: readonly Finding[]
  readonly unknownKeys: readonly Finding[]
  /** Paths of keys that are accepted and not served, each list index written as `[]`, by the reason. */
  readonly later: ReadonlySet<string>
  readonly disguise: ReadonlySet<string>
}

/**
 * Reads a value by a TypeBox schema in one walk: interpolates strings, takes what YAML writes differently from JSON for
 * what it means (`yes`, a key of digits), leaves out what does not fit and collects every finding.
 *
 * TypeBox's own checker is not used: it knows neither unknown keys nor what would be allowed, and costs start-up time.
 */
export function readBySchema<T extends TSchema>(schema: T, value: unknown, options: ReadOptions): Reading<Static<T>> {
  const walk: Walk = { ...options, path: [], problems: [], unknownKeys: [], later: new Set(), disguise: new Set() }
  const read = readAny(walk, schema, value)
  const { problems, unknownKeys, later, disguise } = walk
  return { value: isRead(schema, read) ? read : undefined, problems, unknownKeys, later, disguise }
}

/** Where the walk is and what it found so far. */
interface Walk extends ReadOptions {
  readonly path: (string | number)[]
  readonly problems: Finding[]
  readonly unknownKeys: Finding[]
  readonly later: Set<string>
  readonly disguise: Set<string>
}

/** Notes a problem; gives undefined, which leaves the value out. */
function complain(walk: Walk, message: string, of: 'key' | 'value' = 'value'): undefined {
  walk.problems.push({ path: [...walk.path], of, message })
}

function readAny(walk: Walk, rule: Fields, given: unknown): unknown {
  const { type, anyOf } = rule
  if (given === null || given === undefined) return undefined
  if (anyOf !== undefined) return readVariant(walk, readObjects(anyOf), given)
  switch (type) {
    case 'string':
      return readTextBy(walk, rule, given)
    case 'integer':
      return readIntegerBy(walk, rule, given)
    case 'boolean':
      return readBooleanBy(walk, rule, given)
    case 'array':
      return readListBy(walk, rule, given)
    case 'object':
      return readMappingBy(walk, rule, given)
    default:
      return given
  }
}

function readVariant(walk: Walk, rules: readonly Fields[], given: unknown): unknown {
  const rule = rules.find(({ type }) => (type === 'object') === isObject(given))
  if (rule && !Array.isArray(given)) return readAny(walk, rule, given)
  return complain(walk, wrongType(given, rules.map(describe).join(' or ')))
}

function readTextBy(walk: Walk, rule: Fields, given: unknown): string | undefined {
  const isScalar = typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
  if (!isScalar) return complain(walk, wrongType(given, describe(rule)))
  const text = resolve(walk, typeof given === 'string' ? given : (walk.spellingOf(walk.path) ?? String(given)))
  const { format, blank } = rule
  if (text === undefined) return undefined
  if (text === '') return blank === 'kept' ? '' : undefined
  const wrong = formatFor(readString(format))?.(text)
  return wrong === undefined ? text : complain(walk, wrong)
}

/** The text with its variables replaced, without the space around it; undefined when one is missing. */
function resolve(walk: Walk, given: string): string | undefined {
  const { text, problems } = interpolate(given, walk.environment)
  for (const message of problems) complain(walk, message)
  return problems.length > 0 ? undefined : text.trim()
}

function readIntegerBy(walk: Walk, rule: Fields, given: unknown): number | undefined {
  const resolved = typeof given === 'string' ? resolve(walk, given) : given
  if (resolved === undefined || resolved === '') return undefined
  const number = typeof resolved === 'string' && /^[+-]?\d+$/.test(resolved) ? Number(resolved) : resolved
  if (typeof number !== 'number') return complain(walk, wrongType(given, describe(rule)))
  const { minimum, maximum } = rule
  const isInside = number >= (readNumber(minimum) ?? -Infinity) && number <= (readNumber(maximum) ?? Infinity)
  return Number.isSafeInteger(number) && isInside ? number : complain(walk, `is ${number}; allowed: ${describe(rule)}`)
}

function readBooleanBy(walk: Walk, rule: Fields, given: unknown): boolean | undefined {
  const resolved = typeof given === 'string' ? resolve(walk, given) : given
  if (resolved === undefined || resolved === '') return undefined
  if (typeof resolved === 'boolean') return resolved
  if (typeof resolved === 'string' && YES.test(resolved)) return true
  if (typeof resolved === 'string' && NO.test(resolved)) return false
  return complain(walk, wrongType(given, describe(rule)))
}

function readListBy(walk: Walk, rule: Fields, given: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(given)) return complain(walk, wrongType(given, describe(rule)))
  const { items } = rule
  const list: unknown[] = []
  for (const [index, item] of given.entries()) {
    walk.path.push(index)
    const read = readAny(walk, readObject(items) ?? {}, item)
    walk.path.pop()
    if (read !== undefined) list.push(read)
  }
  return list
}

function readMappingBy(walk: Walk, rule: Fields, given: unknown): Fields | undefined {
  if (!isObject(given)) return complain(walk, wrongType(given, describe(rule)))
  const { properties, patternProperties, required } = rule
  if (patternProperties !== undefined) return readRecordBy(walk, readObject(patternProperties) ?? {}, given)
  const rules = readObject(properties) ?? {}
  const mapping: Record<string, unknown> = {}
  /** Keys of which the walk has spoken already: they need not be called missing as well. */
  const faulty = new Set<string>()
  for (const key of Object.keys(given)) {
    const spoken = walk.problems.length
    walk.path.push(key)
    // What Object.prototype has is no key of the schema.
    const field = Object.hasOwn(rules, key) ? readObject(rules[key]) : undefined
    if (!field) noteUnknown(walk, key, Object.keys(rules))
    else if (field['unserved'] === undefined) mapping[key] = readAny(walk, field, given[key])
    else if (!isIdle(given[key])) walk[field['unserved'] === 'disguise' ? 'disguise' : 'later'].add(pattern(walk.path))
    walk.path.pop()
    if (walk.problems.length > spoken) faulty.add(key)
  }
  const missing = readArray(required).filter((key) => typeof key === 'string' && mapping[key] === undefined)
  for (const key of missing) {
    if (typeof key === 'string' && !faulty.has(key)) complain(walk, `has no ${key}; every entry here needs one`)
  }
  return missing.length === 0 ? mapping : undefined
}

function readRecordBy(walk: Walk, patterns: Fields, given: Fields): Fields {
  const rule = readObject(Object.values(patterns)[0]) ?? {}
  const record: Record<string, unknown> = {}
  for (const key of Object.keys(given)) {
    walk.path.push(key)
    const read = isHeaderName(key) ? readAny(walk, rule, given[key]) : complain(walk, NO_HEADER_NAME, 'key')
    walk.path.pop()
    if (read !== undefined) record[key] = read
  }
  return record
}

function noteUnknown(walk: Walk, key: string, known: readonly string[]): void {
  const spelt = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
  const [near] = nearest(spelt, known, 1)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  walk.unknownKeys.push({ path: [...walk.path], of: 'key', message: `is no known key and is ignored${hint}` })
}

const NO_HEADER_NAME = 'is no header name; allowed: letters, digits and -'
const YES = /^(?:true|yes|on)$/i
const NO = /^(?:false|no|off)$/i

/** The walk leaves out whatever does not fit, so a mapping that it gives back fits: this says so to the compiler. */
function isRead<T extends TSchema>(_schema: T, value: unknown): value is Static<T> {
  return value !== undefined
}

/** True for what asks for nothing: `{ enable: false, addr: '' }`. */
function isIdle(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isIdle)
  return isBlank(value) || value === false || value === 0
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** The path with every index written as `[]`: many entries, one name. */
function pattern(path: Path): string {
  return pathText(path).replaceAll(/\[\d+\]/g, '[]')
}

function wrongType(given: unknown, allowed: string): string {
  return `is ${kindOf(given)}; allowed: ${allowed}`
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'a mapping'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return 'a text'
}

/** What a schema allows, in words. */
function describe(rule: Fields): string {
  const { type, minimum, maximum } = rule
  const low = readNumber(minimum)
  const high = readNumber(maximum)
  switch (type) {
    case 'string':
      return 'a text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list, each entry with "- " before it'
    case 'object':
      return 'a mapping'
    case 'integer':
      if (low !== undefined && high !== undefined) return `a whole number from ${low} to ${high}`
      if (low !== undefined) return `a whole number from ${low}`
      return high === undefined ? 'a whole number' : `a whole number up to ${high}`
    default:
      return 'anything'
  }
}
