import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { AccountFacts } from '../../src/accounts/account.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { isObject, readObject, type Fields } from '../../src/lib/json.ts'
import { HELLO, SERVED, say, streamOf, wholeOf } from '../kit/answers.ts'
import { textIn, wordsIn } from '../kit/client.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import type { Saying } from '../kit/saying.ts'
import { TOOL, toolTurns } from '../kit/tool-turns.ts'
import { startUpstream, type Script, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

/** What reaches the upstream of a login. */
interface Row {
  readonly provider: string
  readonly protocolFor: (client: Protocol) => Protocol
  readonly root: string
  readonly facts: AccountFacts
  readonly pathFor: (client: Protocol, isStream: boolean) => string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the body is as the vendor wants it. */
  readonly check: (body: Fields, client: Protocol) => void
  readonly say?: (saying?: Saying) => Script
}

const geminiMethod = (isStream: boolean): string => (isStream ? 'streamGenerateContent?alt=sse' : 'generateContent')

const ROWS: readonly Row[] = [
  {
    provider: 'claude-oauth',
    protocolFor: () => 'anthropic',
    root: '',
    facts: {},
    pathFor: () => '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'oauth-2025-04-20' },
    check: (body) => expect(body['max_tokens']).toBeGreaterThan(0),
  },
  {
    provider: 'codex-oauth',
    protocolFor: () => 'openai-responses',
    root: '/backend-api/codex',
    facts: { accountId: 'acc-1', plan: 'plus' },
    pathFor: () => '/backend-api/codex/responses',
    headers: { 'chatgpt-account-id': 'acc-1', accept: 'text/event-stream' },
    check(body) {
      expect(body).toMatchObject({ store: false, stream: true, include: ['reasoning.encrypted_content'] })
      expect(typeof body['instructions']).toBe('string')
      for (const field of ['max_output_tokens', 'temperature', 'top_p', 'user', 'safety_identifier'])
        expect(body).not.toHaveProperty(field)
    },
    say: (saying) => sayCodex(saying),
  },
  {
    provider: 'gemini-cli',
    protocolFor: () => 'gemini',
    root: '',
    facts: { projectId: 'project-1' },
    pathFor: (_client, isStream) => `/v1internal:${geminiMethod(isStream)}`,
    headers: {},
    check(body) {
      expect(Object.keys(body).toSorted()).toEqual(['model', 'project', 'request'])
      expect(body).toMatchObject({ model: 'upstream-model', project: 'project-1' })
      expect(readObject(body['request'])).toHaveProperty('contents')
      expect(readObject(body['request'])).not.toHaveProperty('model')
    },
    say: (saying) => sayWrapped(saying),
  },
  {
    provider: 'qwen',
    protocolFor: () => 'openai-chat',
    root: '/v1',
    facts: {},
    pathFor: () => '/v1/chat/completions',
    headers: {},
    check({ messages }) {
      expect(messages).toSatisfy((list) => Array.isArray(list) && list[0]?.role === 'system')
    },
  },
  {
    provider: 'kimi',
    protocolFor: (client) => (client === 'anthropic' ? 'anthropic' : 'openai-chat'),
    root: '/coding/v1',
    facts: { deviceId: 'device-1' },
    pathFor: (client) => `/coding/v1/${client === 'anthropic' ? 'messages' : 'chat/completions'}`,
    headers: { 'x-msh-device-id': 'device-1' },
    check({ messages, model }, client) {
      expect(model).toBe('upstream-model')
      if (client === 'anthropic' || !Array.isArray(messages)) return
      for (const message of messages) if (message?.tool_calls) expect(message).toHaveProperty('reasoning_content')
    },
  },
  {
    provider: 'xai',
    protocolFor: () => 'openai-responses',
    root: '/v1',
    facts: {},
    pathFor: () => '/v1/responses',
    headers: {},
    check: (body) => expect(body).not.toHaveProperty('safety_identifier'),
  },
  {
    provider: 'vertex-oauth',
    protocolFor: () => 'gemini',
    root: '',
    facts: { projectId: 'project-1', location: 'europe-west4' },
    pathFor: (_client, isStream) =>
      `/v1/projects/project-1/locations/europe-west4/publishers/google/models/upstream-model:${geminiMethod(isStream)}`,
    headers: {},
    check: (body) => expect(JSON.stringify(body)).not.toContain('"id"'),
  },
]

/** The backend streams only, tells of itself, and leaves the output of its last event empty. */
function sayCodex(saying: Saying = HELLO): Script {
  return async (call) => {
    call.open()
    await call.write('event: codex.rate_limits\ndata: {"type":"codex.rate_limits","plan_type":"plus"}\n\n')
    for (const event of streamOf('openai-responses', saying)) {
      const [name = '', data = ''] = event.split('\ndata: ')
      const fields: unknown = JSON.parse(data)
      const isLast = name.endsWith('response.completed') && isObject(fields)
      await call.write(isLast ? `${name}\ndata: ${JSON.stringify(withoutOutput(fields))}\n\n` : event)
    }
    call.end()
  }
}

function withoutOutput(event: Fields): Fields {
  return { ...event, response: { ...readObject(event['response']), output: [] } }
}

/** Gemini's answers in Code Assist's envelope. */
function sayWrapped(saying: Saying = HELLO): Script {
  return async (call) => {
    if (!call.path.includes(':stream')) {
      call.json({ response: wholeOf('gemini', saying), traceId: 't' })
      return
    }
    call.open()
    for (const event of streamOf('gemini', saying)) {
      const data = event.trim().slice('data: '.length)
      await call.write(`data: {"response":${data},"traceId":"t"}\n\n`)
    }
    call.end()
  }
}

function scriptFor(row: Row, client: Protocol, saying?: Saying): Script {
  return row.say?.(saying) ?? say(row.protocolFor(client), saying)
}

describe.each(ROWS)('$provider', (row) => {
  let upstream: Upstream
  let proxy: TestProxy

  beforeAll(async () => {
    upstream = await startUpstream()
    const { provider, facts, root } = row
    const account = accountAt(upstream.url, 'openai-chat', { provider, facts, baseUrl: upstream.url + root })
    proxy = startProxy({ accounts: [account] })
  })

  afterAll(async () => {
    await proxy.stop()
    await upstream.stop()
  })

  function asked(): UpstreamCall {
    const call = upstream.calls.at(-1)
    if (!call) throw new Error('the upstream was not asked')
    return call
  }

  const cases = SERVED.flatMap((client) => [false, true].map((stream) => [client, stream] as const))

  test.each(cases)('tells a client of %s a text (streamed: %p)', async (client, stream) => {
    upstream.next(scriptFor(row, client))
    const read = await proxy.ask(client, { stream })
    expect(read.text).not.toContain('codex.')
    expect(read.status).toBe(200)
    expect(stream ? wordsIn(client, read.text) : textIn(client, read.text)).toBe('Hello there, friend.')
    const { path, headers, body } = asked()
    expect(path).toBe(row.pathFor(client, stream))
    expect(headers['authorization']).toMatch(/^Bearer sk-secret-/)
    expect(headers).toMatchObject(row.headers)
    expect(headers).not.toHaveProperty('x-api-key')
    expect(headers).not.toHaveProperty('x-goog-api-key')
    row.check(body, client)
  })

  test.each(cases)(
    'takes a tool’s result from a client of %s and calls it again (streamed: %p)',
    async (client, stream) => {
      upstream.next(scriptFor(row, client, { call: { id: 'call_2', name: TOOL, input: { path: 'b.txt' } } }))
      const read = await proxy.ask(client, { stream, ...toolTurns(client) })
      expect(read.status).toBe(200)
      expect(read.text).toContain(TOOL)
      expect(read.text).toContain('b.txt')
      const { body, text } = asked()
      expect(text).toContain('forty-two')
      expect(text).toContain(TOOL)
      row.check(body, client)
    },
  )
})

test('Code Assist counts the tokens of the contents, under the model’s path', async () => {
  const upstream = await startUpstream((call) => call.json({ totalTokens: 42 }))
  const own = { provider: 'gemini-cli', facts: { projectId: 'project-1' } }
  const proxy = startProxy({ accounts: [accountAt(upstream.url, 'gemini', own)] })
  const question = { model: 'some-model', messages: [{ role: 'user', content: 'Hi' }], system: 'Be kind.' }
  const { body } = await proxy.post('/v1/messages/count_tokens', question)
  await proxy.stop()
  await upstream.stop()
  expect(body).toEqual({ input_tokens: 42 })
  const [call] = upstream.calls
  expect(call?.path).toBe('/v1internal:countTokens')
  expect(call?.body).toEqual({
    request: { model: 'models/upstream-model', contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  })
})

test('a refusal of Code Assist is told in the client’s words', async () => {
  const error = { code: 403, status: 'PERMISSION_DENIED', message: 'The project is not enabled.' }
  const upstream = await startUpstream((call) => call.json({ error }, 403))
  const proxy = startProxy({ accounts: [accountAt(upstream.url, 'gemini', { provider: 'gemini-cli' })] })
  const toGemini = await proxy.ask('gemini')
  const toAnthropic = await proxy.ask('anthropic')
  await proxy.stop()
  await upstream.stop()
  expect([toGemini.status, toGemini.body]).toEqual([403, { error }])
  expect(toAnthropic.text).toContain('resting')
  expect(toAnthropic.text).toContain('The project is not enabled.')
})

test('Claude’s login keeps the betas that its client asks for', async () => {
  const upstream = await startUpstream(say('anthropic'))
  const proxy = startProxy({ accounts: [accountAt(upstream.url, 'anthropic', { provider: 'claude-oauth' })] })
  await proxy.ask('anthropic', {}, { 'anthropic-beta': 'context-1m-2025-08-07', 'anthropic-version': '2026-10-21' })
  await proxy.stop()
  await upstream.stop()
  expect(upstream.calls[0]?.headers).toMatchObject({
    'anthropic-beta': 'oauth-2025-04-20,context-1m-2025-08-07',
    'anthropic-version': '2026-10-21',
  })
})
