import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Account } from '../../src/accounts/account.ts'
import { testAccount } from '../../src/cli/accounts/test-account.ts'
import { Fault } from '../../src/ir/fault.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.stop())

const MODELS = ['gemini-pro', 'gemini-flash'].map((name) => ({ name, alias: name }))

function account(provider: string, more: Partial<Account> = {}): Account {
  const fixed = { id: 'a', label: 'mine', headers: {}, priority: 0, excludedModels: [], source: 'config' } as const
  return { ...fixed, provider, secret: 'secret-key', baseUrl: upstream.url, ...more }
}

async function run(one: Account, models = MODELS, signal = AbortSignal.timeout(5000)) {
  let now = 0
  const before = upstream.calls.length
  const result = await testAccount({ account: one, models, signal, clock: () => (now += 5) })
  expect(JSON.stringify(result)).not.toContain('secret')
  return { ...result, calls: upstream.calls.slice(before) }
}

describe('a test of an account', () => {
  test('asks for the list of models where the vendor has one', async () => {
    upstream.next((call) => call.json({ data: [{ id: 'a' }, { id: 'b' }] }))
    const { calls, ...result } = await run(account('openai-compatibility'))
    expect(result).toEqual({ isGood: true, asked: 'list of models', outcome: '2 models', latencyMs: 5 })
    expect(calls.map(({ method, path }) => [method, path])).toEqual([['GET', '/models']])
  })

  test('asks a small model for one token where it has none', async () => {
    const part = { content: { role: 'model', parts: [{ text: 'H' }] }, finishReason: 'MAX_TOKENS' }
    upstream.next((call) => call.json({ candidates: [part], usageMetadata: {} }))
    const { calls, ...result } = await run(account('vertex', { prefix: 'team' }))
    expect(result).toMatchObject({ isGood: true, asked: 'one token of gemini-flash', outcome: 'an answer' })
    expect(calls).toHaveLength(1)
    expect(calls[0]?.path).toContain('gemini-flash:generateContent')
    expect(calls[0]?.body).toMatchObject({ generationConfig: { maxOutputTokens: 1 } })
  })

  test('tells what the vendor says', async () => {
    upstream.next((call) => call.json({}, 401))
    expect(await run(account('claude'))).toMatchObject({ isGood: false, outcome: 'the models endpoint answered 401' })
    upstream.next((call) =>
      call.json({ error: { code: 403, message: 'no secret-key here', status: 'PERMISSION_DENIED' } }, 403),
    )
    const { isGood, outcome } = await run(account('vertex'))
    expect(isGood).toBe(false)
    expect(outcome).toMatch(/^403: /)
  })

  test('waits for a token that is being refreshed, and tells when there is none', async () => {
    upstream.next((call) => call.json({ data: [] }))
    const login = {
      file: 'f',
      token: () => Promise.resolve('secret-token'),
      replacementFor: () => Promise.resolve(undefined),
    }
    const { calls, isGood } = await run(account('claude', { login }))
    expect(isGood).toBe(true)
    expect(JSON.stringify(calls[0]?.headers)).toContain('secret-token')
    const ended = {
      ...login,
      token: () => Promise.reject(new Fault('authentication', 'log in again: cliproxy login claude')),
    }
    const failed = await run(account('claude', { login: ended }))
    expect(failed).toMatchObject({ isGood: false, outcome: '401: log in again: cliproxy login claude', calls: [] })
  })

  test('asks nothing when no model is known', async () => {
    const { calls, isGood, outcome } = await run(account('vertex'), [])
    expect({ isGood, outcome, calls }).toEqual({
      isGood: false,
      outcome: 'it has no list of models, and no model of it is known',
      calls: [],
    })
  })

  test.each(['vertex', 'claude'])('of %s ends when there is no answer in time', async (provider) => {
    const ending = new AbortController()
    upstream.next(() => ending.abort())
    expect(await run(account(provider), MODELS, ending.signal)).toMatchObject({
      isGood: false,
      outcome: 'no answer in time',
    })
  })
})
