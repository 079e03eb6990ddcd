import { Fault } from '../../ir/fault.ts'
import { type Fields, isObject } from '../../lib/json.ts'

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
