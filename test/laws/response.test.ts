import { describe, expect, test } from 'bun:test'
import type { Codec, Loss } from '../../src/ir/codec.ts'
import { collect, replay } from '../../src/ir/collect.ts'
import type { ModelResponse } from '../../src/ir/response.ts'
import { parseJson, readArray } from '../../src/lib/json.ts'
import { HAS_CORPUS } from '../corpus.ts'
import { contextFor, overStream, overWire, streamOver } from './context.ts'
import { ANSWERS, CASES, othersOf } from './exchanges.ts'
import { answerFacts, missingFacts, ownFacts } from './facts.ts'
import { grammarBreaches } from './grammar.ts'
import { unacceptedFacts, unacceptedLosses, unusedEntries, type Way } from './ledger.ts'
import { decodeStream } from './streams.ts'

const TRIPS = [
  { form: 'whole', trip: overWire },
  { form: 'streamed', trip: overStream },
]

describe.each(ANSWERS)('the answer of $name', ({ codec, response }) => {
  test('is what its own events tell', () => {
    expect(grammarBreaches([...replay(response)])).toEqual([])
    expect(collect(replay(response))).toEqual(response)
  })

  test.each(TRIPS)('keeps everything over its own wire, $form', ({ trip }) => {
    const way: Way = `answer ${codec.protocol} → ${codec.protocol}`
    const losses: Loss[] = []
    const back = trip(codec, response, losses)
    const missing = missingFacts(
      [...answerFacts(response), ...ownFacts(response)],
      [...answerFacts(back), ...ownFacts(back)],
    )
    expect(unacceptedFacts(way, missing, losses)).toEqual([])
    expect(unacceptedLosses(way, losses)).toEqual([])
  })

  for (const other of othersOf(codec.protocol)) {
    const way: Way = `answer ${codec.protocol} → ${other.protocol}`
    const wayBack: Way = `answer ${other.protocol} → ${codec.protocol}`

    test.each(TRIPS)(`loses nothing in silence over ${other.protocol}, $form`, ({ trip }) => {
      const there: Loss[] = []
      const back: Loss[] = []
      const returned = trip(codec, trip(other, response, there), back)
      const missing = missingFacts(answerFacts(response), answerFacts(returned))
      expect(unacceptedFacts(way, missing, [...there, ...back])).toEqual([])
      expect(unacceptedLosses(way, there)).toEqual([])
      expect(unacceptedLosses(wayBack, back)).toEqual([])
    })

    // A call that was cut short has no whole form.
    if (!hasWholeCalls(response)) continue
    test(`is written to a client of ${other.protocol} alike, whole and streamed`, () => {
      const [whole, streamed] = [overWire(other, response, []), overStream(other, response, [])]
      expect(toldTo(other, streamed)).toEqual(toldTo(other, whole))
    })
  }
})

describe.each(CASES.filter(({ codec, exchange }) => isBroken(codec, exchange.response.sse)))(
  'the break of $name',
  ({ codec, exchange }) => {
    const events = decodeStream(codec, [new TextEncoder().encode(exchange.response.sse)])
    for (const other of [codec, ...othersOf(codec.protocol)]) {
      test(`stays a break for a client of ${other.protocol}`, () => {
        const seen = streamOver(other, events, contextFor('m', []))
        expect(grammarBreaches(seen)).toEqual([])
        expect(seen.at(-1)?.type).toBe('fault')
      })
    }
  },
)

test.skipIf(!HAS_CORPUS)('every accepted loss of an answer still occurs', () => {
  expect(unusedEntries('answer')).toEqual([])
})

function hasWholeCalls({ parts }: ModelResponse): boolean {
  return parts.every(
    (part) => part.type !== 'tool-call' || part.kind === 'custom' || parseJson(part.input || '{}') !== undefined,
  )
}

/** What a client sees. A whole message of Chat keeps no order among text, calls and the seals of both. */
function toldTo({ protocol }: Codec, response: ModelResponse): unknown {
  const facts = answerFacts(response)
  const seals = response.parts.map((part) => part.seals)
  if (protocol !== 'openai-chat') return { facts, seals }
  const said = Map.groupBy(facts, ({ kind }) => kind)
  return {
    // Several texts are one there.
    facts: [...said].map(([kind, of]) => `${kind} ${of.map(({ text }) => text).join('')}`).toSorted(),
    seals: new Set(
      seals
        .flatMap((list) => list ?? [])
        .flatMap((seal) => (seal.kind === 'details' ? readArray(parseJson(seal.value)) : [seal]))
        .map((seal) => JSON.stringify(seal)),
    ),
  }
}

function isBroken(codec: Codec, sse: string | undefined): boolean {
  return sse !== undefined && decodeStream(codec, [new TextEncoder().encode(sse)]).at(-1)?.type === 'fault'
}
