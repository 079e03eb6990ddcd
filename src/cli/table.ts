/** The rows as lines: columns aligned and two blanks apart, nothing behind the last word. */
export function alignRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** The table without the columns that are empty in every row but the first, which names them. */
export function withoutEmptyColumns(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const [names = [], ...body] = rows
  const isFilled = names.map((_, column) => body.some((row) => (row[column] ?? '') !== ''))
  return rows.map((row) => row.filter((_, column) => isFilled[column]))
}

/** Each text as a line with its end. */
export function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

/** A text of somebody else's in one line: no control characters reach a terminal. */
export function plainLine(text: string, charsMax: number): string {
  const plain = text
    .replaceAll(COLOUR, '')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  return plain.length > charsMax ? `${plain.slice(0, charsMax - 1)}…` : plain
}

/** What terminals take for colours and movements. */
const COLOUR = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;?]*[a-zA-Z]`, 'g')
