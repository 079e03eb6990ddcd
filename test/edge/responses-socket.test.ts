import { afterEach, describe, expect, test } from 'bun:test'
import { request, type IncomingMessage } from 'node:http'
import type { Protocol } from '../../src/ir/protocol.ts'
import { readText } from '../../src/lib/json.ts'
import { beginningOf, HELLO, say, SERVED, streamOf } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { answerIn, openSocket, saidIn, type TestSocket } from '../kit/socket.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const KEY = { authorization: `Bearer ${CLIENT_KEY}` }
const PATHS = ['/v1/responses', '/openai/v1/responses', '/backend-api/codex/responses']
const QUESTION = { model: MODEL, store: false, input: [{ role: 'user', content: 'First question' }] }
const CALL = { id: 'call_01', name: 'weather', input: { place: 'Zürich' } }

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function start(vendor: Protocol, script: Script = say(vendor), own: ProxyOptions = {}): Promise<TestSocket> {
  upstream = await startUpstream(script)
  proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(upstream.url, vendor)], ...own })
  return await openSocket(`${proxy.url}/v1/responses`, KEY)
}

describe.each(SERVED)('over %s', (vendor) => {
  test('a frame asks and the events of the answer come as frames', async () => {
    const socket = await start(vendor)
    const line = proxy.nextLine()
    const events = await socket.ask(QUESTION)
    expect(events[0]).toMatchObject({ type: 'response.created' })
    expect(saidIn(events)).toBe('Hello there, friend.')
    expect(answerIn(events)).toMatchObject({ status: 'completed', object: 'response' })
    expect(await line).toMatchObject({ message: 'POST /v1/responses', status: 200, client: '127.0.0.1' })
  })

  test('the next request goes on from an answer that nobody stored, with what it does not say itself', async () => {
    const socket = await start(vendor)
    const first = answerIn(await socket.ask({ ...QUESTION, instructions: 'Be brief and kind' }))
    const { id } = first
    const second = answerIn(
      await socket.ask({
        store: false,
        previous_response_id: id,
        input: [{ role: 'user', content: 'Second question' }],
      }),
    )
    expect(second['status']).toBe('completed')
    const { text } = await upstream.call(1)
    const places = ['Be brief and kind', 'First question', 'Hello there, friend.', 'Second question'].map((words) =>
      text.indexOf(words),
    )
    expect(places.filter((place) => place < 0)).toEqual([])
    expect(text).not.toContain('previous_response_id')
  })

  test('a tool’s output finds its call in the answer before', async () => {
    const socket = await start(vendor, (call) =>
      say(vendor, upstream.calls.length === 1 ? { call: CALL } : HELLO)(call),
    )
    const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object' } }]
    const { id, output } = answerIn(await socket.ask({ ...QUESTION, tools }))
    const [called] = Array.isArray(output) ? output : []
    const result = { type: 'function_call_output', call_id: called.call_id, output: 'It is raining' }
    const events = await socket.ask({ ...QUESTION, previous_response_id: id, input: [result] })
    expect(saidIn(events)).toBe('Hello there, friend.')
    expect((await upstream.call(1)).text).toContain('It is raining')
    expect((await upstream.call(1)).text).toContain('Zürich')
  })
})

