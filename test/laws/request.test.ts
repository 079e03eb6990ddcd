import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Codec, Loss } from '../../src/ir/codec.ts'
import { Fault } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { ModelRequest } from '../../src/ir/request.ts'
import { presentFields, readObject } from '../../src/lib/json.ts'
import { HAS_CORPUS } from '../corpus.ts'
import { CASES, othersOf, type Case } from './exchanges.ts'
import { missingFacts, requestFacts } from './facts.ts'
import { isRefusalAccepted, unacceptedFacts, unacceptedLosses, unusedEntries, type Way } from './ledger.ts'
import { mutations } from './mutate.ts'

/** The cases whose request is whole and was not refused by its vendor, each with what it says. */
const REQUESTS = CASES.flatMap((entry) => {
  const { body: recorded, path } = entry.exchange.request
  // Google's form of Anthropic's API names the model in the URL.
  const body = recorded && path.includes('awPredict') ? { model: 'claude', ...recorded } : recorded
  const request = body && requestOf(entry, body)
  return request ? [{ ...entry, body, request }] : []
})

describe.each(REQUESTS)('the request of $name', ({ codec, exchange, body, request }) => {
  test('is the same after its own wire', () => {
    const losses: Loss[] = []
    const again = over(codec, request, losses)
    expect(again && withoutUsageWish(again)).toEqual(withoutUsageWish(request))
    expect(losses).toEqual([])
  })

  for (const other of othersOf(codec.protocol)) {
    const way: Way = `request ${codec.protocol} → ${other.protocol}`
    const wayBack: Way = `request ${other.protocol} → ${codec.protocol}`

    test(`loses nothing in silence over ${other.protocol}`, () => {
      const there: Loss[] = []
      const back: Loss[] = []
      const foreign = over(other, request, there)
      if (!foreign) return expect(isRefusalAccepted(way, exchange.hex)).toBe(true)
      const returned = over(codec, foreign, back)
      const missing = missingFacts(requestFacts(request), returned ? requestFacts(returned) : [])
      expect(unacceptedFacts(way, missing, [...there, ...back])).toEqual([])
      expect(unacceptedLosses(way, there)).toEqual([])
      expect(unacceptedLosses(wayBack, back)).toEqual([])
    })
  }

  test('is taken or refused with a fault, whatever stands in its fields', () => {
    const property = fc.property(mutations(body), (mutated) => {
      try {
        codec.decodeRequest(mutated)
      } catch (error) {
        expect(error).toBeInstanceOf(Fault)
      }
    })
    fc.assert(property, { numRuns: 30, seed: 1 })
  })
})

test.skipIf(!HAS_CORPUS)('every accepted loss of a request still occurs', () => {
  expect(unusedEntries('request')).toEqual([])
})

/** What a body says; undefined for one that its vendor refused and we refuse too. */
function requestOf({ codec, exchange }: Case, body: JsonObject): ModelRequest | undefined {
  try {
    const { path } = exchange.request
    const request = codec.decodeRequest(body)
    // Gemini's URL tells both.
    const [, model = request.model, method] = /models\/([^:]+):(\w+)/.exec(path) ?? []
    return method === undefined ? request : { ...request, model, stream: method.startsWith('stream') }
  } catch (error) {
    if (error instanceof Fault && exchange.response.status >= 400) return undefined
    throw error
  }
}

/** A request after one trip over a codec's wire; undefined when it has no form there. */
function over(codec: Codec, request: ModelRequest, losses: Loss[]): ModelRequest | undefined {
  const { model, stream } = request
  try {
    const again = codec.decodeRequest(wired(codec.encodeRequest(request, (loss) => losses.push(loss))))
    return codec.protocol === 'gemini' ? { ...again, model, stream } : again
  } catch (error) {
    if (error instanceof Fault && error.kind === 'invalid-request') return undefined
    throw error
  }
}

/** We ask every Chat upstream to count, whatever our client wants to see of it. */
function withoutUsageWish(request: ModelRequest): ModelRequest {
  const { stream_options: options, ...own } = request.extras?.['openai-chat'] ?? {}
  const { include_usage: _wish, ...rest } = readObject(options) ?? {}
  const chat = presentFields({ ...own, stream_options: presentFields(rest) })
  return { ...request, extras: presentFields({ ...request.extras, 'openai-chat': chat }) }
}

function wired(body: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(body))
}
