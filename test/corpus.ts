import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../src/ir/json.ts'
import { PROTOCOLS, type Protocol } from '../src/ir/protocol.ts'
import { readArray, readNumber, readObject, readString } from '../src/lib/json.ts'

/** One request to a vendor and its answer, as they went over the wire. */
export interface Exchange {
  readonly id: string
  /** The last eight hex digits of the id: what reports and ledgers call it. */
  readonly hex: string
  readonly protocol: Protocol
  /** The answer is an event stream. */
  readonly stream: boolean
  readonly request: {
    readonly path: string
    /** Undefined where the recorder kept none. */
    readonly body?: JsonObject
  }
  readonly response: {
    readonly status: number
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>
    /** Of an answer that is no stream: parsed JSON, or the text where it is none. */
    readonly body?: unknown
    /** Of a stream: its text, line ends as recorded. */
    readonly sse?: string
  }
  readonly tags: readonly string[]
}

/** Where recorded traffic is looked for. */
export const CORPUS_FOLDER = process.env['CORPUS_DIR'] ?? join(import.meta.dir, '..', '..', 'shared', 'corpus')

/** Whether there is recorded traffic; without it, what needs it must say that it is skipped. */
export const HAS_CORPUS = existsSync(CORPUS_FOLDER)

/** Every exchange of the corpus, in the order of their ids; none when there is no corpus. */
export function readCorpus(): readonly Exchange[] {
  if (!HAS_CORPUS) return []
  const names = readdirSync(CORPUS_FOLDER).filter((name) => name.endsWith('.json'))
  return names.toSorted().map((name) => readExchange(name, readFileSync(join(CORPUS_FOLDER, name), 'utf8')))
}

function readExchange(name: string, text: string): Exchange {
  const { id, protocol, request, response, tags } = readObject(JSON.parse(text)) ?? {}
  const { path, body: asked } = readObject(request) ?? {}
  const { status, headers, body, sse, stream } = readObject(response) ?? {}
  const known = PROTOCOLS.find((other) => other === protocol)
  if (!known) throw new Error(`${name}: there is no protocol ${String(protocol)}`)
  const fullId = readString(id) ?? name
  return {
    id: fullId,
    hex: fullId.slice(-8),
    protocol: known,
    stream: stream === true,
    request: { path: readString(path) ?? '', body: readObject(asked) },
    response: { status: readNumber(status) ?? 0, headers: headersOf(headers), body, sse: wholeStream(readString(sse)) },
    tags: readArray(tags).map(String),
  }
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(readObject(value) ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)]),
  )
}

/** Some recorders trimmed the blank line after the last event; it is given back where that event is whole. */
function wholeStream(sse: string | undefined): string | undefined {
  if (sse === undefined || /(\r\n\r\n|\n\n)$/.test(sse)) return sse
  const last = sse.trimEnd().split(/\r?\n/).at(-1) ?? ''
  const isWhole = last.startsWith('data:') && (last.endsWith('[DONE]') || isJson(last.slice('data:'.length)))
  return isWhole ? sse.trimEnd() + (sse.includes('\r\n') ? '\r\n\r\n' : '\n\n') : sse
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