describe('frames', () => {
  test('what is sent ahead is answered without an upstream, and the next request builds on it', async () => {
    const socket = await start('anthropic')
    const events = await socket.ask({ ...QUESTION, generate: false })
    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.completed'])
    const prewarmed = answerIn(events)
    expect(prewarmed).toMatchObject({ output: [], usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 } })
    expect(prewarmed['id']).toStartWith('resp_prewarm_')
    expect(upstream.calls).toEqual([])
    await socket.ask({ model: MODEL, previous_response_id: prewarmed['id'], input: [] })
    expect((await upstream.call(0)).text).toContain('First question')
  })

  test('what is appended goes on from the newest answer', async () => {
    const socket = await start('openai-chat')
    await socket.ask(QUESTION)
    await socket.ask({ type: 'response.append', input: [{ role: 'user', content: 'Second question' }] })
    expect((await upstream.call(1)).body['messages']).toEqual([
      { role: 'user', content: 'First question' },
      { role: 'assistant', content: 'Hello there, friend.' },
      { role: 'user', content: 'Second question' },
    ])
  })

  test('what is appended and holds answers is the whole conversation', async () => {
    const socket = await start('openai-chat')
    await socket.ask(QUESTION)
    const input = [
      { role: 'user', content: 'Another start' },
      { role: 'assistant', content: 'Of course.' },
      { role: 'user', content: 'Go on' },
    ]
    await socket.ask({ type: 'response.append', model: MODEL, input })
    expect((await upstream.call(1)).text).not.toContain('First question')
  })

  test('a request that names no answer begins anew', async () => {
    const socket = await start('openai-chat')
    await socket.ask(QUESTION)
    await socket.ask({ ...QUESTION, input: [{ role: 'user', content: 'Something else' }] })
    expect((await upstream.call(1)).body['messages']).toEqual([{ role: 'user', content: 'Something else' }])
  })

  test('bytes are taken as text', async () => {
    const socket = await start('anthropic')
    socket.send({ type: 'response.processed', response_id: 'resp_1' })
    const raw = new WebSocket(`${proxy.url.replace('http', 'ws')}/v1/responses`, { headers: KEY })
    const said = new Promise<string>((resolve) => raw.addEventListener('message', ({ data }) => resolve(String(data))))
    await new Promise((resolve) => raw.addEventListener('open', resolve))
    raw.send(Buffer.from(JSON.stringify({ type: 'response.create', ...QUESTION })))
    expect(await said).toContain('response.created')
    raw.close()
  })

  test.each<[string, string | object, number, object]>([
    ['no JSON', '{"type":', 400, { message: expect.stringContaining('no JSON object') }],
    [
      'another type',
      { type: 'session.update' },
      400,
      { param: 'type', message: expect.stringContaining('session.update') },
    ],
    ['one of several streams', { type: 'response.create', ...QUESTION, stream_id: 'a' }, 400, { param: 'stream_id' }],
    ['no model', { type: 'response.create', input: 'Hi' }, 400, { param: 'model' }],
    ['no model for what is sent ahead', { type: 'response.create', generate: false }, 400, { param: 'model' }],
    ['an unknown model', { type: 'response.create', ...QUESTION, model: 'nobody' }, 404, { code: 'model_not_found' }],
    [
      'an answer that nobody knows',
      { type: 'response.create', ...QUESTION, previous_response_id: 'resp_unknown' },
      400,
      { code: 'previous_response_not_found', param: 'previous_response_id' },
    ],
  ])('%s is told, and the socket goes on', async (_name, frame, status, error) => {
    const socket = await start('anthropic')
    socket.send(frame)
    expect(await socket.next()).toMatchObject({ type: 'error', status, error })
    expect(saidIn(await socket.ask(QUESTION))).toBe('Hello there, friend.')
  })

  test('an upstream’s refusal says when to ask again', async () => {
    const socket = await start('openai-responses', (call) =>
      call.json({ error: { message: 'Slow down', type: 'rate_limit_error' } }, 429, { 'retry-after': '7' }),
    )
    const [event] = await socket.ask(QUESTION)
    expect(event).toMatchObject({ type: 'error', status: 429, headers: { 'retry-after': '7' } })
  })

  test('requests are answered one after the other, and only some of them wait', async () => {
    const go = Promise.withResolvers<void>()
    const socket = await start('openai-chat', async (call) => {
      await go.promise
      await say('openai-chat')(call)
    })
    for (let at = 0; at < 10; at++) socket.send({ type: 'response.create', ...QUESTION, user: String(at) })
    const refused = await socket.next()
    expect(refused).toMatchObject({ type: 'error', status: 429, error: { code: 'too_many_requests' } })
    expect(upstream.calls.length).toBeLessThanOrEqual(1)
    go.resolve()
    for (let completed = 0; completed < 9;) if ((await socket.next())['type'] === 'response.completed') completed++
    expect(upstream.calls.length).toBe(9)
  })

  test('a frame beyond the limit closes the socket', async () => {
    const socket = await start('anthropic', undefined, { bodyBytesMax: 1024 * 1024 })
    socket.send({ type: 'response.create', ...QUESTION, user: 'x'.repeat(1024 * 1024) })
    expect(await socket.closed).toMatchObject({ code: 1009 })
  })

  test('a stream that breaks is told as failed', async () => {
    const socket = await start('openai-chat', async (call) => {
      call.open()
      await call.write(beginningOf('openai-chat').join(''))
    })
    socket.send({ type: 'response.create', ...QUESTION })
    while ((await socket.next())['type'] !== 'response.output_text.delta');
    ;(await upstream.call(0)).destroy()
    let last = await socket.next()
    while (last['type'] !== 'response.failed') last = await socket.next()
    expect(last).toMatchObject({ response: { error: { message: expect.stringContaining('broke off') } } })
  })
})

