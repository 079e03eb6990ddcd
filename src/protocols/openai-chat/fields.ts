import { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { CachePoint } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import { type Fields, isObject, readText } from '../../lib/json.ts'

/**
 * Under this name the extras of this protocol keep how the client spelt what was read, where there are several
 * spellings, so that an upstream of this protocol gets the client's own.
 */
export const SPELLING = '$spelling'

/** The fault of a request body. `path` is dotted; `advice` completes "… must" or "… is". */
export function invalidField(path: string, advice: string): Fault {
  return new Fault('invalid-request', `${path}: ${advice}`, { param: path })
}

/** A field that may be absent or null. @throws {Fault} invalid-request when it is anything but a number. */
export function optionalNumber(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw invalidField(path, `must be a number, not ${kindOf(value)}.`)
  return value
}

/** A field that may be absent or null. @throws {Fault} invalid-request when it is anything but a boolean. */
export function optionalBoolean(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw invalidField(path, `must be true or false, not ${kindOf(value)}.`)
  return value
}

/** @throws {Fault} invalid-request when the value is no object. */
export function requiredObject(value: unknown, path: string): Fields {
  if (!isObject(value)) throw invalidField(path, `must be an object, not ${kindOf(value)}.`)
  return value
}

/** A list that may be absent or null. @throws {Fault} invalid-request when it is anything but a list. */
export function optionalList(value: unknown, path: string): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw invalidField(path, `must be a list, not ${kindOf(value)}.`)
  return value
}

/** What a value is, in words for people. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Unread fields as extras of this protocol; nulls say nothing and are left out. */
export function ownExtras(fields: Fields): Extras | undefined {
  let unread: Record<string, unknown> | undefined
  for (const key in fields) if (fields[key] !== undefined && fields[key] !== null) (unread ??= {})[key] = fields[key]
  return unread && { 'openai-chat': unread }
}

/** This protocol's extras, none where another protocol's client wrote the request. */
export function readOwn(extras: Extras | undefined): JsonObject {
  return extras?.['openai-chat'] ?? NOTHING
}

const NOTHING: JsonObject = {}

/** Reads Anthropic's `cache_control`, which OpenRouter and others take in this protocol. */
export function readCachePoint(value: unknown): CachePoint | undefined {
  if (!isObject(value)) return undefined
  const { ttl } = value
  return { ttl: readText(ttl) }
}

export function writeCachePoint({ ttl }: CachePoint): JsonObject {
  return { type: 'ephemeral', ttl }
}
