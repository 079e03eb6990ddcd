import { describe, expect, test } from 'bun:test'
import type { Frame } from '../../src/ir/codec.ts'
import { catalogueFor } from '../../src/providers/catalogue.ts'
import { fillOutput } from '../../src/providers/fill-output.ts'
import { headersFor } from '../../src/providers/headers.ts'
import { providerFor } from '../../src/providers/index.ts'
import type { Call } from '../../src/providers/provider.ts'
import { callFor } from './calls.ts'

const LOGINS = ['claude-oauth', 'codex-oauth', 'gemini-cli', 'qwen', 'kimi', 'xai', 'vertex-oauth'] as const
const project = { facts: { projectId: 'p', location: 'us-central1' } }

describe('A login’s calls go', () => {
  test.each<readonly [string, string, Partial<Call>, string]>([
    ['claude-oauth', 'https://api.anthropic.com', {}, 'https://api.anthropic.com/v1/messages'],
    [
      'claude-oauth',
      'https://api.anthropic.com',
      { operation: 'count-tokens' },
      'https://api.anthropic.com/v1/messages/count_tokens',
    ],
    [
      'codex-oauth',
      'https://chatgpt.com/backend-api/codex',
      { stream: true },
      'https://chatgpt.com/backend-api/codex/responses',
    ],
    ['gemini-cli', 'https://g.example', {}, 'https://g.example/v1internal:generateContent'],
    ['gemini-cli', 'https://g.example', { stream: true }, 'https://g.example/v1internal:streamGenerateContent?alt=sse'],
    ['gemini-cli', 'https://g.example', { operation: 'count-tokens' }, 'https://g.example/v1internal:countTokens'],
    ['qwen', 'https://portal.qwen.ai/v1', {}, 'https://portal.qwen.ai/v1/chat/completions'],
    ['kimi', 'https://api.kimi.com/coding/v1', {}, 'https://api.kimi.com/coding/v1/chat/completions'],
    ['xai', 'https://api.x.ai/v1', {}, 'https://api.x.ai/v1/responses'],
    [
      'vertex-oauth',
      'https://us-central1-aiplatform.googleapis.com',
      { model: 'g', ...project },
      'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/g:generateContent',
    ],
    [
      'vertex-oauth',
      'https://aiplatform.googleapis.com',
      { model: 'g', stream: true, facts: { projectId: 'p', location: 'global' } },
      'https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/g:streamGenerateContent?alt=sse',
    ],
  ])('%s at %s %j', (name, baseUrl, call, url) => {
    expect(providerFor({ provider: name }).url(callFor({ ...call, baseUrl }))).toBe(url)
  })

  test('to Kimi in Anthropic’s protocol where the client speaks it', () => {
    const provider = providerFor({ provider: 'kimi' }, 'anthropic')
    expect(provider.protocol).toBe('anthropic')
    expect(provider.url(callFor())).toBe('https://upstream.example/messages')
    expect(providerFor({ provider: 'kimi' }, 'openai-responses').protocol).toBe('openai-chat')
  })
})

describe('A login’s headers', () => {
  test.each(LOGINS)('of %s are the token and what the protocol needs, in the program’s own name', (name) => {
    const facts = { accountId: 'acc-1', deviceId: 'device-1' }
    const headers = headersFor(providerFor({ provider: name }), { headers: {} }, callFor({ facts }))
    expect(headers['authorization']).toBe('Bearer sk-test')
    expect(headers['user-agent']).toStartWith('cliproxy/')
    const own = Object.keys(headers).filter(
      (header) => !['authorization', 'user-agent', 'accept', 'content-type'].includes(header),
    )
    expect(own.toSorted()).toEqual(OWN[name] ?? [])
  })

  const OWN: Partial<Record<string, string[]>> = {
    'claude-oauth': ['anthropic-beta', 'anthropic-version'],
    'codex-oauth': ['chatgpt-account-id'],
    kimi: ['x-msh-device-id'],
  }

  test('of Kimi differ by the protocol that it is asked in', () => {
    const account = { headers: {} }
    const versions = [undefined, 'anthropic', undefined, 'anthropic'].map((client) => {
      const provider = providerFor({ provider: 'kimi' }, client === undefined ? undefined : 'anthropic')
      return headersFor(provider, account, callFor())['anthropic-version']
    })
    expect(versions).toEqual([undefined, '2023-06-01', undefined, '2023-06-01'])
  })

  test.each([
    [null, undefined, 'oauth-2025-04-20'],
    ['a, b', undefined, 'oauth-2025-04-20,a,b'],
    ['a,oauth-2025-04-20,a', undefined, 'oauth-2025-04-20,a'],
    [null, 'mine', 'oauth-2025-04-20,mine'],
    [null, '$X-Betas', 'oauth-2025-04-20,copied'],
    ['', undefined, 'oauth-2025-04-20'],
  ])('hold the beta of logins beside the client’s %j and the account’s %j', (client, account, joined) => {
    const claude = providerFor({ provider: 'claude-oauth' })
    const clientHeaders = new Headers({ 'x-betas': 'copied' })
    if (client !== null) clientHeaders.set('anthropic-beta', client)
    const headers: Record<string, string> = account === undefined ? {} : { 'Anthropic-Beta': account }
    expect(headersFor(claude, { headers }, callFor({ clientHeaders }))['anthropic-beta']).toBe(joined)
    expect(headersFor(claude, { headers: {} }, callFor())['anthropic-beta']).toBe('oauth-2025-04-20')
  })
})

