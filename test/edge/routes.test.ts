import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { readObject } from '../../src/lib/json.ts'
import { SERVED, say } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type TestProxy } from '../kit/proxy.ts'
import { sendRaw } from '../kit/raw.ts'
import { ask, MODEL, PATHS } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy
const KEY = { authorization: `Bearer ${CLIENT_KEY}` }

beforeAll(async () => {
  upstream = await startUpstream(say('openai-chat'))
  const models = [
    { name: 'upstream-model', alias: MODEL, displayName: 'Some Model', contextTokens: 1000, createdAt: 1_700_000_000 },
    { name: 'maker/model', alias: 'maker/model' },
  ]
  proxy = startProxy({
    apiKeys: ['other-key-19d1', CLIENT_KEY],
    accounts: [accountAt(upstream.url, 'openai-chat', { models })],
  })
})

afterAll(async () => {
  await proxy.stop()
  await upstream.stop()
})

describe.each(SERVED)('%s: the key', (protocol) => {
  const path = PATHS[protocol]

  test.each<[string, Record<string, string>, string]>([
    ['a bearer token', KEY, ''],
    ['a bearer token, oddly written', { authorization: `bearer   ${CLIENT_KEY} ` }, ''],
    ['authorization without a scheme', { authorization: CLIENT_KEY }, ''],
    ['x-api-key', { 'x-api-key': CLIENT_KEY }, ''],
    ['x-goog-api-key', { 'x-goog-api-key': CLIENT_KEY }, ''],
    ['api-key', { 'api-key': CLIENT_KEY }, ''],
    ['?key', {}, `?beta=true&key=${CLIENT_KEY}`],
    ['?auth_token', {}, `?auth_token=${CLIENT_KEY}`],
    ['x-api-key beside another vendor’s token', { authorization: 'Bearer other', 'x-api-key': CLIENT_KEY }, ''],
    ['a bearer token beside another vendor’s key', { ...KEY, 'x-api-key': 'other' }, ''],
  ])('is taken from %s', async (_name, headers, query) => {
    expect((await proxy.post(path + query, ask(protocol), headers)).status).toBe(200)
  })

  test.each<[string, Record<string, string>, string, string]>([
    ['no key', {}, '', 'Missing'],
    ['an empty one', { authorization: '' }, '', 'Missing'],
    ['a wrong one', { 'x-api-key': `${CLIENT_KEY}x` }, '', 'Invalid'],
    ['the beginning of one', { 'x-api-key': CLIENT_KEY.slice(0, -1) }, '', 'Invalid'],
    ['several wrong ones', { authorization: 'Bearer no', 'x-api-key': 'nor' }, '?key=this', 'Invalid'],
    ['a key under another scheme', { authorization: `Basic ${CLIENT_KEY}` }, '', 'Invalid'],
    ['one of a thousand letters', { 'x-api-key': 'k'.repeat(5000) }, '', 'Invalid'],
  ])('%s is refused', async (_name, headers, query, word) => {
    const { length } = upstream.calls
    const read = await proxy.post(path + query, ask(protocol), headers)
    expect(read.status).toBe(401)
    const { type, status, message } = readObject(read.body['error']) ?? {}
    if (protocol === 'gemini') expect(status).toBe('UNAUTHENTICATED')
    else expect(type).toBe('authentication_error')
    expect(message).toBe(
      `${word} API key: send one of the proxy's api-keys as 'Authorization: Bearer KEY', 'x-api-key: KEY' or 'x-goog-api-key: KEY'.`,
    )
    expect(upstream.calls).toHaveLength(length)
  })
})

test('keys guard the models and not the health', async () => {
  expect((await proxy.get('/healthz')).status).toBe(200)
  expect((await proxy.get('/')).status).toBe(200)
  expect((await proxy.get('/v1/models')).status).toBe(401)
  expect((await proxy.get(`/v1/models/${MODEL}`)).status).toBe(401)
  expect((await proxy.get('/v1beta/models')).status).toBe(401)
  for (const [path, protocol] of COUNTS) expect((await proxy.post(path, ask(protocol))).status).toBe(401)
})

const COUNTS: readonly (readonly [string, Protocol])[] = [
  ['/v1/messages/count_tokens', 'anthropic'],
  ['/v1/responses/input_tokens', 'openai-responses'],
  [`/v1beta/models/${MODEL}:countTokens`, 'gemini'],
]

