/** One protocol of the bench: what its clients ask and what the mock upstream answers. */
export interface Wire {
  /** Path of a request; the model's name and the mode stand in it where the protocol wants it. */
  path(shape: RequestShape): string
  /** Stands in every path of the protocol, and in no other's. */
  readonly mark: string
  /** The model that the product serves over an upstream of this protocol. */
  readonly model: string
  /** Headers of a client beside content-type and authorization. */
  readonly headers: Readonly<Record<string, string>>
  request(shape: RequestShape): object
  /** Whether a request asks for a stream. */
  asksForStream(url: string, body: string): boolean
  /** Events of a stream before the first text. */
  readonly prelude: string
  /** One event that says `text`. */
  delta(text: string): string
  /** Events of a stream after the last text; `said` is all of it, for protocols that repeat it. */
  coda(said: string): string
  /** A whole answer that says `text`. */
  answer(text: string): string
}

/** How large a request is. */
export interface RequestShape {
  readonly model: string
  readonly stream: boolean
  /** Length of the history, in characters. */
  readonly characters: number
  readonly tools: number
}

/** One message of a history. */
export interface Said {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

export const SYSTEM = 'You are helpful.'
export const WORDS = 'the quick brown fox jumps over the lazy dog and reads "a file"\n'
/** Characters of one turn of a long history. */
const TURN_CHARACTERS = 4000
export const SCHEMA = {
  type: 'object',
  properties: { path: { type: 'string', description: 'Absolute path' }, limit: { type: 'integer' } },
  required: ['path'],
}

/** What most protocols say of the mode. */
export function saysStream(_url: string, body: string): boolean {
  return body.includes('"stream":true')
}

/** An event whose name is also the type of its data; `fields` is JSON without the braces. */
export function eventOf(type: string, fields: string): string {
  return `event: ${type}\ndata: {"type":"${type}",${fields}}\n\n`
}

export function toolNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `tool_${index}`)
}

/** A history that begins and ends with the user. */
export function historyOf(characters: number): readonly Said[] {
  const text = WORDS.repeat(Math.ceil(characters / WORDS.length)).slice(0, characters)
  const turns = Math.max(1, Math.floor(characters / TURN_CHARACTERS)) | 1
  return Array.from({ length: turns }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    text: text.slice((index * characters) / turns, ((index + 1) * characters) / turns),
  }))
}