describe('the handshake', () => {
  const handshake = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }

  test('a turn’s state is given back, and no extension is agreed upon', async () => {
    await start('anthropic')
    const headers = {
      ...handshake,
      ...KEY,
      'x-codex-turn-state': 'of-this-turn',
      'sec-websocket-extensions': 'permessage-deflate',
    }
    const asked = request(`${proxy.url}/v1/responses`, { headers })
    asked.end()
    const { statusCode, headers: given } = await new Promise<IncomingMessage>((resolve) => {
      asked.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(response)
      })
    })
    expect(statusCode).toBe(101)
    expect(given['x-codex-turn-state']).toBe('of-this-turn')
    expect(given['sec-websocket-extensions']).toBeUndefined()
  })

  test('its headers count for the requests, but for what is the socket’s own', async () => {
    await start('openai-responses')
    const own = { 'openai-beta': 'responses_websockets=2026-02-06, another=1', 'session-id': 'session-of-codex' }
    const socket = await openSocket(`${proxy.url}/v1/responses`, { ...KEY, ...own })
    await socket.ask(QUESTION)
    const { headers } = await upstream.call(0)
    expect(headers).toMatchObject({ 'openai-beta': 'another=1', 'session-id': 'session-of-codex' })
    expect(headers['upgrade']).toBeUndefined()
    expect(headers['sec-websocket-key']).toBeUndefined()
  })

  test.each(PATHS)('%s serves sockets', async (path) => {
    await start('anthropic')
    const socket = await openSocket(proxy.url + path, KEY)
    expect(saidIn(await socket.ask(QUESTION))).toBe('Hello there, friend.')
  })

  test.each(['key', 'auth_token'])(
    'a key that the URL shows as %s counts for the requests, and no line shows it',
    async (name) => {
      await start('anthropic')
      const line = proxy.nextLine()
      const socket = await openSocket(`${proxy.url}/v1/responses?${name}=${CLIENT_KEY}`)
      expect(saidIn(await socket.ask(QUESTION))).toBe('Hello there, friend.')
      expect(await line).toMatchObject({ message: 'POST /v1/responses', status: 200 })
      expect(proxy.log()).not.toContain(CLIENT_KEY)
    },
  )

  test('without one of the proxy’s keys there is no socket', async () => {
    await start('anthropic')
    const read = await proxy.get('/v1/responses', { ...handshake, authorization: 'Bearer wrong' })
    expect(read.status).toBe(401)
    expect(read.body).toMatchObject({ error: { code: 'invalid_api_key' } })
  })

  test.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://127.0.0.1.evil.example', 403],
  ])('a page of %s is refused', async (origin, status) => {
    await start('anthropic')
    expect((await proxy.get('/v1/responses', { ...handshake, ...KEY, origin })).status).toBe(status)
  })

  test.each([['http://localhost:5173'], ['http://127.0.0.1:9'], ['http://[::1]:80']])(
    'a page of %s is this machine’s',
    async (origin) => {
      await start('anthropic')
      const socket = await openSocket(`${proxy.url}/v1/responses`, { ...KEY, origin })
      expect(saidIn(await socket.ask(QUESTION))).toBe('Hello there, friend.')
    },
  )

  test.each(['proxy.example:8317', 'Proxy.Example:8317'])('a page of the proxy’s own host may: %s', async (host) => {
    await start('anthropic')
    const page = { host, origin: 'http://proxy.example:8317' }
    const socket = await openSocket(`${proxy.url}/v1/responses`, { ...KEY, ...page })
    socket.close()
  })
})

describe('the end', () => {
  test('a client that leaves in mid-answer ends the upstream’s answer too', async () => {
    const socket = await start('openai-responses', async (call) => {
      call.open()
      await call.write(beginningOf('openai-responses').join(''))
    })
    socket.send({ type: 'response.create', ...QUESTION })
    while ((await socket.next())['type'] !== 'response.output_text.delta');
    const line = proxy.nextLine()
    socket.close()
    expect(await (await upstream.call(0)).closed).toBe(true)
    expect(await line).toMatchObject({ fault: expect.stringContaining('cancelled') })
    expect(proxy.context.inFlight.count).toBe(0)
  })

  test('at shutdown idle sockets are closed, and others after the answer in flight', async () => {
    const go = Promise.withResolvers<void>()
    const busy = await start('openai-chat', async (call) => {
      call.open()
      const [first = '', ...rest] = streamOf('openai-chat', undefined, call)
      await call.write(first)
      await go.promise
      await call.write(rest.join(''))
      call.end()
    })
    const idle = await openSocket(`${proxy.url}/v1/responses`, KEY)
    for (const user of ['answered', 'waiting']) busy.send({ type: 'response.create', ...QUESTION, user })
    await upstream.call(0)
    const drained = proxy.server.drain(5000)
    expect(await idle.closed).toMatchObject({ code: 1012 })
    go.resolve()
    let last = ''
    while (last !== 'response.completed') last = readText((await busy.next())['type']) ?? ''
    expect(await busy.closed).toMatchObject({ code: 1012 })
    await drained
    expect(upstream.calls.length).toBe(1)
  })

  test('while the upstream is silent the client is told that the answer is to come', async () => {
    const go = Promise.withResolvers<void>()
    const slow: Script = async (call) => {
      await go.promise
      await say('anthropic')(call)
    }
    const socket = await start('anthropic', slow, { keepAliveSeconds: 0.01 })
    socket.send({ type: 'response.create', ...QUESTION })
    expect(await socket.next()).toMatchObject({ type: 'response.created' })
    expect(await socket.next()).toMatchObject({ type: 'response.in_progress' })
    expect(await socket.next()).toMatchObject({ type: 'response.in_progress' })
    go.resolve()
    let last = ''
    while (last !== 'response.completed') last = readText((await socket.next())['type']) ?? ''
  })
})
