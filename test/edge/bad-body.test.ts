import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { once } from 'node:events'
import { connect } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { readObject } from '../../src/lib/json.ts'
import { SERVED, say } from '../kit/answers.ts'
import { accountAt, startProxy, type Read, type TestProxy } from '../kit/proxy.ts'
import { sendRaw } from '../kit/raw.ts'
import { ask, PATHS, turns } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'
import { nearMisses, wrongBodies } from './wrong-bodies.ts'

const LIMIT = 2 * 1024 * 1024

/** Speaks Chat, so that a client of Chat is relayed and one of Anthropic translated. */
let upstream: Upstream
let proxy: TestProxy

beforeAll(async () => {
  upstream = await startUpstream(say('openai-chat'))
  proxy = startProxy({ accounts: [accountAt(upstream.url, 'openai-chat')], bodyBytesMax: LIMIT })
})

afterAll(async () => {
  await proxy.stop()
  await upstream.stop()
})

/** The error of an answer, which must have the shape of the protocol. */
function errorOf(protocol: Protocol, { body, headers }: Read): { type: unknown; message: unknown; code: unknown } {
  expect(headers.get('content-type')).toBe('application/json')
  const fields = readObject(body['error']) ?? {}
  expect(body['type']).toBe(protocol === 'anthropic' ? 'error' : undefined)
  const { type, message, code, status } = fields
  if (protocol === 'gemini') expect(code).toBeNumber()
  else if (protocol !== 'anthropic')
    expect(Object.keys(fields).toSorted()).toEqual(['code', 'message', 'param', 'type'])
  return { type: type ?? status, message, code }
}

/** What each protocol calls a request that is wrong. */
const INVALID: Readonly<Record<Protocol, string>> = {
  anthropic: 'invalid_request_error',
  'openai-chat': 'invalid_request_error',
  'openai-responses': 'invalid_request_error',
  gemini: 'INVALID_ARGUMENT',
}

const tooLarge = "The body is larger than 2 MB: shorten the conversation, or raise body-limit-mb in the proxy's config."

describe.each(SERVED)('%s: a body that is wrong', (protocol) => {
  const path = PATHS[protocol]
  const text = JSON.stringify(ask(protocol))

  test.each<[string, unknown, string]>([
    ['nothing', '', 'The request has no body: send a JSON object.'],
    ['no JSON', 'hello', 'The body is no valid JSON; it goes wrong at line 1, column 1: Unexpected identifier "hello"'],
    [
      'a comma too much',
      '{\n  "model": "m",\n}',
      'The body is no valid JSON; it goes wrong at line 3, column 1: Property name must be a string literal',
    ],
    ['an array', '[]', 'The body is valid JSON but no object: send a JSON object.'],
    ['null', 'null', 'The body is valid JSON but no object: send a JSON object.'],
    ...nearMisses(protocol).map(([name, body, message]): [string, unknown, string] => [name, body, message]),
  ])('%s', async (_name, body, message) => {
    const read = await proxy.post(path, body)
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read)).toMatchObject({ type: INVALID[protocol], message })
  })

  test.each([...wrongBodies(protocol)])('%s', async (_name, own, message) => {
    const read = await proxy.ask(protocol, own)
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read)).toMatchObject({ type: INVALID[protocol], message })
  })

  test('a field that is cut off with the body', async () => {
    const read = await proxy.post(path, '{"model": "some-mo')
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read).message).toContain('goes wrong at line 1, column 19')
  })

  test('bytes that are no UTF-8, with and without a length', async () => {
    const bytes = Buffer.from(text.replace('Hi', 'H\u00e9'), 'latin1')
    const message = 'The body is no valid UTF-8: encode the JSON as UTF-8.'
    const read = await proxy.post(path, bytes)
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read)).toMatchObject({ message })
    const chunked = `${bytes.byteLength.toString(16)}\r\n${bytes.toString('latin1')}\r\n0\r\n\r\n`
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`
    expect(await sendRaw(proxy.port, Buffer.from(head + chunked, 'latin1'))).toContain(message)
  })

  test('a replacement character that the client means is none', async () => {
    expect((await proxy.ask(protocol, turns(protocol, 'what is \uFFFD?'))).status).toBe(200)
  })

  test.each([
    ['400 levels', 400],
    ['300,000 levels', 300_000],
  ])('%s of nesting', async (_name, depth) => {
    const nested = '['.repeat(depth) + ']'.repeat(depth)
    const read = await proxy.post(path, text.replace('{', `{"metadata":${nested},`))
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read)).toMatchObject({ message: 'The body nests deeper than 256 levels: flatten it.' })
  })

  test('more than the limit, with and without a length', async () => {
    const huge = text.replace('Hi', 'a'.repeat(LIMIT))
    const read = await proxy.post(path, huge)
    expect(read.status).toBe(413)
    expect(errorOf(protocol, read)).toMatchObject({ message: tooLarge })
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`
    const raw = await sendRaw(proxy.port, head + chunk.repeat(64), (answer) => answer.includes('}'))
    expect(raw).toStartWith('HTTP/1.1 413')
    expect(raw).toContain(tooLarge)
  })

  test('a length over the limit is refused before the body comes', async () => {
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999\r\n\r\n{`
    const raw = await sendRaw(proxy.port, head, (answer) => answer.includes('}'))
    expect(raw).toStartWith('HTTP/1.1 413')
    expect(raw).toContain(tooLarge)
  })

  test('a client that leaves while it sends', async () => {
    const socket = connect(proxy.port, '127.0.0.1')
    await once(socket, 'connect')
    const line = proxy.nextLine()
    socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{"model":`)
    await until(() => proxy.context.inFlight.count > 0)
    socket.destroy()
    expect(await line).toMatchObject({ status: 499 })
    expect(proxy.context.inFlight.count).toBe(0)
  })
})