describe('A login’s models', () => {
  test.each(LOGINS)('of %s are known and asked of nobody', (provider) => {
    const models = catalogueFor({ provider, baseUrl: '' })
    expect(models.length).toBeGreaterThan(2)
    expect(new Set(models.map(({ alias }) => alias)).size).toBe(models.length)
    for (const { contextTokens = 0, outputTokens = 0 } of models)
      expect(contextTokens).toBeGreaterThanOrEqual(outputTokens)
    expect(providerFor({ provider }).readModels === undefined).toBe(true)
  })

  test.each([
    ['free', false, false],
    ['Team', true, false],
    ['go', true, false],
    ['business', true, false],
    ['plus', true, true],
    ['pro', true, true],
    ['nobody-knows', true, true],
    [undefined, true, true],
  ])('with ChatGPT’s plan %p', (plan, hasSol, hasSpark) => {
    const names = catalogueFor({ provider: 'codex-oauth', baseUrl: '', facts: { plan } }).map(({ name }) => name)
    expect(names).toContain('gpt-5.5')
    expect([names.includes('gpt-5.6-sol'), names.includes('gpt-5.3-codex-spark')]).toEqual([hasSol, hasSpark])
  })

  test('of Kimi have the vendor’s name for it and the users’ own', () => {
    const pairs = catalogueFor({ provider: 'kimi', baseUrl: '' }).map(({ name, alias }) => [alias, name])
    expect(pairs).toContainEqual(['kimi-k2.5', 'k2.5'])
    expect(pairs).toContainEqual(['kimi-k2.7-code', 'kimi-for-coding'])
  })

  test('have previews that are models themselves', () => {
    const geminiCli = providerFor({ provider: 'gemini-cli' })
    const names = catalogueFor({ provider: 'gemini-cli', baseUrl: '' }).map(({ name }) => name)
    const previews = names.map((name) => geminiCli.standInFor?.(name)).filter((name) => name !== undefined)
    expect(previews).toEqual(['gemini-3.1-pro-preview', 'gemini-3-flash-preview'])
    expect(names).toEqual(expect.arrayContaining(previews))
  })
})

describe('The last event of a stream of Responses', () => {
  test.each([undefined, 'message', 'response.completed'])(
    'holds the items that came before it (event: %p)',
    (event) => {
      const both = [{ id: 'a' }, { id: 'b' }]
      expect(outputAfter(done({ id: 'b' }, 1), done({ id: 'a' }, 0), end([], event))).toEqual(both)
      expect(outputAfter(done({ id: 'a' }), done({ id: 'b' }), end(undefined, event))).toEqual(both)
    },
  )

  test.each([undefined, 'message'])(
    'holds items whose type only their data tells, however it is written (event: %p)',
    (event) => {
      const frames = [done({ id: 'a', type: 'message' }, 0), end([])].map(({ data }) => ({ event, data }))
      const blanks = frames.map(({ data }) => ({ event, data: JSON.stringify(JSON.parse(data), undefined, 1) }))
      const typeLast = frames.map(({ data }) => {
        const { type, ...rest } = JSON.parse(data)
        return { event, data: JSON.stringify({ ...rest, type }) }
      })
      for (const said of [frames, blanks, typeLast])
        expect(outputAfter(...said)).toEqual([{ id: 'a', type: 'message' }])
    },
  )

  test('stays as it is when it is filled, or nothing came', () => {
    const edit = fillOutput()
    const empty = end([])
    expect(edit(empty)).toBe(empty)
    edit(done({ id: 'a' }, 0))
    const full = end([{ id: 'z' }])
    expect(edit(full)).toBe(full)
    const broken = { event: 'response.completed', data: '{' }
    expect(edit(broken)).toBe(broken)
  })
})

test.each<readonly [string, Frame]>([
  ['by its name', { event: 'codex.rate_limits', data: '{}' }],
  ['by its data alone', { data: '{"type" : "codex.rate_limits"}' }],
  ['by its data, where its name says nothing', { event: 'message', data: '{"type":"response.metadata"}' }],
])('An event of Codex’s backend alone is known %s, and hidden', (_title, frame) => {
  expect(providerFor({ provider: 'codex-oauth' }).streamEditor?.()(frame)).toBeUndefined()
})

function done(item: object, index?: number): Frame {
  const type = 'response.output_item.done'
  return { event: type, data: JSON.stringify({ type, output_index: index, item }) }
}

function end(output?: readonly unknown[], event?: string): Frame {
  return { event, data: JSON.stringify({ type: 'response.completed', response: { id: 'r', output } }) }
}

function outputAfter(...frames: readonly Frame[]): unknown {
  const edit = fillOutput()
  const edited = frames.map((frame) => edit(frame))
  return JSON.parse(edited.at(-1)?.data ?? '{}').response.output
}
