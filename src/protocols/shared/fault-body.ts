/** Characters of an upstream's error body that are kept for logs. */
export const BODY_CHARS_MAX = 64 * 1024

/** Characters of a body without a message of its own that the client is shown. */
export const EXCERPT_CHARS_MAX = 300

/** What to say of a body that names no error: an HTML page's title, or its first words. */
export function excerptFor(status: number, body: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]
  const text = (title ?? body.slice(0, BODY_CHARS_MAX).replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim()
  if (text === '') return `The upstream answered with HTTP status ${status} and no message.`
  const told = text.length > EXCERPT_CHARS_MAX ? `${text.slice(0, EXCERPT_CHARS_MAX)}…` : text
  return `The upstream answered with HTTP status ${status}: ${told}`
}

/** Milliseconds that the headers ask to wait. A date in `Retry-After` is left alone: a codec knows no clock. */
export function readRetryAfter(headers: Headers): number | undefined {
  for (const [name, unitMs] of [
    ['retry-after-ms', 1],
    ['retry-after', 1000],
  ] as const) {
    const text = headers.get(name)
    if (text !== null && /^\s*\d+(?:\.\d+)?\s*$/.test(text)) return Number(text) * unitMs
  }
  return undefined
}
