import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import type { Account } from '../../src/accounts/account.ts'
import { SERVED, errorOf, say, wholeOf } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL, ask, PATHS } from '../kit/requests.ts'
import { startUpstream, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

const PAIRS = SERVED.flatMap((client) => SERVED.map((vendor) => [client, vendor] as const))

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

describe.each(PAIRS)('%s to %s', (client, vendor) => {
  test('the model by its prefix and alias', async () => {
    const models = [{ name: 'real-name', alias: 'nice-name' }]
    await start(vendor, { prefix: 'team', models }, { forceModelPrefix: true })
    expect((await proxy.post(PATHS[client], ask(client, { model: 'nice-name' }))).status).toBe(404)
    expect((await proxy.post(PATHS[client], ask(client, { model: 'team/nice-name' }))).status).toBe(200)
    expect(asked().body['model']).toBe('real-name')
  })

  test('a thinking suffix overrides the body', async () => {
    const models = [{ name: 'claude-sonnet-4-5', alias: MODEL }]
    await start(vendor, { models })
    const own =
      client === 'anthropic'
        ? { max_tokens: 30_000, thinking: { type: 'enabled', budget_tokens: 1024 } }
        : { max_tokens: 30_000, reasoning_effort: 'minimal' }
    const send = async (model: string): Promise<unknown> => {
      expect((await proxy.post(PATHS[client], ask(client, { ...own, model }))).status).toBe(200)
      const { thinking, reasoning_effort } = asked().body
      return vendor === 'anthropic' ? thinking : reasoning_effort
    }
    const high = await send(`${MODEL}(high)`)
    const off = await send(`${MODEL}(none)`)
    const exact = await send(`${MODEL}(4096)`)
    if (vendor === 'anthropic') {
      expect(high).toMatchObject({ type: 'enabled', budget_tokens: 24_576 })
      expect(off ?? { type: 'disabled' }).toEqual({ type: 'disabled' })
      expect(exact).toMatchObject({ type: 'enabled', budget_tokens: 4096 })
    } else {
      expect([high, off, exact]).toEqual(['high', 'none', 'medium'])
    }
    expect(asked().body['model']).toBe('claude-sonnet-4-5')
  })

  test('the account’s key and headers go up, the client’s key does not', async () => {
    await start(vendor, { headers: { 'X-Team': 'blue', 'X-From': '$x-trace' } }, { apiKeys: [CLIENT_KEY] })
    const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'x-trace': 'abc', cookie: 'c=1', 'x-api-key': CLIENT_KEY }
    expect((await proxy.post(PATHS[client], ask(client), headers)).status).toBe(200)
    const sent = asked().headers
    expect(JSON.stringify(sent)).not.toContain(CLIENT_KEY)
    expect(sent[vendor === 'anthropic' ? 'x-api-key' : 'authorization']).toMatch(/^(Bearer )?sk-secret-/)
    expect(sent['x-team']).toBe('blue')
    expect(sent['x-from']).toBe('abc')
    expect(sent.cookie).toBeUndefined()
  })

  test('losses are told in a header', async () => {
    await start(vendor)
    const read = await proxy.post(PATHS[client], ask(client, { [client === 'anthropic' ? 'top_k' : 'seed']: 7 }))
    expect(read.status).toBe(200)
    if (client === vendor) expect(read.headers.get('x-cliproxy-loss')).toBeNull()
    else expect(read.headers.get('x-cliproxy-loss')).toMatch(/^[a-z-]+(, [a-z-]+)*$/)
  })

  test('the upstream’s own headers pass when the config says so', async () => {
    await start(vendor)
    upstream.always((call) =>
      call.json(wholeOf(vendor), 200, { 'x-request-id': 'req_1', 'set-cookie': 'a=b', 'x-litellm-version': '1' }),
    )
    const kept = await proxy.post(PATHS[client], ask(client))
    expect(kept.headers.get('x-request-id')).toBeNull()
    proxy.change({ passthroughHeaders: true })
    const passed = await proxy.post(PATHS[client], ask(client))
    expect(passed.headers.get('x-request-id')).toBe('req_1')
    expect(passed.headers.get('set-cookie')).toBeNull()
    expect(passed.headers.get('x-litellm-version')).toBeNull()
    expect(passed.headers.get('content-type')).toBe('application/json')
  })
})

