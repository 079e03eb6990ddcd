import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
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
