import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Loss } from '../../src/ir/codec.ts'
import { Fault } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { ModelRequest } from '../../src/ir/request.ts'
import { HAS_CORPUS } from '../corpus.ts'
import { CASES, othersOf, type Case } from './exchanges.ts'
import { isTold, missingFacts, requestFacts } from './facts.ts'
import { unacceptedLosses, unusedEntries } from './ledger.ts'
import { mutations } from './mutate.ts'

/** The cases whose request is whole and was not refused by its vendor, each with what it says. */
const REQUESTS = CASES.flatMap((entry) => {
  const { body } = entry.exchange.request
  const request = body && requestOf(entry, body)
  return request ? [{ ...entry, body, request }] : []
})

describe.each(REQUESTS)('the request of $name', ({ codec, body, request }) => {
  test('is the same after its own wire', () => {
    const losses: Loss[] = []
    const again = codec.decodeRequest(wired(codec.encodeRequest(request, (loss) => losses.push(loss))))
    expect(again).toEqual(request)
    expect(losses).toEqual([])
  })

  for (const other of othersOf(codec.protocol)) {
    test(`loses nothing in silence over ${other.protocol}`, () => {
      const there: Loss[] = []
      const back: Loss[] = []
      const foreign = other.decodeRequest(wired(other.encodeRequest(request, (loss) => there.push(loss))))
      const returned = codec.decodeRequest(wired(codec.encodeRequest(foreign, (loss) => back.push(loss))))
      const missing = missingFacts(requestFacts(request), requestFacts(returned))
      expect(missing.filter((fact) => !isTold(fact, there) && !isTold(fact, back))).toEqual([])
      expect(unacceptedLosses(`request ${codec.protocol} → ${other.protocol}`, there)).toEqual([])
      expect(unacceptedLosses(`request ${other.protocol} → ${codec.protocol}`, back)).toEqual([])
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
    return codec.decodeRequest(body)
  } catch (error) {
    if (error instanceof Fault && exchange.response.status >= 400) return undefined
    throw error
  }
}

function wired(body: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(body))
}
