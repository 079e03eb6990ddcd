import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { readObject, type Fields } from '../../src/lib/json.ts'
import type { Account } from '../../src/accounts/account.ts'
import { PAIRS, SERVED, say, wholeOf } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { ask, MODEL, PATHS, turns } from '../kit/requests.ts'
import { startUpstream, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function start(vendor: Protocol, account: Partial<Account> = {}, options: ProxyOptions = {}): Promise<void> {
  upstream = await startUpstream(say(vendor))
  proxy = startProxy({ accounts: [accountAt(upstream.url, vendor, account)], ...options })
}

/** What the upstream was asked last. */
function asked(): UpstreamCall {
  const call = upstream.calls.at(-1)
  if (!call) throw new Error('the upstream was not asked')
  return call
}

/** The model that the upstream was asked for. */
function modelAsked(vendor: Protocol): unknown {
  return vendor === 'gemini' ? /models\/(.*):/.exec(asked().path)?.[1] : asked().body['model']
}

/** A model of each vendor that thinks. */
const MODELS: Readonly<Record<Protocol, string>> = {
  anthropic: 'claude-sonnet-4-5',
  'openai-chat': 'gpt-5.5',
  'openai-responses': 'gpt-5.5',
  gemini: 'gemini-2.5-flash',
}

/** Bodies that ask for little thinking. */
const THINKS_LITTLE: Readonly<Record<Protocol, Fields>> = {
  anthropic: { max_tokens: 30_000, thinking: { type: 'enabled', budget_tokens: 1024 } },
  'openai-chat': { max_tokens: 30_000, reasoning_effort: 'minimal' },
  'openai-responses': { max_output_tokens: 30_000, reasoning: { effort: 'minimal' } },
  gemini: { generationConfig: { maxOutputTokens: 30_000, thinkingConfig: { thinkingBudget: 512 } } },
}

/** What each vendor is asked for by `(high)`, `(none)` and `(4096)`. */
const THINKING: Readonly<Record<Protocol, readonly unknown[]>> = {
  anthropic: [{ type: 'enabled', budget_tokens: 24_576 }, 'nothing', { type: 'enabled', budget_tokens: 4096 }],
  'openai-chat': ['high', 'none', 'medium'],
  'openai-responses': ['high', 'none', 'medium'],
  gemini: [{ thinkingBudget: 24_576 }, { thinkingBudget: 0 }, { thinkingBudget: 4096 }],
}

/** The header in which each vendor takes its key. */
const KEYS: Readonly<Record<Protocol, string>> = {
  anthropic: 'x-api-key',
  'openai-chat': 'authorization',
  'openai-responses': 'authorization',
  gemini: 'x-goog-api-key',
}

/** A field that each protocol has alone. */
const OWN: Readonly<Record<Protocol, Fields>> = {
  anthropic: { container: 'container_1' },
  'openai-chat': { logit_bias: { '1': 1 } },
  'openai-responses': { truncation: 'auto' },
  gemini: { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }] },
}

/** What the upstream was asked about thinking by a model's name with this suffix. */
async function askThinking(client: Protocol, suffix: string): Promise<unknown> {
  expect((await proxy.ask(client, { ...THINKS_LITTLE[client], model: MODEL + suffix })).status).toBe(200)
  const { thinking, reasoning_effort: effort, reasoning, generationConfig } = asked().body
  const { effort: level } = readObject(reasoning) ?? {}
  const { thinkingConfig } = readObject(generationConfig) ?? {}
  const said = thinking ?? effort ?? level ?? thinkingConfig
  return said === undefined || readObject(said)?.['type'] === 'disabled' ? 'nothing' : said
}

