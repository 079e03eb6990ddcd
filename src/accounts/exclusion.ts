/**
 * True when one of the patterns covers the whole name. `*` stands for any characters, and case does not count:
 * `gpt-5*`, `*-preview`, `*image*`.
 */
export function isExcluded(name: string, patterns: readonly string[]): boolean {
  const wanted = name.toLowerCase()
  return patterns.some((pattern) => matches(wanted, pattern.toLowerCase()))
}

/** Piece by piece from the left: linear, whatever the pattern. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return name === pattern
  if (!name.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
