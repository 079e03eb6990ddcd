/** Any JSON object, its fields unread. */
export interface Fields {
  readonly [key: string]: unknown
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readObject(value: unknown): Fields | undefined {
  return isObject(value) ? value : undefined
}

export function readString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A string with something in it. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function readNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function readBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** The elements of an array, nothing for anything else. */
export function readArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The objects in an array, nothing for anything else. */
export function readObjects(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The value of a JSON text, undefined when it is none. `JSON.parse` alone bounds neither size nor depth: callers do. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The object that a JSON text holds, undefined when it holds anything else. */
export function parseObject(text: string): Fields | undefined {
  return readObject(parseJson(text))
}

/** A copy without the fields that are undefined, or undefined when nothing is left. */
export function presentFields(fields: Fields): Fields | undefined {
  let present: Record<string, unknown> | undefined
  for (const key in fields) if (fields[key] !== undefined) (present ??= {})[key] = fields[key]
  return present
}

/** True when arrays and objects nest deeper than `depthMax`. Costs by the number of values, not by the length of their texts. */
export function isDeeperThan(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depthMax === 0) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++)
      if (typeof value[at] === 'object' && isDeeperThan(value[at], depthMax - 1)) return true
    return false
  }
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && isDeeperThan(inner, depthMax - 1)) return true
  return false
}
