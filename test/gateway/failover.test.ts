import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { readObject } from '../../src/lib/json.ts'
import { PAIRS, SERVED, errorEvent, errorOf, say, wholeOf } from '../kit/answers.ts'
import { accountAt, startProxy, type ProxyOptions, type Read, type TestProxy } from '../kit/proxy.ts'
import { ask, PATHS } from '../kit/requests.ts'
import { eventOf } from '../kit/saying.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

let first: Upstream
let second: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await first.stop()
  await second.stop()
})

/** Two accounts, of which the first one is asked first; both serve the model. */
async function start(
  vendors: readonly [Protocol, Protocol],
  scripts: readonly [Script, Script],
  options: ProxyOptions = {},
): Promise<void> {
  first = await startUpstream(scripts[0])
  second = await startUpstream(scripts[1])
  proxy = startProxy({ accounts: [accountAt(first.url, vendors[0]), accountAt(second.url, vendors[1])], ...options })
}

function error(
  vendor: Protocol,
  status: number,
  type: string,
  message: string,
  headers?: Record<string, string>,
): Script {
  return (call) => call.json(errorOf(vendor, type, message), status, headers)
}

function errorIn(client: Protocol, { body }: Read): Record<string, unknown> {
  expect(body['type']).toBe(client === 'anthropic' ? 'error' : undefined)
  return readObject(body['error']) ?? {}
}

/** Failures that are the account's: another one may do better. */
function failuresOf(vendor: Protocol): readonly (readonly [string, Script])[] {
  return [
    ['500', error(vendor, 500, 'api_error', 'Internal error')],
    ['502 with a page', (call) => call.html(502, '<html>Bad gateway</html>')],
    ['503', error(vendor, 503, 'api_error', 'Unavailable')],
    ['529', error(vendor, 529, 'overloaded_error', 'Overloaded')],
    ['429', error(vendor, 429, 'rate_limit_error', 'Slow down')],
    ['401', error(vendor, 401, 'authentication_error', 'invalid x-api-key')],
    ['402', error(vendor, 402, 'billing_error', 'Pay first')],
    ['403', error(vendor, 403, 'permission_error', 'Not allowed')],
    ['404 of the model', error(vendor, 404, 'not_found_error', 'model: upstream-model')],
    [
      '400 without credit',
      error(vendor, 400, 'invalid_request_error', 'Your credit balance is too low to access the API.'),
    ],
    ['a connection that breaks', (call) => call.destroy()],
    [
      'a connection that breaks after the headers',
      (call) => (call.open(), void call.write(': \n\n').then(call.destroy)),
    ],
    ['an error under status 200', (call) => call.json(errorOf(vendor, 'overloaded_error', 'Overloaded'))],
    [
      'an error as the first event',
      (call) => call.text200(errorEvent(vendor, 'overloaded_error', 'Overloaded'), 'text/event-stream'),
    ],
    ['nothing', (call) => call.text200('', 'text/event-stream')],
    ['a page', (call) => call.text200('<html>Log in</html>', 'text/html')],
  ]
}

test.each(SERVED)(
  'an answer of Responses that was announced and then failed is answered to %s by the next',
  async (client) => {
    const announced = eventOf('response.created', { response: { id: 'resp_1', status: 'in_progress', output: [] } })
    const failed = announced + errorEvent('openai-responses', 'server_is_overloaded', 'Overloaded')
    await start(
      ['openai-responses', 'openai-responses'],
      [(call) => call.text200(failed, 'text/event-stream'), say('openai-responses')],
    )
    const read = await proxy.ask(client, { stream: true })
    expect(read.text).toContain('Hello')
    expect(read.text).not.toContain('resp_1')
    expect(second.calls).toHaveLength(1)
  },
)