describe('models', () => {
  test('as OpenAI lists them', async () => {
    const { body } = await proxy.get('/v1/models', KEY)
    const created = 1_700_000_000
    expect(body).toEqual({
      object: 'list',
      data: [
        { id: MODEL, object: 'model', created, owned_by: 'openai-compatibility' },
        { id: 'maker/model', object: 'model', created: 0, owned_by: 'openai-compatibility' },
      ],
    })
  })

  test('as Anthropic lists them', async () => {
    const { body } = await proxy.get('/v1/models?limit=1000', { ...KEY, 'anthropic-version': '2023-06-01' })
    expect(body).toMatchObject({ has_more: false, first_id: MODEL, last_id: 'maker/model' })
    expect(body['data']).toMatchObject([
      {
        type: 'model',
        id: MODEL,
        display_name: 'Some Model',
        created_at: '2023-11-14T22:13:20.000Z',
        max_input_tokens: 1000,
      },
      { id: 'maker/model', display_name: 'maker/model' },
    ])
  })

  test.each<[string, Record<string, string>]>([
    ['/v1beta/models?pageSize=1000', KEY],
    [`/v1beta/models?key=${CLIENT_KEY}`, {}],
    ['/v1/models', { 'x-goog-api-key': CLIENT_KEY }],
    ['/v1/models', { ...KEY, 'x-goog-api-client': 'google-genai-sdk/3.1.0' }],
    ['/v1beta1/publishers/google/models', KEY],
  ])('as Gemini lists them: %s', async (path, headers) => {
    const { body } = await proxy.get(path, headers)
    const supportedGenerationMethods = ['generateContent', 'streamGenerateContent', 'countTokens']
    expect(body).toEqual({
      models: [
        expect.objectContaining({
          name: `models/${MODEL}`,
          displayName: 'Some Model',
          inputTokenLimit: 1000,
          supportedGenerationMethods,
        }),
        expect.objectContaining({ name: 'models/maker/model' }),
      ],
    })
  })

  test.each(['/v1beta/models/maker/model', '/v1beta/models/models/maker%2Fmodel', '/v1/publishers/maker/models/model'])(
    '%s alone, for Gemini',
    async (path) => {
      const read = await proxy.get(path, { 'x-goog-api-key': CLIENT_KEY })
      expect(read.body).toMatchObject({ name: 'models/maker/model' })
    },
  )

  test('one that nobody serves, for Gemini', async () => {
    const read = await proxy.get('/v1beta/models/nobody', KEY)
    expect(read.status).toBe(404)
    expect(read.body).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } })
  })

  test.each(['maker/model', 'maker%2Fmodel'])('%s alone', async (id) => {
    expect((await proxy.get(`/v1/models/${id}`, KEY)).body).toMatchObject({ id: 'maker/model' })
  })

  test('one that nobody serves', async () => {
    const read = await proxy.get('/v1/models/nobody%zz', KEY)
    expect(read.status).toBe(404)
    expect(read.body).toMatchObject({ error: { code: 'model_not_found' } })
  })
})

