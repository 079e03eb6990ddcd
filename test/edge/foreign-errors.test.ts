import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readObject } from '../../src/lib/json.ts'
import { errorOf, PAIRS, SERVED } from '../kit/answers.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

/** Errors as vendors and gateways were seen to write them, and worse. */
const BODIES: readonly unknown[] = [
  { error: 'a string' },
  { code: 'Some code', error: 'a string' },
  { detail: 'not found' },
  { detail: [{ loc: ['body', 'model'], msg: 'field required', type: 'missing' }] },
  { message: 'bare' },
  { message: 5 },
  { error: { message: { a: 1 }, type: 7, code: {}, param: [] } },
  { error: { code: 99_999, message: 'odd code' } },
  { error: { status: 700, message: 'odd status' } },
  { error: { message: 'long '.repeat(40_000) } },
  { error: null },
  { error: 7 },
  { error: [] },
  { error: {} },
  { type: 'error' },
  [],
  null,
  7,
]

describe.each(PAIRS)('%s from %s: whatever the upstream’s error looks like', (client, vendor) => {
  let upstream: Upstream
  let proxy: TestProxy

  beforeAll(async () => {
    upstream = await startUpstream()
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)], disableCooling: true })
  })

  afterAll(async () => {
    await proxy.stop()
    await upstream.stop()
  })

  test.each(BODIES.map((body) => [JSON.stringify(body).slice(0, 60), body]))('%s', async (_name, body) => {
    for (const status of [400, 418, 429, 451, 500, 599]) {
      upstream.always((call) => call.json(body, status))
      for (const stream of [true, false]) {
        const read = await proxy.ask(client, { stream })
        expect(read.status).toBe(status)
        expect(read.body['type']).toBe(client === 'anthropic' ? 'error' : undefined)
        const { message, type } = readObject(read.body['error']) ?? {}
        expect(message).toMatch(/./)
        // Chat's vendors leave it out; what is in shape else is passed on as it is.
        if (client === 'anthropic') expect(type).toMatch(/./)
      }
    }
  })

  test('under status 200 it is one all the same', async () => {
    for (const body of BODIES) {
      upstream.always((call) => call.json(body))
      for (const stream of [true, false]) {
        const read = await proxy.ask(client, { stream })
        expect(read.status).toBeWithin(400, 600)
        expect(readObject(read.body['error'])?.['message']).toMatch(/./)
      }
    }
  })
})

test.each(SERVED)('%s: the vendor’s own words in its own shape are passed on as they are', async (protocol) => {
  const upstream = await startUpstream()
  const proxy = startProxy({ accounts: [accountAt(upstream.url, protocol)] })
  const body = { ...errorOf(protocol, 'invalid_request_error', 'Too hot'), request_id: 'req_1', more: { a: 1 } }
  upstream.always((call) => call.json(body, 400))
  expect((await proxy.ask(protocol)).text).toBe(JSON.stringify(body))
  await proxy.stop()
  await upstream.stop()
})
