/** Levels of a tool's input: what nests deeper no model wrote on purpose, and no writer of JSON survives. */
export const INPUT_DEPTH_MAX = 256

/**
 * A JSON text that broke off, closed as far as it goes: the string it stands in, then what is open around it. What was
 * begun and says nothing yet (a key without a value, half a literal or number) is left out. Too deep a text gives ''.
 */
export function repairJson(text: string): string {
  /** The closing brackets that are due, outermost first. */
  const due: string[] = []
  /** Up to where the text is whole, and what was due there. */
  let whole = 0
  let dueThen = ''
  let isKey = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      const end = stringEnd(text, at)
      if (end >= text.length) return isKey ? text.slice(0, whole) + dueThen : `${wholeString(text)}"${closing(due)}`
      at = end
      if (!isKey) [whole, dueThen] = [at + 1, closing(due)]
    } else if (char === '{' || char === '[') {
      if (due.length === INPUT_DEPTH_MAX) return ''
      due.push(char === '{' ? '}' : ']')
      isKey = char === '{'
      ;[whole, dueThen] = [at + 1, closing(due)]
    } else if (char === '}' || char === ']') {
      due.pop()
      isKey = false
      ;[whole, dueThen] = [at + 1, closing(due)]
    } else if (char === ',') {
      ;[whole, dueThen] = [at, closing(due)]
      isKey = due.at(-1) === '}'
    } else if (char === ':') isKey = false
  }
  return text.slice(0, whole) + dueThen
}

function closing(due: readonly string[]): string {
  return due.toReversed().join('')
}

/** Index of the closing quote of the string that opens at `at`, or the text's length. */
function stringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\') next++
    else if (text[next] === '"') return next
  }
  return text.length
}

/** The text without half an escape at its end. */
function wholeString(text: string): string {
  const slashes = /\\+$/.exec(text)?.[0].length ?? 0
  if (slashes % 2 === 1) return text.slice(0, -1)
  const half = /(\\*)\\u[0-9a-fA-F]{0,3}$/.exec(text)
  return half && (half[1]?.length ?? 0) % 2 === 0 ? text.slice(0, half.index + (half[1]?.length ?? 0)) : text
}
