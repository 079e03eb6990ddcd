import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { STREAM_CASES } from './exchanges.ts'
import { grammarBreaches } from './grammar.ts'
import { comparable, cutsOf, decodeStream, hasEndMark, piecesOf, readFrames } from './streams.ts'

/** Streams up to so many bytes are also fed byte by byte. */
const SINGLE_BYTES_MAX = 100_000
const MUTATIONS = 60
const TIMEOUT_MS = 60_000

describe.each(STREAM_CASES)('the stream of $name', ({ codec, exchange, bytes }) => {
  const { protocol } = exchange
  const whole = decodeStream(codec, [bytes])
  const told = comparable(whole)

  test('keeps the grammar', () => {
    expect(grammarBreaches(whole)).toEqual([])
  })

  test(
    'is read alike however it is cut',
    () => {
      const ways: Uint8Array[][] = cutsOf(bytes.length).map((at) => [bytes.subarray(0, at), bytes.subarray(at)])
      ways.push([...piecesOf(bytes, 7)])
      if (bytes.length <= SINGLE_BYTES_MAX) ways.push([...piecesOf(bytes, 1)])
      // One assertion: thousands of them take longer than the decoding.
      const odd = ways.find((pieces) => !Bun.deepEquals(comparable(decodeStream(codec, pieces)), told))
      if (odd) expect(comparable(decodeStream(codec, odd))).toEqual(told)
    },
    TIMEOUT_MS,
  )

  test(
    'ends in one fault when it is cut off before its end mark, and else in one finish or fault',
    () => {
      const breaches = cutsOf(bytes.length).flatMap((at) => {
        const pieces = [bytes.subarray(0, at)]
        const events = decodeStream(codec, pieces)
        const ending = events.at(-1)?.type
        const isFaithful = ending === 'fault' || (ending === 'finish' && hasEndMark(protocol, readFrames(pieces)))
        const departures = grammarBreaches(events)
        if (isFaithful && departures.length === 0) return []
        return [`after ${at} of ${bytes.length} bytes: ${ending ?? 'nothing'} ${departures.join('; ')}`]
      })
      expect(breaches).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'never makes the decoder throw, whatever its bytes',
    () => {
      const edit = fc.record({ at: fc.nat(bytes.length), length: fc.nat(12), put: fc.uint8Array({ maxLength: 12 }) })
      const property = fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let mutated = Buffer.from(bytes)
        for (const { at, length, put } of edits) {
          mutated = Buffer.concat([mutated.subarray(0, at), put, mutated.subarray(at + length)])
        }
        expect(grammarBreaches(decodeStream(codec, [mutated]))).toEqual([])
      })
      fc.assert(property, { numRuns: bytes.length > SINGLE_BYTES_MAX ? 5 : MUTATIONS, seed: 1 })
    },
    TIMEOUT_MS,
  )
})
