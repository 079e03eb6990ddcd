import { describe, expect, test } from 'bun:test'
import packageJson from '../../package.json'
import type { Protocol } from '../../src/ir/protocol.ts'
import { headersFor } from '../../src/providers/headers.ts'
import { PROVIDERS, providerFor } from '../../src/providers/index.ts'
import type { Fields } from '../../src/lib/json.ts'
import type { Call, Quirk } from '../../src/providers/provider.ts'
import { callFor, sourceOf } from './calls.ts'

const claude = providerFor({ provider: 'claude' })
const chat = providerFor({ provider: 'openai-compatibility' })
const gemini = providerFor({ provider: 'gemini' })
const codex = providerFor({ provider: 'codex' })
const vertex = providerFor({ provider: 'vertex' })

describe('The table', () => {
  test('names each provider by its own id', () => {
    for (const [name, provider] of Object.entries(PROVIDERS)) expect(provider.id).toBe(name)
    expect(() => providerFor({ provider: 'nobody' })).toThrow("unknown provider 'nobody'")
  })

  test.each<readonly [string, string, Partial<Call>, string]>([
    ['claude', 'https://api.anthropic.com', {}, 'https://api.anthropic.com/v1/messages'],
    ['claude', 'https://gateway.example/anthropic/v1', {}, 'https://gateway.example/anthropic/v1/messages'],
    ['claude', 'https://x.example', { operation: 'count-tokens' }, 'https://x.example/v1/messages/count_tokens'],
    ['claude', 'https://x.example', { operation: 'list-models' }, 'https://x.example/v1/models?limit=1000'],
    [
      'openai-compatibility',
      'https://api.openai.com/v1',
      { stream: true },
      'https://api.openai.com/v1/chat/completions',
    ],
    [
      'openai-compatibility',
      'http://127.0.0.1:11434/v1',
      { operation: 'list-models' },
      'http://127.0.0.1:11434/v1/models',
    ],
    ['codex', 'https://api.openai.com/v1', {}, 'https://api.openai.com/v1/responses'],
    ['codex', 'https://api.openai.com/v1', { operation: 'list-models' }, 'https://api.openai.com/v1/models'],
    ['codex', 'https://api.openai.com', {}, 'https://api.openai.com/v1/responses'],
    ['codex', 'https://x.example/codex', { stream: true }, 'https://x.example/codex/responses'],
    ['codex', 'https://x.example/v1/responses', {}, 'https://x.example/v1/responses'],
    ['codex', 'https://x.example/v1/responses', { operation: 'list-models' }, 'https://x.example/v1/models'],
    ['codex', 'https://x.example/v1', { operation: 'count-tokens' }, 'https://x.example/v1/responses/input_tokens'],
    [
      'gemini',
      'https://g.example',
      { model: 'gemini-2.5-pro' },
      'https://g.example/v1beta/models/gemini-2.5-pro:generateContent',
    ],
    [
      'gemini',
      'https://g.example/v1beta',
      { model: 'g', stream: true },
      'https://g.example/v1beta/models/g:streamGenerateContent?alt=sse',
    ],
    [
      'gemini',
      'https://g.example',
      { model: 'a/b?c', operation: 'count-tokens' },
      'https://g.example/v1beta/models/a%2Fb%3Fc:countTokens',
    ],
    ['gemini', 'https://g.example', { operation: 'list-models' }, 'https://g.example/v1beta/models?pageSize=1000'],
    ['gemini', 'https://g.example/v1', { model: 'g' }, 'https://g.example/v1/models/g:generateContent'],
    ['gemini', 'https://g.example/v1alpha', { model: 'g' }, 'https://g.example/v1alpha/models/g:generateContent'],
    [
      'gemini',
      'https://gateway.example/gemini/v1beta1',
      { model: 'g' },
      'https://gateway.example/gemini/v1beta1/models/g:generateContent',
    ],
    [
      'vertex',
      'https://aiplatform.googleapis.com',
      { model: 'gemini-2.5-pro', stream: true },
      'https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    ],
    [
      'vertex',
      'https://v.example/v1beta1',
      { model: 'g', operation: 'count-tokens' },
      'https://v.example/v1beta1/publishers/google/models/g:countTokens',
    ],
  ])('%s at %s asks with %j at %s', (provider, baseUrl, options, url) => {
    expect(providerFor({ provider }).url(callFor({ baseUrl, ...options }))).toBe(url)
  })
})

test.each<[string, Protocol | undefined, string]>([
  ['https://api.openai.com/v1', 'openai-responses', 'codex'],
  ['https://me.openai.azure.com/openai/v1', 'openai-responses', 'codex'],
  ['https://api.openai.com/v1', 'openai-chat', 'openai-compatibility'],
  ['https://api.openai.com/v1', 'anthropic', 'openai-compatibility'],
  ['https://api.openai.com/v1', undefined, 'openai-compatibility'],
  ['https://api.openai.com.evil.example/v1', 'openai-responses', 'openai-compatibility'],
  ['https://openrouter.ai/api/v1', 'openai-responses', 'openai-compatibility'],
])('%s is asked by a client of %p as %s', (baseUrl, client, id) => {
  expect(providerFor({ provider: 'openai-compatibility', baseUrl }, client).id).toBe(id)
})

describe('Headers', () => {
  const official = 'https://api.anthropic.com'

  test.each([
    [claude, official, { 'x-api-key': 'sk-test', 'anthropic-version': '2023-06-01' }, ['authorization']],
    [claude, 'https://api.anthropic.com.evil.example', { 'x-api-key': 'sk-test', authorization: 'Bearer sk-test' }, []],
    [chat, 'https://x.example/v1', { authorization: 'Bearer sk-test' }, ['x-api-key']],
    [gemini, 'https://x.example', { 'x-goog-api-key': 'sk-test' }, ['authorization']],
    [codex, 'https://x.example', { authorization: 'Bearer sk-test' }, []],
    [vertex, 'https://x.example', { 'x-goog-api-key': 'sk-test' }, ['authorization']],
  ])('show the key where the vendor looks for it', (provider, baseUrl, expected, missing) => {
    const headers = headersFor(provider, { headers: {} }, callFor({ baseUrl }))
    expect(headers).toMatchObject(expected)
    for (const name of missing) expect(headers).not.toHaveProperty(name)
  })

  test.each(Object.values(PROVIDERS))('of an account without a key show none', (provider) => {
    const headers = headersFor(provider, { headers: {} }, callFor({ secret: '' }))
    for (const name of ['authorization', 'x-api-key', 'x-goog-api-key']) expect(headers).not.toHaveProperty(name)
  })

  test('say who asks, what is sent and what is wanted', () => {
    const agent = `cliproxy/${packageJson.version}`
    const json = { 'user-agent': agent, accept: 'application/json', 'content-type': 'application/json' }
    expect(headersFor(chat, { headers: {} }, callFor())).toMatchObject(json)
    const streamed = headersFor(chat, { headers: {} }, callFor({ stream: true }))
    expect(streamed).toMatchObject({ accept: 'text/event-stream', 'accept-encoding': 'identity' })
    expect(headersFor(chat, { headers: {} }, callFor({ operation: 'list-models' }))).not.toHaveProperty('content-type')
  })

  test('forward the client’s versions, betas and name, and nothing that is the client’s own affair', () => {
    const clientHeaders = new Headers({
      'user-agent': 'claude-cli/2.1',
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'a,b',
      authorization: 'Bearer client',
      'x-api-key': 'client',
      cookie: 'c=1',
      host: 'proxy.example',
      'x-forwarded-for': '1.2.3.4',
      'content-length': '9',
      'accept-encoding': 'br',
      'x-stainless-lang': 'js',
    })
    expect(headersFor(claude, { headers: {} }, callFor({ baseUrl: official, clientHeaders }))).toEqual({
      'user-agent': 'claude-cli/2.1',
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'a,b',
      'x-api-key': 'sk-test',
      accept: 'application/json',
      'content-type': 'application/json',
    })
  })

  test('of the account override all others; $Name copies the client’s, where it has one', () => {
    const account = {
      headers: {
        'X-Team': 'blue',
        'User-Agent': 'mine',
        'X-Trace': '$X-Request-Id',
        'X-None': '$X-Missing',
        Host: 'evil',
        'X-Price': '$5 off',
      },
    }
    const clientHeaders = new Headers({ 'user-agent': 'theirs', 'x-request-id': 'r1' })
    const headers = headersFor(chat, account, callFor({ clientHeaders }))
    expect(headers).toMatchObject({ 'x-team': 'blue', 'user-agent': 'mine', 'x-trace': 'r1', 'x-price': '$5 off' })
    expect(headers).not.toHaveProperty('x-none')
    expect(headers).not.toHaveProperty('host')
  })

  test('are copied also from a client of another protocol, whose headers are not forwarded otherwise', () => {
    const account = { headers: { 'X-Trace': '$X-Request-Id' } }
    const requestHeaders = new Headers({ 'x-request-id': 'r2', 'user-agent': 'theirs' })
    const headers = headersFor(chat, account, callFor(), requestHeaders)
    expect(headers['x-trace']).toBe('r2')
    expect(headers['user-agent']).toBe(`cliproxy/${packageJson.version}`)
  })

  test('of one client never reach the next', () => {
    const account = { headers: { 'X-Trace': '$X-Request-Id' } }
    headersFor(
      claude,
      account,
      callFor({ clientHeaders: new Headers({ 'anthropic-beta': 'a', 'x-request-id': 'r1' }) }),
    )
    const headers = headersFor(claude, account, callFor())
    expect(headers).not.toHaveProperty('anthropic-beta')
    expect(headers).not.toHaveProperty('x-trace')
    expect(headersFor(claude, account, callFor())).toBe(headers)
  })
})

function fieldsOf(
  quirk: Quirk | undefined,
  body: Fields,
  call: Call,
  long: Readonly<Record<string, string>> = {},
): unknown {
  return quirk?.fields(body, call, sourceOf({ long }))
}

describe('Quirks', () => {
  const [includeUsage] = chat.quirks
  const [maxTokens] = claude.quirks

  test.each([
    [{}, { stream_options: { include_usage: true } }],
    [{ stream_options: null }, { stream_options: { include_usage: true } }],
    [
      { stream_options: { include_obfuscation: false } },
      { stream_options: { include_obfuscation: false, include_usage: true } },
    ],
    [{ stream_options: { include_usage: false } }, undefined],
    [{ stream_options: { include_usage: true } }, undefined],
  ])('a Chat stream with %j asks for usage', (body, fields) => {
    expect(fieldsOf(includeUsage, body, callFor({ stream: true }))).toEqual(fields)
    expect(fieldsOf(includeUsage, body, callFor())).toBeUndefined()
    expect(
      fieldsOf(includeUsage, body, callFor({ stream: true, baseUrl: 'https://api.mistral.ai/v1' })),
    ).toBeUndefined()
  })

  test('an Anthropic request without max_tokens gets what the model can write', () => {
    expect(fieldsOf(maxTokens, {}, callFor({ model: 'claude-haiku-4-5-20251001' }))).toEqual({ max_tokens: 64_000 })
    expect(fieldsOf(maxTokens, {}, callFor({ model: 'glm-5' }))).toEqual({ max_tokens: 8192 })
    expect(fieldsOf(maxTokens, { max_tokens: 1 }, callFor())).toBeUndefined()
    expect(fieldsOf(maxTokens, {}, callFor({ operation: 'count-tokens' }))).toBeUndefined()
  })
})

test.each(
  Object.values(PROVIDERS).flatMap(({ id, quirks }) => quirks.map((quirk) => [id, quirk.name, quirk] as const)),
)('a long field that is no JSON is left to %s by %s', (_id, _name, quirk) => {
  for (const name of ['input', 'tools', 'messages', 'contents'])
    expect(fieldsOf(quirk, { tool_choice: 'auto' }, callFor(), { [name]: '[{' }) ?? {}).not.toHaveProperty(name)
})

describe('Vertex AI takes no ids of calls', () => {
  const [noCallIds] = vertex.quirks

  test.each<[string, Fields, unknown]>([
    ['a conversation without calls', { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }, undefined],
    ['calls without ids', { contents: [{ parts: [{ functionCall: { name: 'f', args: { id: 1 } } }] }] }, undefined],
    ['contents that are one object', { contents: { parts: [{ text: 'Hi' }] } }, undefined],
    ['contents that are none', { contents: ['x', { parts: 'y' }, { parts: [null] }] }, undefined],
    [
      'a call and its result',
      {
        contents: [
          { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'f', args: { id: 1 } }, thoughtSignature: 's' }] },
          { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { id: 2 } } }, { text: 'x' }] },
        ],
      },
      {
        contents: [
          { role: 'model', parts: [{ functionCall: { name: 'f', args: { id: 1 } }, thoughtSignature: 's' }] },
          { role: 'user', parts: [{ functionResponse: { name: 'f', response: { id: 2 } } }, { text: 'x' }] },
        ],
      },
    ],
    [
      'results in another order than their calls',
      {
        contents: [
          { role: 'model', parts: ['c1', 'c2'].map((id) => ({ functionCall: { id, name: 'f' } })) },
          {
            role: 'user',
            parts: ['c2', 'c1'].map((id) => ({ functionResponse: { id, name: 'f', response: { id } } })),
          },
        ],
      },
      {
        contents: [
          { role: 'model', parts: ['c1', 'c2'].map(() => ({ functionCall: { name: 'f' } })) },
          { role: 'user', parts: ['c1', 'c2'].map((id) => ({ functionResponse: { name: 'f', response: { id } } })) },
        ],
      },
    ],
    [
      'the other spelling',
      { contents: [{ parts: [{ function_call: { id: 'c1', name: 'f' } }] }] },
      { contents: [{ parts: [{ function_call: { name: 'f' } }] }] },
    ],
  ])('%s', (_name, body, fields) => {
    const long = { contents: JSON.stringify(body['contents']) }
    expect(fieldsOf(noCallIds, body, callFor())).toEqual(fields)
    expect(fieldsOf(noCallIds, {}, callFor(), long)).toEqual(fields)
  })
})
