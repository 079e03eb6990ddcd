import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'

const body = (type: string, message = 'm'): string =>
  JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' })

describe('an upstream’s error', () => {
  test.each([
    [400, body('invalid_request_error'), 'invalid-request', 'm'],
    [401, body('authentication_error'), 'authentication', 'm'],
    [402, body('billing_error'), 'billing', 'm'],
    [403, body('permission_error'), 'permission', 'm'],
    [404, body('not_found_error'), 'not-found', 'm'],
    [413, body('request_too_large'), 'too-large', 'm'],
    [429, body('rate_limit_error'), 'rate-limit', 'm'],
    [500, body('overloaded_error'), 'overloaded', 'm'],
    [500, body('api_error'), 'server', 'm'],
    [504, body('timeout_error'), 'timeout', 'm'],
    [529, body('overloaded_error'), 'overloaded', 'm'],
    [400, '{"error":"plain"}', 'invalid-request', 'plain'],
    [422, '{"detail":"said"}', 'invalid-request', 'said'],
    [
      502,
      '<html><head><title>502 Bad Gateway</title></head><body>…</body></html>',
      'upstream',
      'The upstream answered with HTTP status 502: 502 Bad Gateway',
    ],
    [503, '', 'unavailable', 'The upstream answered with HTTP status 503 and no message.'],
    [302, 'moved', 'upstream', 'The upstream answered with HTTP status 302: moved'],
  ])('of status %d: %s', (status, text, kind, message) => {
    const fault = anthropic.decodeFault(status, new Headers(), text)
    expect({ kind: fault.kind, message: fault.message }).toEqual({ kind, message } as never)
    expect(fault.status).toBe(status >= 400 ? status : 502)
    expect(fault.upstream).toMatchObject({ protocol: 'anthropic', status, body: text })
  })

  test.each([
    [{ 'retry-after': '2.5' }, 2500],
    [{ 'retry-after-ms': '300', 'retry-after': '9' }, 300],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, undefined],
    [{}, undefined],
  ])('says when to come back: %j', (headers, retryAfterMs) => {
    expect(
      anthropic.decodeFault(429, new Headers(headers as Record<string, string>), body('rate_limit_error')).retryAfterMs,
    ).toBe(retryAfterMs)
  })

  test('keeps its vendor’s word for a client of the same vendor, and for nobody else', () => {
    const upstream = { status: 400, body: '', type: 'odd_error' }
    const own = new Fault('invalid-request', 'm', {
      upstream: { ...upstream, protocol: 'anthropic' },
      details: { a: 1 },
    })
    const foreign = new Fault('invalid-request', 'm', {
      upstream: { ...upstream, protocol: 'gemini' },
      details: { a: 1 },
    })
    expect(anthropic.encodeFault(own)).toEqual({
      type: 'error',
      error: { type: 'odd_error', message: 'm', details: { a: 1 } },
    })
    expect(anthropic.encodeFault(foreign)).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'm' },
    })
  })
})
