import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { isDeeperThan, isObject } from '../lib/json.ts'
import { scanFields, type Scan, type Span } from '../lib/json-scan.ts'
import { jsonErrorPlace } from '../lib/json-place.ts'

/** Deepest nesting of arrays and objects in a request: real schemas stay below 30. */
export const DEPTH_MAX = 256

/** A request's body, decompressed. */
export interface ReadBody {
  readonly text: string
  /** The fields of the top level; of a large body without those whose values are long. */
  readonly fields: JsonObject
  /** Where in the text the others stand. */
  readonly longFields?: ReadonlyMap<string, Span>
  /** All of it. @throws {Fault} invalid-request when a large body turns out to be no JSON, or of another shape. */
  readonly whole: () => JsonObject
}

/** From here on a body is scanned and not parsed, unless somebody needs all of it: parsing is what a relay costs. */
const LARGE_CHARS = 32 * 1024

/** Longest value that is parsed out of a large body. */
const VALUE_CHARS_MAX = 1024

/**
 * Reads the body of a request.
 *
 * @param check throws for a body of another shape.
 * @throws {Fault} too-large, unsupported-media for an unknown content-encoding, or invalid-request for bytes that do not
 * decompress, are no UTF-8, no JSON, no object, of another shape, or nest too deeply.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
  check: (body: JsonObject) => void,
): Promise<ReadBody> {
  const text = await readRequestText(request, bytesMax)
  const scan = text.length >= LARGE_CHARS ? scanFields(text) : undefined
  if (!scan) {
    const json = parseChecked(text, check)
    if (isDeeperThan(json, DEPTH_MAX)) throw tooDeep()
    return { text, fields: json, whole: () => json }
  }
  if (scan.depth > DEPTH_MAX) throw tooDeep()
  let json: JsonObject | undefined
  return { text, ...splitFields(text, scan), whole: () => (json ??= parseChecked(text, check)) }
}

function splitFields(text: string, { fields }: Scan): Pick<ReadBody, 'fields' | 'longFields'> {
  const short: Record<string, unknown> = {}
  const longFields = new Map<string, Span>()
  for (const [name, span] of fields) {
    if (span.end - span.start <= VALUE_CHARS_MAX) short[name] = parseBody(text.slice(span.start, span.end))
    else longFields.set(name, span)
  }
  return { fields: short, longFields }
}

function parseChecked(text: string, check: (body: JsonObject) => void): JsonObject {
  const json = parseBody(text)
  if (!isObject(json)) throw new Fault('invalid-request', 'The body is valid JSON but no object: send a JSON object.')
  check(json)
  return json
}

function tooDeep(): Fault {
  return new Fault('invalid-request', `The body nests deeper than ${DEPTH_MAX} levels: flatten it.`)
}

async function readRequestText(request: Request, bytesMax: number): Promise<string> {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > bytesMax) throw tooLarge(bytesMax)
  const encoding = request.headers.get('content-encoding')
  let text: string
  if (encoding !== null && encoding !== 'identity') {
    text = decodeUtf8(await decompress(await readBytes(request, bytesMax), encoding, bytesMax))
  } else if (length === null) text = decodeUtf8(await readBytes(request, bytesMax))
  else text = await readText(request, Number(length))
  if (text === '') throw new Fault('invalid-request', 'The request has no body: send a JSON object.')
  return text
}

/**
 * The body as text. Bun's own decoding is the fastest by far and puts U+FFFD in the place of what is no UTF-8; a text
 * that has one is looked at once more, since a client may have meant it.
 */
async function readText(request: Request, length: number): Promise<string> {
  let text: string
  try {
    text = await request.text()
  } catch (error) {
    throw brokenOff(request, error)
  }
  if (text.includes('\uFFFD') && Buffer.byteLength(text) !== length) throw notUtf8()
  return text
}

/** The body's bytes; of a body that does not tell its length no more are taken than allowed. */
async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  const reader = (request.body ?? new Blob([]).stream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      total += value.byteLength
      if (total > bytesMax) throw tooLarge(bytesMax)
      chunks.push(value)
    }
  } catch (error) {
    throw error instanceof Fault ? error : brokenOff(request, error)
  } finally {
    // Not cancelled: the server drops what is left over, and a client that still writes gets to read the answer.
    reader.releaseLock()
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

/** The client left, or its connection broke, before its request was whole. */
function brokenOff({ signal }: Request, cause: unknown): Fault {
  if (signal.aborted)
    return new Fault('cancelled', 'The client closed the request before its body was whole.', { cause })
  return new Fault('invalid-request', 'The body broke off before it was whole: send it again.', { cause })
}

function tooLarge(bytesMax: number): Fault {
  const megabytes = Math.floor(bytesMax / 1024 / 1024)
  return new Fault(
    'too-large',
    `The body is larger than ${megabytes} MB: shorten the conversation, or raise body-limit-mb in the proxy's config.`,
  )
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw notUtf8()
  }
}

function notUtf8(): Fault {
  return new Fault('invalid-request', 'The body is no valid UTF-8: encode the JSON as UTF-8.')
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^JSON Parse error: /, '') : String(error)
    const { line, column } = jsonErrorPlace(text)
    throw new Fault(
      'invalid-request',
      `The body is no valid JSON; it goes wrong at line ${line}, column ${column}: ${reason}`,
    )
  }
}

/** Encodings in the order in which the client applied them; the last one is undone first. */
async function decompress(bytes: Uint8Array, header: string, bytesMax: number): Promise<Uint8Array> {
  const encodings = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'identity' && name !== '')
  if (encodings.length > ENCODINGS_MAX) {
    throw new Fault('unsupported-media', `The body is encoded ${encodings.length} times: once is enough.`)
  }
  let plain = bytes
  for (const encoding of encodings.toReversed()) {
    const format = FORMATS.get(encoding)
    if (!format) {
      const message = `The content-encoding '${encoding}' is not known: send zstd, gzip, deflate, br or none.`
      throw new Fault('unsupported-media', message)
    }
    plain = await inflate(plain, format === 'deflate' && !isZlib(plain) ? 'deflate-raw' : format, encoding, bytesMax)
  }
  return plain
}

/** Nobody compresses what is compressed; each further one multiplies what a small body may cost. */
const ENCODINGS_MAX = 2

type Format = 'gzip' | 'deflate' | 'deflate-raw' | 'zstd' | 'brotli'

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
  ['br', 'brotli'],
])

/** Some clients leave the frame out that `deflate` means. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2 */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}

/** Stops at the limit, so that a small bomb cannot fill the memory. */
async function inflate(bytes: Uint8Array, format: Format, encoding: string, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  const source = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream(format))
  try {
    for await (const chunk of source) {
      total += chunk.byteLength
      if (total > bytesMax) throw tooLarge(bytesMax)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const message = `The body does not decompress as ${encoding}, which its content-encoding says it is.`
    throw new Fault('invalid-request', message, { cause })
  }
  return Buffer.concat(chunks)
}
