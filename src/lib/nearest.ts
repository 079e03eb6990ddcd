/** Words longer than this are compared by their beginning only. */
const WORD_CHARS_MAX = 80

/** The words that differ least from `word`, the nearest first; only such that differ by less than half. */
export function nearest(word: string, words: readonly string[], count: number): readonly string[] {
  const wanted = word.toLowerCase().slice(0, WORD_CHARS_MAX)
  return words
    .map((candidate) => ({
      candidate,
      distance: distanceFor(wanted, candidate.toLowerCase().slice(0, WORD_CHARS_MAX)),
    }))
    .filter(
      ({ candidate, distance }) => distance * 2 < Math.max(wanted.length, Math.min(candidate.length, WORD_CHARS_MAX)),
    )
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

/** Levenshtein's distance, two swapped letters counting once; a word that begins with the other counts as near. */
function distanceFor(a: string, b: string): number {
  if (a !== '' && b.startsWith(a)) return 1
  let before: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const substitute = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      const isSwapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j]
      const swap = isSwapped ? (before[j - 1] ?? 0) + 1 : Infinity
      next.push(Math.min(substitute, swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
