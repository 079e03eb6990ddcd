import { describe, expect, test } from 'bun:test'
import { askVendor, cleanText, endpointFor, isGood, refusalFrom } from '../../../src/accounts/oauth/ask.ts'
import { OauthError } from '../../../src/accounts/oauth/oauth-error.ts'
import type { VendorContext } from '../../../src/accounts/oauth/vendor.ts'
import { thrownBy } from '../../kit/failing.ts'

const NOW = Date.UTC(2026, 0, 1)

function contextOf(own: Partial<VendorContext> = {}): VendorContext {
  const signal = new AbortController().signal
  return { client: {}, fetch: () => Promise.resolve(new Response('{}')), clock: () => NOW, signal, ...own }
}

const QUESTION = { title: 'Vendor', url: 'https://vendor.example/token', method: 'GET' } as const

test.each([
  ['https://vendor.example/a/b?c=d', undefined, 'https://vendor.example/a/b?c=d'],
  ['https://vendor.example/a/b?c=d', 'https://sso.example.com', 'https://sso.example.com/a/b?c=d'],
  ['https://vendor.example/a', 'https://sso.example.com/below', 'https://sso.example.com/below/a'],
])('%s with the auth-url %p is %s', (url, authUrl, expected) => {
  expect(endpointFor(url, contextOf({ client: { authUrl } }))).toBe(expected)
})

test('an answer that does not end is not read to its end', async () => {
  let chunks = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1
      controller.enqueue(new Uint8Array(1024 * 1024))
    },
  })
  const fetch = () => Promise.resolve(new Response(body))
  const error = await thrownBy(askVendor(QUESTION, contextOf({ fetch })))
  expect(error).toBeInstanceOf(OauthError)
  expect(error).toMatchObject({ message: 'Vendor (vendor.example) sent too long an answer' })
  expect(chunks).toBeLessThan(10)
})

test.each([
  [
    'the clock',
    new DOMException('too late', 'TimeoutError'),
    'timeout',
    'Vendor (vendor.example) did not answer in time',
  ],
  ['somebody', undefined, 'cancelled', 'The login was cancelled.'],
])('a request that %s ended says so', async (_name, reason, code, message) => {
  const controller = new AbortController()
  const fetch = (_url: string, { signal }: RequestInit) => {
    controller.abort(reason)
    return Promise.reject(signal?.reason)
  }
  const error = await askVendor(QUESTION, contextOf({ fetch, signal: controller.signal })).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toMatchObject({ code, message })
})

test('a vendor is not followed to another address', async () => {
  let redirect: string | undefined
  const fetch = (_url: string, init: RequestInit) => {
    redirect = init.redirect
    return Promise.resolve(new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } }))
  }
  expect(isGood(await askVendor(QUESTION, contextOf({ fetch })))).toBe(false)
  expect(redirect).toBe('manual')
})

describe('a refusal', () => {
  test.each([
    ['RFC 6749', { error: 'invalid_grant', error_description: 'Gone.' }, 'invalid_grant', ': invalid_grant, Gone.'],
    [
      'OpenAI',
      { error: { code: 'refresh_token_reused', type: 't', message: 'Used.' } },
      'refresh_token_reused',
      ': refresh_token_reused, Used.',
    ],
    [
      'Anthropic',
      { type: 'error', error: { type: 'rate_limit_error', message: 'Slow.' } },
      'rate_limit_error',
      ': rate_limit_error, Slow.',
    ],
    [
      'Google',
      { error: { code: 403, status: 'PERMISSION_DENIED', message: 'No.' } },
      'PERMISSION_DENIED',
      ': PERMISSION_DENIED, No.',
    ],
    ['nobody', {}, undefined, ''],
  ])('in the words of %s is understood', (_name, fields, code, said) => {
    const answer = { status: 400, headers: new Headers(), fields }
    const error = refusalFrom(answer, { title: 'Vendor', what: 'the code', secrets: [], now: NOW })
    expect(error.code).toBe(code)
    expect(error.message).toBe(`Vendor refused the code (HTTP 400)${said}`)
  })

  test.each([
    ['seconds', { 'retry-after': '30' }, 30_000],
    ['a date', { 'retry-after': new Date(NOW + 60_000).toUTCString() }, 60_000],
    ['milliseconds', { 'retry-after-ms': '7000' }, 7000],
    ['too short a time', { 'retry-after': '0' }, 5000],
    ['days', { 'retry-after': '999999' }, 3_600_000],
    ['nothing', {}, undefined],
    ['words', { 'retry-after': 'soon' }, undefined],
  ])('that names %s is heeded', (_name, headers, expected) => {
    const answer = { status: 429, headers: new Headers(headers), fields: {} }
    const error = refusalFrom(answer, { title: 'Vendor', what: 'the code', secrets: [], now: NOW })
    expect(error.retryAfterMs).toBe(expected)
  })
})

test.each([
  ['escape sequences', 'a\u001b[2Jb\r\n\tc\u009bd', [], 'a [2Jb c d'],
  ['secrets', 'token tok-1 of tok-1', ['tok-1', ''], 'token … of …'],
  ['length', 'x'.repeat(300), [], `${'x'.repeat(200)}…`],
])('a vendor’s words lose %s', (_name, text, secrets, expected) => {
  expect(cleanText(text, secrets)).toBe(expected)
})
