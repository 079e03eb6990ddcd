/** A place in a text, both counted from 1. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

/** What may come next, by what stands open. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'end'

/** Where a text stops being JSON: at its end when it stops too early. Only for texts that are none: it builds no value. */
export function jsonErrorPlace(text: string): TextPlace {
  const at = errorAt(text)
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  let line = 1
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) line++
  return { line, column: at - lineStart + 1 }
}

function errorAt(text: string): number {
  /** The closing brackets that are still to come. */
  const open: ('}' | ']')[] = []
  let expected: Expected = 'value'
  let at = spaceEnd(text, 0)
  while (at < text.length) {
    const char = text[at]
    const isKey = expected === 'key' || expected === 'key or }'
    let end = at + 1
    if (
      char === open.at(-1) &&
      (expected === ', or end' || expected === `key or ${char}` || expected === `value or ${char}`)
    ) {
      open.pop()
      expected = open.length === 0 ? 'end' : ', or end'
    } else if (expected === ':' && char === ':') expected = 'value'
    else if (expected === ', or end' && char === ',') expected = open.at(-1) === '}' ? 'key' : 'value'
    else if (isKey && char === '"') {
      end = stringEnd(text, at)
      expected = ':'
    } else if (expected === 'value' || expected === 'value or ]') {
      if (char === '{' || char === '[') {
        open.push(char === '{' ? '}' : ']')
        expected = char === '{' ? 'key or }' : 'value or ]'
      } else {
        end = scalarEnd(text, at)
        expected = open.length === 0 ? 'end' : ', or end'
      }
    } else return at
    if (end < 0) return -end
    if (end === at) return at
    at = spaceEnd(text, end)
  }
  return text.length
}

const SPACE = /[\t\n\r ]*/y
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y

function spaceEnd(text: string, at: number): number {
  return matchEnd(SPACE, text, at)
}

/** Index after the number, word or string that begins here: `at` when none does, negated where a string breaks. */
function scalarEnd(text: string, at: number): number {
  return text[at] === '"' ? stringEnd(text, at) : matchEnd(SCALAR, text, at)
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code < 0x20) return -at
    if (code !== 0x5c) continue
    const end = matchEnd(ESCAPE, text, at)
    if (end === at) return -at
    at = end - 1
  }
  return -text.length
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
