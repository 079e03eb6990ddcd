import { describe, expect, test } from 'bun:test'
import type { Codec } from '../../src/ir/codec.ts'
import { PROTOCOLS } from '../../src/ir/protocol.ts'
import type { ModelEvent } from '../../src/ir/response.ts'
import type { SseEvent } from '../../src/lib/sse.ts'
import { CODECS } from '../../src/protocols/index.ts'
import { contextFor, streamOver } from './context.ts'
import { STREAM_CASES } from './exchanges.ts'
import { grammarBreaches } from './grammar.ts'
import { hasEndMark, readFrames, runStage } from './streams.ts'

/** So many streams of each protocol, the smallest ones, are cut at every byte; `stream.test.ts` cuts all at some. */
const STREAMS = 40
const TIMEOUT_MS = 120_000

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

const SMALLEST = PROTOCOLS.flatMap((protocol) =>
  STREAM_CASES.filter(({ codec }) => codec.protocol === protocol)
    .toSorted((a, b) => a.bytes.length - b.bytes.length)
    .slice(0, STREAMS)
    .map((entry) => ({ ...entry, segments: segmentsOf(entry.bytes) })),
)

describe.each(SMALLEST)('the stream of $name, cut at every byte,', ({ codec, bytes, segments }) => {
  test(
    'ends in one fault unless its vendor said before that it is complete',
    () => {
      const breaches: string[] = []
      for (const { start, end, before } of segments) {
        // Up to where an event ends a reader keeps nothing back: what it makes of a cut depends on the bytes since then.
        for (let at = start + 1; at <= end && at < bytes.length; at++) {
          const frames = [...before, ...readFrames([bytes.subarray(start, at)])]
          const breach = breachOf(codec, frames)
          if (breach !== undefined) breaches.push(`after ${at} of ${bytes.length} bytes: ${breach}`)
        }
      }
      expect(breaches).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'is the same row of events, wherever the network cuts it in two',
    () => {
      const odd: number[] = []
      for (const { start, end } of segments) {
        const whole = readFrames([bytes.subarray(start, end)])
        for (let at = start + 1; at < end; at++) {
          const frames = readFrames([bytes.subarray(start, at), bytes.subarray(at, end)])
          if (!Bun.deepEquals(frames, whole)) odd.push(at)
        }
      }
      expect(odd).toEqual([])
    },
    TIMEOUT_MS,
  )

  test.each(Object.values(CODECS))(
    'never ends cleanly for a client of $protocol when an event is missing',
    (client) => {
      for (const { before } of segments) {
        const events = runStage(codec.streamDecoder(), before)
        if (events.at(-1)?.type !== 'fault') continue
        expect(endOf(streamOver(client, events, contextFor('m', [])))).toBe('fault')
      }
    },
  )
})

test('there are enough streams of every protocol', () => {
  const counts = PROTOCOLS.map((protocol) => SMALLEST.filter(({ codec }) => codec.protocol === protocol).length)
  expect(counts.every((count) => count > 0)).toBe(true)
})

/** A stretch of a stream that ends where an event ends, or with the stream. */
interface Segment {
  readonly start: number
  readonly end: number
  /** All events before it. */
  readonly before: readonly SseEvent[]
}

function segmentsOf(bytes: Uint8Array): readonly Segment[] {
  const segments: Segment[] = []
  let before: readonly SseEvent[] = []
  let start = 0
  for (let at = 1; at <= bytes.length; at++) {
    if (at < bytes.length && !endsEvent(bytes, at)) continue
    segments.push({ start, end: at, before })
    before = [...before, ...readFrames([bytes.subarray(start, at)])]
    start = at
  }
  return segments
}

/** A blank line ends right before this place, whose line ends are LF or CRLF; and none goes on in it. */
function endsEvent(bytes: Uint8Array, at: number): boolean {
  if (bytes[at - 1] !== LINE_FEED || bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN) return false
  return bytes[at - 2] === LINE_FEED || (bytes[at - 2] === CARRIAGE_RETURN && bytes[at - 3] === LINE_FEED)
}

function breachOf(codec: Codec, frames: readonly SseEvent[]): string | undefined {
  const events = runStage(codec.streamDecoder(), frames)
  const ending = endOf(events)
  const isFaithful = ending === 'fault' || (ending === 'finish' && hasEndMark(codec.protocol, frames))
  const departures = grammarBreaches(events)
  return isFaithful && departures.length === 0 ? undefined : `${ending ?? 'nothing'} ${departures.join('; ')}`
}

function endOf(events: readonly ModelEvent[]): ModelEvent['type'] | undefined {
  return events.at(-1)?.type
}