describe.each(PAIRS)('%s from %s: what fails at one account is answered by the next', (client, vendor) => {
  describe.each([true, false])('stream: %p', (stream) => {
    test.each([...failuresOf(vendor)])('%s', async (_name, script) => {
      await start([vendor, vendor], [script, say(vendor)])
      const read = await proxy.ask(client, { stream })
      expect(read.status).toBe(200)
      expect(first.calls).toHaveLength(1)
      expect(second.calls).toHaveLength(1)
      expect(read.text).not.toMatch(/"error":[^n]/)
      expect(read.text).toContain('Hello')
    })
  })

  test('a dead port', async () => {
    first = await startUpstream()
    second = await startUpstream(say(vendor))
    const dead = await startUpstream()
    await dead.stop()
    proxy = startProxy({ accounts: [accountAt(dead.url, vendor), accountAt(second.url, vendor)] })
    expect((await proxy.ask(client)).status).toBe(200)
  })

  test('the next one may speak another protocol', async () => {
    const other = vendor === 'anthropic' ? 'openai-chat' : 'anthropic'
    await start([vendor, other], [error(vendor, 500, 'api_error', 'no'), say(other)])
    for (const stream of [true, false]) {
      const read = await proxy.ask(client, { stream })
      expect(read.status).toBe(200)
      expect(read.text).toContain('Hello')
    }
    expect(first.calls).toHaveLength(1)
  })

  const requestFaults: readonly (readonly [string, Script, number])[] = [
    ['400', error(vendor, 400, 'invalid_request_error', 'messages: bad'), 400],
    ['413', error(vendor, 413, 'request_too_large', 'messages: bad'), 413],
    ['422', error(vendor, 422, 'invalid_request_error', 'messages: bad'), 422],
  ]
  test.each(requestFaults)(
    'a request at fault (%s) goes nowhere else, and costs the account nothing',
    async (_name, script, status) => {
      await start([vendor, vendor], [script, say(vendor)])
      const read = await proxy.ask(client)
      expect(read.status).toBe(status)
      expect(errorIn(client, read)).toMatchObject({ message: 'messages: bad' })
      expect(second.calls).toHaveLength(0)
      first.always(say(vendor))
      expect((await proxy.ask(client)).status).toBe(200)
      expect(first.calls).toHaveLength(2)
    },
  )

  test('when all fail, the last one’s words reach the client in its own shape', async () => {
    await start(
      [vendor, vendor],
      [error(vendor, 500, 'api_error', 'First is down'), error(vendor, 503, 'api_error', 'Second is down')],
    )
    const read = await proxy.ask(client)
    expect(read.status).toBe(503)
    expect(errorIn(client, read)).toMatchObject({ message: 'Second is down' })
  })

  test('max-retry-credentials bounds how many are asked', async () => {
    await start([vendor, vendor], [error(vendor, 500, 'api_error', 'Down'), say(vendor)], { maxRetryCredentials: 1 })
    expect((await proxy.ask(client)).status).toBe(500)
    expect(second.calls).toHaveLength(0)
  })

  test.each([401, 200])('a key that the upstream repeats in a refusal of status %i stays a secret', async (status) => {
    const refuse: Script = (call) => {
      const key = String(call.headers['x-api-key'] ?? call.headers['x-goog-api-key'] ?? call.headers.authorization)
      call.json(errorOf(vendor, 'authentication_error', `Incorrect API key provided: ${key}`), status)
    }
    await start([vendor, vendor], [refuse, refuse])
    const read = await proxy.ask(client)
    expect(read.status).toBeGreaterThanOrEqual(400)
    expect(String(errorIn(client, read)['message'])).toStartWith('Incorrect API key provided: ')
  })
})

describe.each(PAIRS)('%s from %s: when every account rests', (client, vendor) => {
  const NOW = Date.UTC(2026, 0, 1)

  test('429: the client is told when to come back, and the upstream is left alone', async () => {
    let now = NOW
    const limit = error(vendor, 429, 'rate_limit_error', 'Slow down', { 'retry-after': '40' })
    await start([vendor, vendor], [limit, limit], { clock: () => now })
    const refused = await proxy.ask(client)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('40')
    expect(errorIn(client, refused)).toMatchObject({ message: 'Slow down' })

    now += 10_000
    const resting = await proxy.ask(client)
    expect(resting.status).toBe(429)
    expect(resting.headers.get('retry-after')).toBe('30')
    expect(String(errorIn(client, resting)['message'])).toContain("All accounts for model 'some-model'")
    expect(first.calls).toHaveLength(1)
    expect(second.calls).toHaveLength(1)

    now += 30_001
    first.always(say(vendor))
    expect((await proxy.ask(client)).status).toBe(200)
  })

  test('5xx: 503 with the time of the first recovery', async () => {
    let now = NOW
    const down = error(vendor, 500, 'api_error', 'Down')
    await start([vendor, vendor], [down, down], { clock: () => now })
    expect((await proxy.ask(client)).status).toBe(500)
    now += 15_000
    const resting = await proxy.ask(client, { stream: true })
    expect(resting.status).toBe(503)
    expect(resting.headers.get('retry-after')).toBe('45')
    expect(String(errorIn(client, resting)['message'])).not.toBe('')
  })

  test('another model of the same account goes on', async () => {
    const models = ['some-model', 'other-model'].map((alias) => ({ name: alias, alias }))
    first = await startUpstream(error(vendor, 429, 'rate_limit_error', 'Slow down'))
    second = await startUpstream()
    proxy = startProxy({ accounts: [accountAt(first.url, vendor, { models })], clock: () => NOW })
    expect((await proxy.ask(client)).status).toBe(429)
    first.always(say(vendor))
    expect((await proxy.ask(client, { model: 'other-model' })).status).toBe(200)
    expect((await proxy.ask(client)).status).toBe(429)
  })
})

