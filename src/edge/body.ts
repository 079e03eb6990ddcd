import { Fault } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { isDeeperThan, isObject } from '../lib/json.ts'

/** Deepest nesting of arrays and objects in a request: real schemas stay below 30. */
export const DEPTH_MAX = 256

/** A request's body, decompressed and parsed once. */
export interface ReadBody {
  readonly text: string
  readonly json: JsonObject
}

/**
 * Reads the body of a request.
 *
 * @throws {Fault} too-large, unsupported-media for an unknown content-encoding, or invalid-request for bytes that do not
 * decompress, are no UTF-8, no JSON, no object, or nest too deeply.
 */
export async function readBody(request: Request, bytesMax: number): Promise<ReadBody> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
  const encoding = request.headers.get('content-encoding')
  const isPlain = encoding === null || encoding === 'identity'
  const text = isPlain
    ? await readText(request, bytesMax)
    : decodeUtf8(await decompress(await request.bytes(), encoding, bytesMax))
  if (text === '') throw new Fault('invalid-request', 'The request has no body: send a JSON object.')
  const json = parseBody(text)
  if (!isObject(json)) throw new Fault('invalid-request', 'The body is valid JSON but no object: send {"model": …}.')
  if (isDeeperThan(json, DEPTH_MAX))
    throw new Fault('invalid-request', `The body nests deeper than ${DEPTH_MAX} levels: flatten it.`)
  return { text, json }
}

/**
 * The body as text. Bun's own decoding is the fastest by far and puts U+FFFD in the place of what is no UTF-8; a text
 * that has one is looked at once more, since a client may have meant it.
 */
async function readText(request: Request, bytesMax: number): Promise<string> {
  const text = await request.text()
  if (text.length > bytesMax) throw tooLarge(bytesMax)
  const length = Number(request.headers.get('content-length') ?? 0)
  if (length > 0 && text.includes('\uFFFD') && Buffer.byteLength(text) !== length) throw notUtf8()
  return text
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
    throw new Fault('invalid-request', `The body is no valid JSON: ${reason}`)
  }
}

/** Encodings in the order in which the client applied them; the last one is undone first. */
async function decompress(bytes: Uint8Array, encodings: string, bytesMax: number): Promise<Uint8Array> {
  let plain = bytes
  for (const encoding of encodings
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .toReversed()) {
    if (encoding === 'identity') continue
    const format = FORMATS[encoding]
    if (!format)
      throw new Fault(
        'unsupported-media',
        `The content-encoding '${encoding}' is not known: send zstd, gzip, deflate, br or none.`,
      )
    plain = await inflate(plain, format, encoding, bytesMax)
  }
  return plain
}

const FORMATS: Readonly<Record<string, 'gzip' | 'deflate' | 'zstd' | 'brotli'>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  zstd: 'zstd',
  br: 'brotli',
}

/** Stops at the limit, so that a small bomb cannot fill the memory. */
async function inflate(
  bytes: Uint8Array,
  format: 'gzip' | 'deflate' | 'zstd' | 'brotli',
  encoding: string,
  bytesMax: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  const source = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream(format))
  try {
    for await (const chunk of source) {
      total += chunk.byteLength
      if (total > bytesMax) throw tooLarge(bytesMax)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault(
      'invalid-request',
      `The body does not decompress as ${encoding}, which its content-encoding says it is.`,
      { cause: error },
    )
  }
  return Buffer.concat(chunks)
}
