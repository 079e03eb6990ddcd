import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { isLocalPeer } from '../../src/edge/local-peer.ts'
import { readObject } from '../../src/lib/json.ts'
import { SERVED, say } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type TestProxy } from '../kit/proxy.ts'
import { ask, MODEL } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

const envelope = { model: MODEL, project: 'p', user_prompt_id: '1', request: ask('gemini') }
const KEY = { authorization: `Bearer ${CLIENT_KEY}` }

describe.each(SERVED)('Code Assist over %s', (protocol) => {
  let upstream: Upstream
  let proxy: TestProxy

  beforeAll(async () => {
    upstream = await startUpstream(say(protocol))
    proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(upstream.url, protocol)] })
  })

  afterAll(async () => {
    await proxy.stop()
    await upstream.stop()
  })

  test('answers in an envelope', async () => {
    const read = await proxy.post('/v1internal:generateContent', envelope, KEY)
    expect(read.status).toBe(200)
    const { response } = JSON.parse(read.text)
    expect(response.candidates[0].finishReason).toBe('STOP')
  })

  test('streams events, each in an envelope', async () => {
    const read = await proxy.post('/v1internal:streamGenerateContent?alt=sse', envelope, KEY)
    const events = read.text.split(/\r?\n\r?\n/).filter((event) => event !== '')
    expect(events.length).toBeGreaterThan(0)
    for (const event of events) expect(readObject(JSON.parse(event.slice('data: '.length)))).toHaveProperty('response')
  })

  test('knows no tier but its own', async () => {
    const read = await proxy.post('/v1internal:loadCodeAssist', {}, KEY)
    expect(JSON.parse(read.text)).toMatchObject({ cloudaicompanionProject: 'cliproxy' })
  })
})

describe('Code Assist', () => {
  test('counts tokens', async () => {
    const upstream = await startUpstream(say('openai-chat'))
    const proxy = startProxy({ accounts: [accountAt(upstream.url, 'openai-chat')] })
    const request = { model: `models/${MODEL}`, contents: envelope.request['contents'] }
    const read = await proxy.post('/v1internal:countTokens', { request })
    await proxy.stop()
    await upstream.stop()
    expect(JSON.parse(read.text).totalTokens).toBeGreaterThan(0)
  })

  test.each([
    ['no key', '/v1internal:loadCodeAssist', {}, {}, 401, 'UNAUTHENTICATED'],
    ['an unknown method', '/v1internal:toString', {}, KEY, 501, 'UNIMPLEMENTED'],
    ['no request', '/v1internal:generateContent', { model: 'm' }, KEY, 400, 'INVALID_ARGUMENT'],
  ] as const)('refuses %s in Google’s words', async (_title, path, body, headers, status, word) => {
    const proxy = startProxy({ apiKeys: [CLIENT_KEY] })
    const read = await proxy.post(path, body, headers)
    await proxy.stop()
    expect(read.status).toBe(status)
    expect(JSON.parse(read.text).error.status).toBe(word)
  })
})

describe('Code Assist where the config serves this machine’s Gemini CLIs', () => {
  const paths = ['loadCodeAssist', 'generateContent', 'countTokens'] as const

  async function refusalOf(
    options: Parameters<typeof startProxy>[0],
    headers: Record<string, string>,
    method: (typeof paths)[number] = 'loadCodeAssist',
  ): Promise<{ status: number; message: string; word: unknown }> {
    const proxy = startProxy(options)
    const { status, body } = await proxy.post(`/v1internal:${method}`, { request: {}, model: 'm' }, headers)
    await proxy.stop()
    const { message, status: word } = readObject(body['error']) ?? {}
    return { status, message: String(message), word }
  }

  test('lets them in without a key, and nobody anywhere else', async () => {
    const upstream = await startUpstream(say('gemini'))
    const proxy = startProxy({
      apiKeys: [CLIENT_KEY],
      isGeminiCliServed: true,
      accounts: [accountAt(upstream.url, 'gemini')],
    })
    const google = { authorization: 'Bearer ya29.a-token-of-google' }
    expect((await proxy.post('/v1internal:loadCodeAssist', {}, google)).status).toBe(200)
    expect((await proxy.post('/v1internal:generateContent', envelope, google)).status).toBe(200)
    expect((await proxy.post('/v1internal:streamGenerateContent?alt=sse', envelope)).status).toBe(200)
    const counted = { request: { model: `models/${MODEL}`, contents: envelope.request['contents'] } }
    upstream.next((call) => call.json({ totalTokens: 3 }))
    expect((await proxy.post('/v1internal:countTokens', counted, google)).status).toBe(200)
    expect((await proxy.ask('gemini')).status).toBe(401)
    await proxy.stop()
    await upstream.stop()
  })

  const others: readonly (readonly [string, Record<string, string>])[] = [
    ['that names another host', { host: 'proxy.example' }],
    ['that a proxy speaks for', { 'x-forwarded-for': '127.0.0.1' }],
    ['that a proxy of few words speaks for', { 'x-real-ip': '127.0.0.1' }],
    ['that came through a gateway', { via: '1.1 gateway' }],
    ['that a page in a browser sent', { origin: 'http://localhost:3000' }],
  ]

  test.each(others)('asks for a key in a request %s', async (_title, headers) => {
    for (const method of paths) {
      const refusal = await refusalOf({ apiKeys: [CLIENT_KEY], isGeminiCliServed: true }, headers, method)
      expect(refusal).toMatchObject({ status: 401, word: 'UNAUTHENTICATED' })
      expect(refusal.message).toContain('api-keys')
    }
    const { status } = await refusalOf({ apiKeys: [CLIENT_KEY], isGeminiCliServed: true }, { ...headers, ...KEY })
    expect(status).toBe(200)
  })

  test.each(others)('refuses a request %s where there are no keys', async (_title, headers) => {
    const refusal = await refusalOf({ isGeminiCliServed: true }, headers)
    expect(refusal).toMatchObject({ status: 403, word: 'PERMISSION_DENIED' })
    expect(refusal.message).toContain('api-keys')
  })

  test('does so only when it says so, and says how', async () => {
    const refusal = await refusalOf({ apiKeys: [CLIENT_KEY] }, {})
    expect(refusal.status).toBe(401)
    expect(refusal.message).toContain('enable-gemini-cli-endpoint: true')
  })

  test.each([
    ['127.0.0.1', '127.0.0.1:8317', true],
    ['::1', '[::1]:8317', true],
    ['::ffff:127.0.0.1', 'localhost', true],
    ['192.168.1.7', '127.0.0.1:8317', false],
    ['127.0.0.1', '192.168.1.2:8317', false],
    ['127.0.0.1', '127.0.0.1.evil.example', false],
    ['127.0.0.1', undefined, false],
    [undefined, 'localhost', false],
  ])('takes a peer at %p that names the host %p for local: %p', (address, host, isLocal) => {
    const request = new Request('http://localhost/v1internal:x', { headers: host === undefined ? {} : { host } })
    const server = { requestIP: () => (address === undefined ? null : { address, family: 'IPv4' as const, port: 1 }) }
    expect(isLocalPeer({ isLoopback: false }, request, server)).toBe(isLocal)
  })
})