describe.each(PAIRS)('%s to %s', (client, vendor) => {
  test('the model by its prefix and alias', async () => {
    const models = [{ name: 'real-name', alias: 'nice-name' }]
    await start(vendor, { prefix: 'team', models }, { forceModelPrefix: true })
    expect((await proxy.ask(client, { model: 'nice-name' })).status).toBe(404)
    expect((await proxy.ask(client, { model: 'team/nice-name' })).status).toBe(200)
    expect(modelAsked(vendor)).toBe('real-name')
  })

  test('a thinking suffix overrides the body', async () => {
    await start(vendor, { models: [{ name: MODELS[vendor], alias: MODEL }] })
    const sent = [
      await askThinking(client, '(high)'),
      await askThinking(client, '(none)'),
      await askThinking(client, '(4096)'),
    ]
    expect(sent).toMatchObject(THINKING[vendor])
    expect(modelAsked(vendor)).toBe(MODELS[vendor])
  })

  test('the account’s key and headers go up, the client’s key does not', async () => {
    await start(vendor, { headers: { 'X-Team': 'blue', 'X-From': '$x-trace' } }, { apiKeys: [CLIENT_KEY] })
    const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'x-trace': 'abc', cookie: 'c=1', 'x-api-key': CLIENT_KEY }
    expect((await proxy.ask(client, {}, headers)).status).toBe(200)
    const sent = asked().headers
    expect(JSON.stringify(sent)).not.toContain(CLIENT_KEY)
    expect(sent[KEYS[vendor]]).toMatch(/^(Bearer )?sk-secret-/)
    expect(sent['x-team']).toBe('blue')
    expect(sent['x-from']).toBe('abc')
    expect(sent.cookie).toBeUndefined()
  })

  test('losses are told in a header', async () => {
    await start(vendor)
    const read = await proxy.ask(client, OWN[client])
    expect(read.status).toBe(200)
    if (client === vendor) expect(read.headers.get('x-cliproxy-loss')).toBeNull()
    else expect(read.headers.get('x-cliproxy-loss')).toMatch(/^[a-z-]+(, [a-z-]+)*$/)
  })

  test('the upstream’s own headers pass when the config says so', async () => {
    await start(vendor)
    upstream.always((call) =>
      call.json(wholeOf(vendor), 200, { 'x-request-id': 'req_1', 'set-cookie': 'a=b', 'x-litellm-version': '1' }),
    )
    const kept = await proxy.ask(client)
    expect(kept.headers.get('x-request-id')).toBeNull()
    proxy.change({ passthroughHeaders: true })
    const passed = await proxy.ask(client)
    expect(passed.headers.get('x-request-id')).toBe('req_1')
    expect(passed.headers.get('set-cookie')).toBeNull()
    expect(passed.headers.get('x-litellm-version')).toBeNull()
    expect(passed.headers.get('content-type')).toBe('application/json')
  })
})

test.each(SERVED)('%s: what is relayed keeps its bytes', async (protocol) => {
  await start(protocol)
  const content = JSON.stringify(turns(protocol, 'Hi \u00e9')).slice(1, -1).replaceAll(':', ' : ')
  // Gemini names the model in the path, and nobody looks for it in the body.
  const model = protocol === 'gemini' ? '"x":"some-model"' : `"model":"${MODEL}"`
  const text = `{ ${content},\n "seed": 12345678901234567890,"max_tokens":50, "b":1,"2":2,"1":1, ${model} }`
  expect((await proxy.post(PATHS[protocol], text)).status).toBe(200)
  expect(asked().text).toBe(protocol === 'gemini' ? text : text.replace(MODEL, 'upstream-model'))
})

test('a body of Gemini that names its model gets the upstream’s name', async () => {
  await start('gemini')
  expect((await proxy.post(PATHS.gemini, { model: `models/${MODEL}`, ...turns('gemini', 'Hi') })).status).toBe(200)
  expect(asked().body['model']).toBe('models/upstream-model')
})

test('what a Responses vendor remembers is asked of it as it is', async () => {
  await start('openai-responses')
  const body = { model: MODEL, input: 'And?', previous_response_id: 'resp_1', store: true, conversation: null }
  expect((await proxy.post(PATHS['openai-responses'], body)).status).toBe(200)
  expect(asked().body).toEqual({ ...body, model: 'upstream-model' })
})

test.each(['create', 'continue'])(
  'threads, which an account keeps, are refused in the words that make clients go on without (%s)',
  async (type) => {
    await start('anthropic')
    const read = await proxy.post(PATHS.anthropic, ask('anthropic', { thread: { type } }))
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { details: { error_code: 'thread_unsupported_request' } } })
    expect(upstream.calls).toHaveLength(0)
  },
)

test.each(SERVED)('%s to Vertex AI: calls and results go without ids', async (client) => {
  await start('gemini', { provider: 'vertex' })
  expect((await proxy.ask(client, TOOL_TURNS[client])).status).toBe(200)
  expect(asked().path).toBe('/v1/publishers/google/models/upstream-model:generateContent')
  expect(asked().text).toMatch(/"functionCall":\{[^}]*"name":"weather"/)
  expect(asked().text).toMatch(/"functionResponse":\{[^}]*"name":"weather"/)
  expect(asked().text).not.toContain('call_1')
})

/** A conversation with a call and its result. */
const TOOL_TURNS: Readonly<Record<Protocol, Fields>> = {
  anthropic: {
    messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'x' }] },
    ],
  },
  'openai-chat': {
    messages: [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'x' },
    ],
  },
  'openai-responses': {
    input: [
      { role: 'user', content: 'go' },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'x' },
    ],
  },
  gemini: {
    contents: [
      { role: 'user', parts: [{ text: 'go' }] },
      { role: 'model', parts: [{ functionCall: { id: 'call_1', name: 'weather', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'call_1', name: 'weather', response: { output: 'x' } } }] },
    ],
  },
}