describe('paths and methods', () => {
  const FIXED: readonly [string, string][] = [
    ['/v1/messages', 'POST, OPTIONS'],
    ['/v1/messages/count_tokens', 'POST, OPTIONS'],
    ['/v1/chat/completions', 'POST, OPTIONS'],
    ['/v1/completions', 'POST, OPTIONS'],
    ['/v1/responses', 'POST, OPTIONS'],
    ['/v1beta/models/some-model:generateContent', 'POST, OPTIONS'],
    ['/v1beta/models/some-model:countTokens', 'POST, OPTIONS'],
    ['/v1beta/models/some-model', 'GET, HEAD, OPTIONS'],
    ['/v1beta/models', 'GET, HEAD, OPTIONS'],
    ['/v1/models', 'GET, HEAD, OPTIONS'],
    [`/v1/models/${MODEL}`, 'GET, HEAD, OPTIONS'],
    ['/healthz', 'GET, HEAD, OPTIONS'],
    ['/', 'GET, HEAD, OPTIONS'],
  ]

  test.each(FIXED)('%s tells what it takes', async (path, allow) => {
    const options = await proxy.fetch(path, { method: 'OPTIONS' })
    expect(options.status).toBe(204)
    expect(options.headers.get('allow')).toBe(allow)
    const wrong = await proxy.fetch(path, { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe(allow)
    const told = await wrong.json()
    expect(told).toMatchObject({
      error: { message: `DELETE is not allowed on ${path}: use ${allow.split(',')[0]}.` },
      ...(path.startsWith('/v1/messages') ? { type: 'error' } : {}),
    })
    const head = await proxy.fetch(path, { method: 'HEAD', headers: KEY })
    expect(head.status).toBe(allow.startsWith('GET') ? 200 : 405)
    expect(await head.text()).toBe('')
  })

  const UNKNOWN: Readonly<Record<Protocol, { path: string; type: string; endpoint: string }>> = {
    anthropic: { path: '/v1/messages/more', type: 'not_found_error', endpoint: 'POST /v1/messages' },
    'openai-chat': { path: '/v1/chat/more', type: 'invalid_request_error', endpoint: 'POST /v1/chat/completions' },
    'openai-responses': { path: '/v2/responses', type: 'invalid_request_error', endpoint: 'POST /v1/responses' },
    gemini: { path: '/v1beta/more', type: 'NOT_FOUND', endpoint: 'POST /v1beta/models/{model}:generateContent' },
  }

  test('probes of real clients are answered', async () => {
    expect((await proxy.fetch('/api/hello', { method: 'HEAD' })).status).toBe(200)
    expect((await proxy.fetch('/', { method: 'HEAD' })).status).toBe(200)
    expect((await proxy.fetch('/anything', { method: 'OPTIONS' })).status).toBe(204)
  })

  test.each(SERVED)('%s: an unknown path tells the known ones', async (protocol) => {
    const { path, type, endpoint } = UNKNOWN[protocol]
    const read = await proxy.post(path, ask(protocol), KEY)
    expect(read.status).toBe(404)
    const { message, ...rest } = readObject(read.body['error']) ?? {}
    expect(Object.values(rest)).toContain(type)
    expect(message).toStartWith(`There is nothing at ${path}. The endpoints are: `)
    expect(message).toContain(endpoint)
  })

  test.each(
    SERVED.flatMap((protocol) => ['//v1/', '/v1//', '/v%31/', '///v%2531//'].map((root) => [protocol, root] as const)),
  )('%s: %s is the same path', async (protocol, root) => {
    const line = proxy.nextLine()
    const read = await proxy.post(`${PATHS[protocol].replace('/v1/', root)}?beta=true&key=${CLIENT_KEY}`, ask(protocol))
    expect(read.status).toBe(200)
    expect(await line).toMatchObject({ message: `POST ${PATHS[protocol]}` })
  })

  test.each(SERVED)('%s: a slash at the end does no harm', async (protocol) => {
    expect((await proxy.post(`${PATHS[protocol]}/`, ask(protocol), KEY)).status).toBe(200)
  })

  test('a path that no socket is served at says so: Codex goes on without one', async () => {
    const upgrade = { ...KEY, upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' }
    const read = await proxy.get('/v1/chat/completions', {
      ...upgrade,
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    })
    expect(read.status).toBe(426)
    expect(read.body).toMatchObject({ error: { code: 'upgrade_required' } })
    const plain = await proxy.get('/v1/responses', KEY)
    expect(plain.status).toBe(405)
    expect(plain.headers.get('allow')).toBe('POST, OPTIONS')
  })

  test.each<[string, string, number, string]>([
    ['GET', '/v1/responses/resp_1', 404, 'responses-store is off'],
    ['DELETE', '/v1/responses/resp_1', 404, 'responses-store is off'],
    ['GET', '/v1/responses/resp_1/input_items?limit=2', 404, 'responses-store is off'],
    ['POST', '/v1/responses/resp_1/cancel', 501, 'not made in the background'],
  ])('%s %s says what to do instead', async (method, path, status, message) => {
    const response = await proxy.fetch(path, { method, headers: KEY })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(message) } })
  })

  test.each([
    ['/backend-api/codex/responses', 'openai-responses'],
    ['/openai/v1/responses', 'openai-responses'],
    ['/openai/v1/chat/completions', 'openai-chat'],
  ] as const)('%s is another path to the same', async (path, protocol) => {
    expect((await proxy.post(path, ask(protocol), { 'api-key': CLIENT_KEY })).status).toBe(200)
  })

  test('a path that is nothing but escapes', async () => {
    expect((await proxy.get(`/${'%25'.repeat(4000)}`)).status).toBe(404)
    expect((await proxy.get('/%zz')).status).toBe(404)
    expect((await proxy.get('/%c3%28')).status).toBe(404)
  })
})

describe.each(SERVED)('%s: odd requests', (protocol) => {
  const body = JSON.stringify(ask(protocol))
  const post = (head: string): Promise<string> =>
    sendRaw(
      proxy.port,
      `POST ${PATHS[protocol]} ${head}\r\nauthorization: Bearer ${CLIENT_KEY}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      (text) => text.endsWith('}'),
    )

  test.each([
    'HTTP/1.1\r\nhost: x',
    'HTTP/1.1\r\nhost: ',
    'HTTP/1.1\r\nhost: a b/c',
    'HTTP/1.1\r\nhost: ai:80',
    'HTTP/1.0',
  ])('%j is answered', async (head) => {
    const line = proxy.nextLine()
    expect(await post(head)).toStartWith('HTTP/1.1 200')
    expect(await line).toMatchObject({ message: `POST ${PATHS[protocol]}` })
  })

  test('without a host, or with headers without end, the server itself refuses and lives on', async () => {
    expect(await post('HTTP/1.1')).toStartWith('HTTP/1.1 400')
    expect(await post(`HTTP/1.1\r\nhost: localhost\r\nx-long: ${'a'.repeat(20_000)}`)).toStartWith('HTTP/1.1 431')
    expect((await proxy.post(PATHS[protocol], body, KEY)).status).toBe(200)
  })

  test('two lengths are refused', async () => {
    expect(await post('HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked')).toStartWith('HTTP/1.1 400')
    expect(await post('HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3')).toStartWith('HTTP/1.1 400')
  })
})

test('Gemini’s system instruction may be words alone', async () => {
  const { contents } = ask('gemini')
  const read = await proxy.post(PATHS.gemini, { contents, systemInstruction: 'Be brief.' }, KEY)
  expect(read.status).toBe(200)
  expect(upstream.calls.at(-1)?.text).toContain('Be brief.')
})
