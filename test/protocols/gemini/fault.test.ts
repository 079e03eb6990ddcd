import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'

const RETRY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' }
const errorOf = (code: number, fields: object): string => JSON.stringify({ error: { code, message: 'No.', ...fields } })

describe("an upstream's error", () => {
  test.each([
    [400, errorOf(400, { details: [{ reason: 'API_KEY_INVALID' }] }), 'authentication', 401],
    [400, errorOf(400, { status: 'INVALID_ARGUMENT' }), 'invalid-request', 400],
    [403, errorOf(403, { details: [{ reason: 'SERVICE_DISABLED' }] }), 'permission', 403],
    [503, errorOf(503, { status: 'UNAVAILABLE' }), 'unavailable', 503],
    [504, errorOf(504, { status: 'DEADLINE_EXCEEDED' }), 'timeout', 504],
    [429, `[${errorOf(429, { status: 'RESOURCE_EXHAUSTED' })}]`, 'rate-limit', 429],
    [502, '<html><title>Bad gateway</title></html>', 'upstream', 502],
  ] as const)('of %s and %s is of kind %s', (status, body, kind, told) => {
    const fault = gemini.decodeFault(status, new Headers(), body)
    expect([fault.kind, fault.status]).toEqual([kind, told])
    expect(fault.message).not.toBe('')
  })

  test.each([
    [[RETRY], '', 34_075],
    [[{ metadata: { quotaResetDelay: '1h2m3.5s' } }], '', 3_723_500],
    [[{ retryDelay: { seconds: 7 } }], '', 7000],
    [[], 'Please retry in 12.5s.', 12_500],
    [[], 'Your quota will reset after 13h4m2s.', 47_042_000],
    [[], 'No.', undefined],
  ])('with the details %j and the message %j asks for %s ms', (details, message, retryAfterMs) => {
    const body = errorOf(429, { details, message })
    expect(gemini.decodeFault(429, new Headers(), body).retryAfterMs).toBe(retryAfterMs)
  })

  test('keeps its details for a client of Gemini, and for no other', () => {
    const fault = gemini.decodeFault(
      429,
      new Headers(),
      errorOf(429, { status: 'RESOURCE_EXHAUSTED', details: [RETRY] }),
    )
    expect(gemini.encodeFault(fault)).toEqual({
      error: { code: 429, message: 'No.', status: 'RESOURCE_EXHAUSTED', details: [RETRY] },
    })
    const foreign = new Fault('rate-limit', 'No.', {
      details: { quota: 1 },
      upstream: { protocol: 'anthropic', status: 429, body: '', type: 'rate_limit_error' },
    })
    expect(gemini.encodeFault(foreign)).toEqual({
      error: { code: 429, message: 'No.', status: 'RESOURCE_EXHAUSTED', details: undefined },
    })
  })
})