describe.each(SERVED)('%s: a body that is packed', (protocol) => {
  const path = PATHS[protocol]
  const text = JSON.stringify(ask(protocol))
  const packers: readonly [string, (text: string) => Uint8Array][] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['GZIP', gzipSync],
  ]

  test.each(packers)('%s is unpacked', async (encoding, pack) => {
    expect((await proxy.post(path, pack(text), { 'content-encoding': encoding })).status).toBe(200)
  })

  test.each(packers)('%s that breaks off is refused', async (encoding, pack) => {
    const packed = pack(text)
    const read = await proxy.post(path, packed.subarray(0, packed.byteLength - 9), { 'content-encoding': encoding })
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read).message).toContain(`does not decompress as ${encoding.toLowerCase()}`)
  })

  test.each(packers)('%s that unpacks to more than the limit is refused', async (encoding, pack) => {
    const read = await proxy.post(path, pack('a'.repeat(32 * 1024 * 1024)), { 'content-encoding': encoding })
    expect(read.status).toBe(413)
    expect(errorOf(protocol, read)).toMatchObject({ message: tooLarge })
  })

  test('twice packed is unpacked twice, and no further', async () => {
    const twice = zstdCompressSync(gzipSync(text))
    expect((await proxy.post(path, twice, { 'content-encoding': 'gzip, zstd' })).status).toBe(200)
    const often = await proxy.post(path, twice, { 'content-encoding': 'gzip, gzip, gzip' })
    expect(often.status).toBe(415)
  })

  test.each(['lzma', 'constructor'])('%s is not known', async (encoding) => {
    const read = await proxy.post(path, text, { 'content-encoding': encoding })
    expect(read.status).toBe(415)
    expect(errorOf(protocol, read)).toMatchObject({
      message: `The content-encoding '${encoding}' is not known: send zstd, gzip, deflate, br or none.`,
    })
  })
})

describe.each(SERVED)('%s: a model that nobody serves', (protocol) => {
  test.each([
    ['some-modle', "Did you mean 'some-model'? GET /v1/models lists them all."],
    ['qqq', 'GET /v1/models lists the models that are served.'],
  ])('%s', async (model, advice) => {
    const read = await proxy.ask(protocol, { model })
    expect(read.status).toBe(404)
    expect(errorOf(protocol, read)).toMatchObject({
      ...UNKNOWN[protocol],
      message: `No account serves the model '${model}'. ${advice}`,
    })
  })

  test('a name as long as a body', async () => {
    // A path has no room for more.
    const length = protocol === 'gemini' ? 4000 : 1_000_000
    const read = await proxy.ask(protocol, { model: 'm'.repeat(length) })
    expect(read.status).toBe(400)
    expect(errorOf(protocol, read)).toMatchObject({
      message: `The field 'model' has ${length} characters: name the model to ask.`,
    })
    expect(proxy.log().length).toBeLessThan(1_000_000)
  })
})

/** How each protocol calls a model that is not there. */
const UNKNOWN: Readonly<Record<Protocol, { readonly type: string; readonly code: unknown }>> = {
  anthropic: { type: 'not_found_error', code: undefined },
  'openai-chat': { type: 'invalid_request_error', code: 'model_not_found' },
  'openai-responses': { type: 'invalid_request_error', code: 'model_not_found' },
  gemini: { type: 'NOT_FOUND', code: 404 },
}

test('a small bomb takes no memory', async () => {
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024))
  Bun.gc(true)
  const before = process.memoryUsage.rss()
  const read = await proxy.post(PATHS.anthropic, bomb, { 'content-encoding': 'gzip' })
  expect(read.status).toBe(413)
  expect(process.memoryUsage.rss() - before).toBeLessThan(128 * 1024 * 1024)
})

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate)
}
