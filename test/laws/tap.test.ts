import { describe, expect, test } from 'bun:test'
import type { Codec, Frame, TapSigns } from '../../src/ir/codec.ts'
import { Fault } from '../../src/ir/fault.ts'
import type { ModelEvent } from '../../src/ir/response.ts'
import type { Usage } from '../../src/ir/usage.ts'
import { readObject } from '../../src/lib/json.ts'
import { CASES, STREAM_CASES } from './exchanges.ts'
import { readFrames, runStage } from './streams.ts'

/** Streams of more frames are looked at where they end. */
const FRAMES_MAX = 200

describe.each(STREAM_CASES)('the tap on the stream of $name', ({ codec, bytes }) => {
  const frames = readFrames([bytes])
  const events = runStage(codec.streamDecoder(), frames)
  const seen = seenOf(codec, frames)
  const ending = events.at(-1)

  test('sees the usage that a translation would tell', () => {
    if (ending?.type === 'finish') expect(countsOf(seen.usage)).toEqual(countsOf(ending.usage))
  })

  test('sees the fault that a translation would tell, and takes no cut for an end', () => {
    expect(seen.isComplete && seen.fault === undefined).toBe(ending?.type === 'finish')
    if (ending?.type === 'fault' && seen.fault) expect(seen.fault.kind).toBe(ending.fault.kind)
  })

  test('knows at every event whether the answer began and whether it is complete', () => {
    const odd = frames.slice(0, FRAMES_MAX).flatMap((_, at) => {
      const until = frames.slice(0, at + 1)
      const told = runStage(codec.streamDecoder(), until)
      const { isComplete, fault, hasContent } = seenOf(codec, until)
      const isWhole = told.at(-1)?.type === 'finish'
      const isSound = (isComplete && fault === undefined) === isWhole && (hasContent || !told.some(isContent))
      return isSound ? [] : [`after event ${at}: isComplete ${isComplete}, hasContent ${hasContent}`]
    })
    expect(odd).toEqual([])
  })
})

describe.each(CASES.filter(({ exchange }) => exchange.response.sse === undefined && exchange.response.status === 200))(
  'the tap on the answer of $name',
  ({ codec, exchange }) => {
    test('sees what a translation would tell', () => {
      const body = readObject(exchange.response.body)
      if (!body) return
      const tap = codec.tap()
      tap.pushBody(body)
      const { usage, fault } = tap.seen
      try {
        expect(countsOf(usage)).toEqual(countsOf(codec.decodeResponse(body).usage))
        expect(fault).toBeUndefined()
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        expect(fault?.kind ?? error.kind).toBe(error.kind)
      }
    })
  },
)

function seenOf(codec: Codec, frames: readonly Frame[]): TapSigns {
  const tap = codec.tap()
  for (const frame of frames) tap.pushFrame(frame)
  return tap.seen
}

function isContent({ type }: ModelEvent): boolean {
  return type === 'part-start'
}

/** A count of none and one that nobody told are the same to an account's ledger. */
function countsOf(usage: Usage | undefined): unknown {
  const { extras: _extras, ...counts } = usage ?? {}
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count))
}
