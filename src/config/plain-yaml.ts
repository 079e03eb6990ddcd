/**
 * Reads YAML of the plainest kind with the runtime's own reader: lines of `key: value` and `- value` with scalars that
 * every reader takes for the same. Undefined for any other text, and for one in which a key is there twice.
 *
 * The `yaml` package knows positions and refuses doubled keys, but loading and warming it costs several milliseconds of a
 * start of twenty; most config files need none of it.
 */
export function readPlainYaml(text: string): unknown {
  const written = countWritten(text)
  if (!written) return undefined
  try {
    const value: unknown = Bun.YAML.parse(text)
    const read = { keys: 0, items: 0 }
    countRead(value, read)
    // The runtime's reader lets the last of two equal keys win, and might be laxer about indentation.
    return read.keys === written.keys && read.items === written.items ? value : undefined
  } catch {
    return undefined
  }
}

interface Counts {
  keys: number
  items: number
}

const EMPTY_LINE = /^[ \r]*(?:#.*)?$/
/** Quoted without escapes, a path or variable, a word, a whole number as every reader prints it, an address. */
const SCALAR = /"[^"\\]*"|'[^']*'|(?:~\/|\/|\$\{)[^\s#]*|[A-Za-z][^\s#]*|\d{1,3}(?:\.\d{1,3}){3}|-?(?:0|[1-9]\d{0,14})/
/** Dashes, a key, a scalar, a comment. */
const PLAIN_LINE = new RegExp(`^ *((?:- +)*)(?:([A-Za-z][\\w-]*):(?= |\\r?$))? *(${SCALAR.source})?(?: +#.*)?[ \\r]*$`)
const SPECIAL_WORD = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i
const PLAIN_WORD = /^(?:true|false)$/

/** How many keys and list items the text writes, undefined when it is not plain. */
function countWritten(text: string): Counts | undefined {
  const counts = { keys: 0, items: 0 }
  for (const line of text.split('\n')) {
    if (EMPTY_LINE.test(line)) continue
    const [, dashes = '', key, scalar] = PLAIN_LINE.exec(line) ?? []
    if (dashes === '' && key === undefined) return undefined
    if (scalar !== undefined && !isPlainScalar(scalar)) return undefined
    if (key !== undefined) counts.keys++
    counts.items += dashes.split('-').length - 1
  }
  return counts
}

function isPlainScalar(scalar: string): boolean {
  if (SPECIAL_WORD.test(scalar)) return PLAIN_WORD.test(scalar)
  return /^["']/.test(scalar) || !scalar.endsWith(':')
}

function countRead(value: unknown, counts: Counts): void {
  if (typeof value !== 'object' || value === null) return
  const children = Object.values(value)
  if (Array.isArray(value)) counts.items += children.length
  else counts.keys += children.length
  for (const child of children) countRead(child, counts)
}
