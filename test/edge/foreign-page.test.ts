import { afterEach, expect, test } from 'bun:test'
import { say } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy
afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function start(apiKeys: readonly string[] = []): Promise<void> {
  upstream = await startUpstream(say('anthropic'))
  proxy = startProxy({ apiKeys, accounts: [accountAt(upstream.url, 'anthropic')] })
}

const BODY = JSON.stringify({ model: MODEL, max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] })
const JSON_BODY = { 'content-type': 'application/json' }

const statusOf = async (headers: Record<string, string>, path = '/v1/messages'): Promise<number> =>
  (await proxy.fetch(path, { method: 'POST', body: BODY, headers })).status

test.each<[string, Record<string, string>, number]>([
  ['no page', {}, 200],
  ['no page, by a name', { host: 'proxy.example:8317' }, 200],
  ['a page of this machine', { origin: 'http://localhost:5173', 'content-type': 'text/plain' }, 200],
  [
    'a page whose name points here',
    { origin: 'http://evil.example:8317', host: 'evil.example:8317', ...JSON_BODY },
    403,
  ],
  ['that page, in capitals', { origin: 'http://evil.example', host: 'EVIL.example', ...JSON_BODY }, 403],
  ['a page of an address of its own', { origin: 'http://192.0.2.7:8317', host: '192.0.2.7:8317', ...JSON_BODY }, 200],
  ['a page elsewhere that does not ask first', { origin: 'https://evil.example', 'content-type': 'text/plain' }, 403],
  ['a form of a page', { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' }, 403],
  ['a page with two types', { origin: 'null', 'content-type': 'text/plain; application/json' }, 403],
  [
    'an application of the desktop',
    { origin: 'app://desktop', 'content-type': 'Application/JSON; charset=utf-8' },
    200,
  ],
])('without keys, %s gets %j', async (_who, headers, status) => {
  await start()
  expect(await statusOf(headers)).toBe(status)
  expect(upstream.calls.length).toBe(status === 200 ? 1 : 0)
})

test('whoever shows a key is no stranger, wherever its page is from', async () => {
  await start([CLIENT_KEY])
  const page = { origin: 'http://proxy.example', host: 'proxy.example', 'content-type': 'text/plain' }
  expect(await statusOf({ ...page, 'x-api-key': CLIENT_KEY })).toBe(200)
})

test('a page whose name points here gets no socket and no list either', async () => {
  await start()
  const page = { origin: 'http://evil.example', host: 'evil.example' }
  const handshake = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const socket = { ...page, ...handshake, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
  expect((await proxy.get('/v1/responses', socket)).status).toBe(403)
  expect((await proxy.get('/v1/models', page)).status).toBe(403)
})