describe.each(PAIRS)('%s from %s: rounds', (client, vendor) => {
  const again = { requestRetry: 2, maxRetryIntervalSeconds: 5, disableCooling: true }

  test('all accounts are asked again where it may help', async () => {
    await start(
      [vendor, vendor],
      [error(vendor, 500, 'api_error', 'Down'), error(vendor, 503, 'api_error', 'Down')],
      again,
    )
    second.next(error(vendor, 503, 'api_error', 'Down'), error(vendor, 503, 'api_error', 'Down'), say(vendor))
    expect((await proxy.ask(client)).status).toBe(200)
    expect(first.calls).toHaveLength(3)
    expect(second.calls).toHaveLength(3)
  })

  test('and no oftener than the config says', async () => {
    const down = error(vendor, 500, 'api_error', 'Down')
    await start([vendor, vendor], [down, down], again)
    expect((await proxy.ask(client)).status).toBe(500)
    expect(first.calls).toHaveLength(3)
  })

  test('an account’s own word counts more', async () => {
    const down = error(vendor, 500, 'api_error', 'Down')
    first = await startUpstream(down)
    second = await startUpstream(down)
    const accounts = [
      accountAt(first.url, vendor, { requestRetry: 0 }),
      accountAt(second.url, vendor, { requestRetry: 1 }),
    ]
    proxy = startProxy({ ...again, accounts })
    await proxy.ask(client)
    expect([first.calls.length, second.calls.length]).toEqual([1, 2])
  })

  test('a missing key is no reason for another round', async () => {
    const refuse = error(vendor, 401, 'authentication_error', 'No')
    await start([vendor, vendor], [refuse, refuse], again)
    expect((await proxy.ask(client)).status).toBe(401)
    expect(first.calls).toHaveLength(1)
  })

  test('the upstream’s own wait is kept between rounds', async () => {
    const limit = error(vendor, 429, 'rate_limit_error', 'Slow down', { 'retry-after-ms': '80' })
    await start([vendor, vendor], [limit, limit], again)
    second.next(limit, say(vendor))
    const startedAt = performance.now()
    expect((await proxy.ask(client)).status).toBe(200)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79)
  })

  test('a wait longer than the config allows is the client’s', async () => {
    const limit = error(vendor, 429, 'rate_limit_error', 'Slow down', { 'retry-after': '6' })
    await start([vendor, vendor], [limit, limit], { ...again, disableCooling: false })
    const read = await proxy.ask(client)
    expect(read.status).toBe(429)
    expect(read.headers.get('retry-after')).toBe('6')
    expect(first.calls).toHaveLength(1)
  })

  test('a client that leaves during a wait ends it', async () => {
    const limit = error(vendor, 429, 'rate_limit_error', 'Slow down', { 'retry-after': '4' })
    await start([vendor, vendor], [limit, limit], again)
    const leaving = new AbortController()
    const body = JSON.stringify(ask(client))
    const answer = proxy.fetch(PATHS[client], { method: 'POST', body, signal: leaving.signal }).catch(() => undefined)
    await (
      await second.call(0)
    ).closed
    const line = proxy.nextLine()
    leaving.abort()
    await answer
    expect(await line).toMatchObject({ status: 499 })
  })

  test('accounts that rest already are waited for as well', async () => {
    let passed = 0
    const limit = error(vendor, 429, 'rate_limit_error', 'Slow down', { 'retry-after': '4' })
    const clock = (): number => Math.floor(performance.now()) + passed
    await start([vendor, vendor], [limit, limit], { requestRetry: 0, maxRetryIntervalSeconds: 5, clock })
    expect((await proxy.ask(client)).status).toBe(429)
    proxy.change({ requestRetry: 1 })
    first.always(say(vendor))
    passed = 3800
    expect((await proxy.ask(client)).status).toBe(200)
    proxy.change({ requestRetry: 0 })
  })
})

test('round-robin gives every account its turn', async () => {
  await start(['openai-chat', 'openai-chat'], [say('openai-chat'), say('openai-chat')], {
    routing: { strategy: 'round-robin' },
  })
  for (let at = 0; at < 6; at++) await proxy.post(PATHS['openai-chat'], ask('openai-chat'))
  expect([first.calls.length, second.calls.length]).toEqual([3, 3])
})

test('an account of lower priority waits until the higher ones rest', async () => {
  first = await startUpstream(say('openai-chat'))
  second = await startUpstream(say('openai-chat'))
  const accounts = [
    accountAt(first.url, 'openai-chat', { priority: 0 }),
    accountAt(second.url, 'openai-chat', { priority: 5 }),
  ]
  proxy = startProxy({ accounts })
  await proxy.post(PATHS['openai-chat'], ask('openai-chat'))
  expect([first.calls.length, second.calls.length]).toEqual([0, 1])
  second.always((call) => call.json(wholeOf('openai-chat'), 500))
  await proxy.post(PATHS['openai-chat'], ask('openai-chat'))
  await proxy.post(PATHS['openai-chat'], ask('openai-chat'))
  expect([first.calls.length, second.calls.length]).toEqual([2, 2])
})

test('what the account that failed could not carry is no loss of the one that answered', async () => {
  const question = { ...ask('anthropic'), top_k: 5 }
  await start(
    ['openai-chat', 'anthropic'],
    [error('openai-chat', 500, 'server_error', 'Internal error'), (call) => call.json(wholeOf('anthropic'))],
  )
  const read = await proxy.post(PATHS.anthropic, question)
  expect(first.calls).toHaveLength(1)
  expect(read.status).toBe(200)
  expect(read.headers.get('x-cliproxy-loss')).toBeNull()
})
