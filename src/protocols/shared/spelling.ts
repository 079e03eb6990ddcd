import type { JsonObject } from '../../ir/json.ts'
import type { Fields } from '../../lib/json.ts'

/**
 * Under this name a protocol's extras keep how its client spelt what was read, where there are several spellings, so
 * that an upstream of this protocol gets the client's own.
 */
export const SPELLING = '$spelling'

/** The client spoke another protocol, or only words that have one spelling. */
export const UNSPELT: JsonObject = {}

/** The client's own fields when they say just what the IR says, else the fields that `write` makes of it. */
export function keptSpelling<T>(
  spelt: JsonObject,
  fields: readonly string[],
  read: (fields: Fields) => T | undefined,
  value: T | undefined,
  write: (value: T) => JsonObject,
): JsonObject {
  if (spelt === UNSPELT) return value === undefined ? UNSPELT : write(value)
  const own: Record<string, unknown> = {}
  for (const field of fields) if (spelt[field] !== undefined) own[field] = spelt[field]
  // Written by the same reader, so that the order of the fields is the same as well.
  if (JSON.stringify(read(own)) === JSON.stringify(value)) return own
  return value === undefined ? {} : write(value)
}
