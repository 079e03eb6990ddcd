import { isObject, type Fields } from '../../../lib/json.ts'

/** A copy of `base` with the fields of `over` put in, objects field by field, everything else as a whole. */
export function mergeFields(base: Fields, over: object): Fields {
  const merged: Record<string, unknown> = { ...base }
  for (const [name, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, name) ? base[name] : undefined
    merged[name] = isObject(before) && isObject(value) ? mergeFields(before, value) : value
  }
  return merged
}
