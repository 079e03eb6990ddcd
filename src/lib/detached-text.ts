/** The same text without what it was cut from: the engine keeps the whole of a text for as long as a piece of it. */
export function detachText(text: string): string {
  return Buffer.from(text).toString()
}
