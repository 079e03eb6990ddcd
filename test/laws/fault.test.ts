import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Fault, FAULT_KINDS } from '../../src/ir/fault.ts'
import { CODECS } from '../../src/protocols/index.ts'
import { CASES } from './exchanges.ts'

const KINDS = Object.entries(FAULT_KINDS).map(([kind, { status }]) => ({ kind, status }))

const REFUSALS = CASES.filter(({ exchange }) => exchange.response.status >= 400).map((entry) => {
  const { body, headers, status } = entry.exchange.response
  return {
    ...entry,
    status,
    headers: new Headers(headers),
    text: typeof body === 'string' ? body : (JSON.stringify(body) ?? ''),
  }
})

describe.each(REFUSALS)('the refusal of $name', ({ codec, status, headers, text }) => {
  const fault = codec.decodeFault(status, headers, text)

  test('keeps its status and says something', () => {
    expect(fault.upstream?.status).toBe(status)
    expect(fault.message.trim()).not.toBe('')
    expect(fault.message).not.toContain('[object')
  })

  test.each(Object.values(CODECS))('is still of its kind in the words of $protocol', (other) => {
    const again = other.decodeFault(fault.status, new Headers(), JSON.stringify(other.encodeFault(fault)))
    expect(again.kind).toBe(fault.kind)
    expect(again.message).toBe(fault.message)
  })
})

describe.each(Object.values(CODECS))('faults in $protocol', (codec) => {
  test.each(KINDS)('$kind keeps its status', ({ kind, status }) => {
    const known = Object.keys(FAULT_KINDS).find((name): name is keyof typeof FAULT_KINDS => name === kind) ?? 'server'
    const body = codec.encodeFault(new Fault(known, 'It went wrong.'))
    const { status: read, message } = codec.decodeFault(status, new Headers(), JSON.stringify(body))
    expect([read, message]).toEqual([status, 'It went wrong.'])
  })

  test('no body makes the decoder throw', () => {
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((error) => JSON.stringify({ error })),
    )
    const property = fc.property(fc.integer({ min: 300, max: 599 }), body, (status, text) => {
      expect(codec.decodeFault(status, new Headers(), text)).toBeInstanceOf(Fault)
    })
    fc.assert(property, { numRuns: 500, seed: 1 })
  })
})
