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

/** Where a top-level field's value stands in the text. */
interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The text with top-level fields set to new values; everything else keeps its bytes. `undefined` leaves a field as it
 * is. A field that was not there is put first. The text must be a valid JSON object.
 */
export function spliceFields(text: string, values: Fields): string {
  const edits: { span: Span; json: string }[] = []
  const added: string[] = []
  for (const key in values) {
    if (values[key] === undefined) continue
    const json = JSON.stringify(values[key])
    const span = findField(text, key)
    if (span) edits.push({ span, json })
    else added.push(`${JSON.stringify(key)}:${json}`)
  }
  edits.sort((a, b) => b.span.start - a.span.start)
  let out = text
  for (const { span, json } of edits) out = out.slice(0, span.start) + json + out.slice(span.end)
  if (added.length === 0) return out
  const open = out.indexOf('{') + 1
  const isEmpty = /^\s*\}/.test(out.slice(open, open + 64))
  return `${out.slice(0, open)}${added.join(',')}${isEmpty ? '' : ','}${out.slice(open)}`
}

/** The last one counts when a key is there twice, as `JSON.parse` has it. */
function findField(text: string, key: string): Span | undefined {
  let found: Span | undefined
  let at = text.indexOf('{') + 1
  while (at < text.length) {
    at = skipSpace(text, at)
    if (text.charCodeAt(at) !== QUOTE) break
    const keyEnd = stringEnd(text, at) + 1
    const name = text.slice(at, keyEnd)
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, start)
    if (JSON.parse(name) === key) found = { start, end }
    at = skipSpace(text, end)
    if (text.charCodeAt(at) !== COMMA) break
    at++
  }
  return found
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

function skipSpace(text: string, at: number): number {
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

/** Index of the closing quote of the string that opens at `at`; the end of the text when it never closes. */
function stringEnd(text: string, at: number): number {
  for (;;) {
    at = text.indexOf('"', at + 1)
    if (at < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at
  }
}

function valueEnd(text: string, at: number): number {
  let depth = 0
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at)
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      depth--
      if (depth === 0) return at + 1
      continue
    } else if (code === COMMA && depth === 0) return at
    if (depth === 0 && code === QUOTE) return at + 1
  }
  return at
}