test.each(SERVED)('%s: what is relayed keeps its bytes', async (protocol) => {
  await start(protocol)
  const text = `{ "messages" : [ { "role":"user", "content":"Hi \\u00e9" } ],\n "seed": 12345678901234567890,"max_tokens":50, "b":1,"2":2,"1":1, "model":"${MODEL}" }`
  expect((await proxy.post(PATHS[protocol], text)).status).toBe(200)
  expect(asked().text).toBe(text.replace(MODEL, 'upstream-model'))
})

describe('count_tokens', () => {
  const path = '/v1/messages/count_tokens'
  const question = ask('anthropic', { messages: [{ role: 'user', content: 'How many tokens are these?' }] })

  test('is asked of the upstream where it counts', async () => {
    await start('anthropic')
    upstream.always((call) => call.json({ input_tokens: 4711 }))
    const read = await proxy.post(path, question)
    expect(read.body).toEqual({ input_tokens: 4711 })
    expect(asked().path).toBe('/v1/messages/count_tokens')
    expect(asked().body).toMatchObject({ model: 'upstream-model' })
  })

  test('is estimated for an upstream that does not', async () => {
    await start('openai-chat')
    const read = await proxy.post(path, question)
    expect(read.status).toBe(200)
    expect(Number(read.body['input_tokens'])).toBeWithin(5, 20)
    expect(upstream.calls).toHaveLength(0)
  })

  test.each([404, 405, 501])(
    'is estimated where the upstream has no such endpoint (%d), which costs the account nothing',
    async (status) => {
      await start('anthropic')
      upstream.next((call) => call.json(errorOf('anthropic', 'not_found_error', 'Not found'), status))
      const read = await proxy.post(path, question)
      expect(read.status).toBe(200)
      expect(Number(read.body['input_tokens'])).toBeWithin(5, 20)
      expect((await proxy.post(PATHS.anthropic, ask('anthropic'))).status).toBe(200)
    },
  )

  test('an answer without a count is a failure', async () => {
    await start('anthropic')
    upstream.always((call) => call.text200('<html></html>', 'text/html'))
    const read = await proxy.post(path, question)
    expect(read.status).toBe(502)
    expect(read.body).toMatchObject({ type: 'error', error: { message: expect.stringContaining('input_tokens') } })
  })

  test('the upstream’s refusal is the client’s', async () => {
    await start('anthropic')
    upstream.always((call) => call.json(errorOf('anthropic', 'invalid_request_error', 'messages: bad'), 400))
    const read = await proxy.post(path, question)
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { message: 'messages: bad' } })
  })

  test('a model that nobody serves, and a body that is wrong', async () => {
    await start('anthropic')
    expect((await proxy.post(path, { ...question, model: 'nobody' })).status).toBe(404)
    expect((await proxy.post(path, '{')).status).toBe(400)
  })
})

describe('threads, which the account keeps', () => {
  const create = ask('anthropic', { thread: { type: 'create' } })

  test('go to the one account there is', async () => {
    await start('anthropic')
    expect((await proxy.post(PATHS.anthropic, create)).status).toBe(200)
    expect(asked().body['thread']).toEqual({ type: 'create' })
  })

  test('are refused where the next turn may meet another account, in the words that make clients go on without', async () => {
    upstream = await startUpstream(say('anthropic'))
    proxy = startProxy({ accounts: [accountAt(upstream.url, 'anthropic'), accountAt(upstream.url, 'anthropic')] })
    const read = await proxy.post(PATHS.anthropic, create)
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { details: { error_code: 'thread_unsupported_request' } } })
    expect(upstream.calls).toHaveLength(0)
  })
})
