import type { Protocol } from '../ir/protocol.ts'
import type { Call, Provider } from './provider.ts'
import { USER_AGENT } from './user-agent.ts'

/** What an account has of its own about headers. */
export interface HeaderSource {
  /** Sent with every request. A value `$Name` copies that header of the client's request. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The client's headers that go on to an upstream of the client's own protocol: those that change what the answer
 * means, and the client's name. Never a key, a cookie, or anything about the connection.
 *
 * @see https://docs.anthropic.com/en/api/versioning and https://docs.anthropic.com/en/api/beta-headers
 */
const FORWARDED: Readonly<Record<Protocol, readonly string[]>> = {
  anthropic: ['user-agent', 'anthropic-version', 'anthropic-beta'],
  'openai-chat': ['user-agent', 'openai-beta'],
  'openai-responses': [
    'user-agent',
    'openai-beta',
    'session_id',
    'session-id',
    'thread-id',
    'x-client-request-id',
    'x-codex-turn-metadata',
    'x-codex-beta-features',
    'x-codex-window-id',
    'x-openai-internal-codex-responses-lite',
  ],
  gemini: ['user-agent', 'x-goog-api-client', 'x-vertex-ai-llm-request-type'],
}

/** Headers that are lists: what the provider and the client say is said together. */
const LISTS: ReadonlySet<string> = new Set(['anthropic-beta'])

/** Headers that the connection owns, whatever an account's own headers say. */
const RESERVED: ReadonlySet<string> = new Set(['host', 'content-length', 'connection', 'transfer-encoding'])

const COPY = /^\$[\w-]+$/

/** An account's headers of one kind of call, as far as no client has a say in them. */
interface FixedHeaders {
  /** Whose they are: an account whose vendor speaks two protocols has two. */
  readonly provider: Provider
  /** They were made with this one; that of a login changes. */
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  /** Name of the header to set, and the client's header whose value it gets; both in lower case. */
  readonly copied: readonly (readonly [name: string, source: string])[]
  /** The account sets these itself: the client's are not forwarded. */
  readonly own: ReadonlySet<string>
}

/** Per account (its object lives as long as its configuration), then per kind of call. */
const fixed = new WeakMap<HeaderSource, (FixedHeaders | undefined)[]>()

/** First of the two places of each operation: whole answers, then streams. */
const PLACES: Readonly<Record<Call['operation'], number>> = { generate: 0, 'count-tokens': 2, 'list-models': 4 }

/**
 * All headers of one request to an upstream, names in lower case: the provider's, over them the
 * client's where they are forwarded, over them the account's own. Of a header that is a list nothing is lost: it holds
 * the provider's words, and after them the other's.
 *
 * @param requestHeaders where `$Name` is looked up: the client's headers also when it speaks another protocol.
 * @returns a record that is shared between calls: not to be changed.
 */
export function headersFor(
  provider: Provider,
  account: HeaderSource,
  call: Call,
  requestHeaders: Headers = call.clientHeaders,
): Record<string, string> {
  const known = fixedFor(provider, account, call)
  let headers: Record<string, string> | undefined
  for (const name of FORWARDED[provider.protocol]) {
    const value = known.own.has(name) ? null : call.clientHeaders.get(name)
    if (value !== null) addHeader((headers ??= { ...known.headers }), name, value)
  }
  for (const [name, source] of known.copied) {
    const value = requestHeaders.get(source)
    if (value !== null) addHeader((headers ??= { ...known.headers }), name, value)
  }
  return headers ?? known.headers
}

function addHeader(headers: Record<string, string>, name: string, value: string): void {
  const known = LISTS.has(name) ? headers[name] : undefined
  headers[name] = known === undefined ? value : joinLists(known, value)
}

/** What shows a key or a token as a bearer's. An upstream without keys (a local one) gets no header that it might check. */
export function bearerHeaders(secret: string): Record<string, string> {
  return secret === '' ? {} : { authorization: `Bearer ${secret}` }
}

/** The words of both, each once, in the order in which they were said. */
function joinLists(first: string, second: string): string {
  const words = `${first},${second}`.split(',').map((word) => word.trim())
  return [...new Set(words)].filter((word) => word !== '').join(',')
}

function fixedFor(provider: Provider, account: HeaderSource, call: Call): FixedHeaders {
  let kinds = fixed.get(account)
  if (!kinds) fixed.set(account, (kinds = []))
  const place = PLACES[call.operation] + Number(call.stream)
  const known = kinds[place]
  if (known?.secret === call.secret && known.provider === provider) return known
  return (kinds[place] = fixHeaders(provider, account, call))
}

function fixHeaders(provider: Provider, account: HeaderSource, call: Call): FixedHeaders {
  const headers: Record<string, string> = {
    'user-agent': USER_AGENT,
    accept: call.stream ? 'text/event-stream' : 'application/json',
    ...provider.headers(call),
  }
  // A compressed stream arrives in the compressor's blocks, not event by event.
  if (call.stream) headers['accept-encoding'] = 'identity'
  if (call.operation !== 'list-models') headers['content-type'] = 'application/json'
  const copied: (readonly [string, string])[] = []
  const own = new Set<string>()
  for (const [key, value] of Object.entries(account.headers)) {
    const name = key.toLowerCase()
    if (RESERVED.has(name)) continue
    own.add(name)
    if (COPY.test(value)) copied.push([name, value.slice(1).toLowerCase()])
    else addHeader(headers, name, value)
  }
  return { provider, secret: call.secret, headers: Object.freeze(headers), copied, own }
}
