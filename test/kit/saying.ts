import type { Fields } from '../../src/lib/json.ts'

/** What a scripted upstream says. */
export interface Saying {
  readonly text?: string
  readonly thinking?: string
  readonly call?: { readonly id: string; readonly name: string; readonly input: Fields }
}

/** How a vendor of one protocol says it. */
export interface Vendor {
  /** A whole answer. */
  whole(saying: Saying): Fields
  /** The events of a stream, each with its blank line. `hasUsage`: the client asked for usage. */
  stream(saying: Saying, hasUsage: boolean): Iterable<string>
  /** An error body; `type` is a word of Anthropic's. */
  error(type: string, message: string): Fields
  /** The event that tells an error in the middle of a stream. */
  errorEvent(type: string, message: string): string
}

/** The words with the white space before them: joined, they are the text again. */
export function words(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}

/** An event with a name. */
export function eventOf(type: string, fields: Fields): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

/** An event without one. */
export function dataOf(fields: Fields): string {
  return `data: ${JSON.stringify(fields)}\n\n`
}
