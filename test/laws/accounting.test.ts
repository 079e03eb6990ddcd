import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Codec, Frame } from '../../src/ir/codec.ts'
import { collect, replay } from '../../src/ir/collect.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import type { ModelEvent, ModelResponse } from '../../src/ir/response.ts'
import { parseObject } from '../../src/lib/json.ts'
import { CODECS } from '../../src/protocols/index.ts'
import { contextFor } from './context.ts'
import { ANSWERS } from './exchanges.ts'
import { runStage } from './streams.ts'
import { createStrictAnthropic } from './strict/anthropic.ts'
import { createStrictGemini } from './strict/gemini.ts'
import { createStrictChat } from './strict/openai-chat.ts'
import { createStrictResponses } from './strict/openai-responses.ts'
import type { Answer } from './strict/vendor.ts'
import { CONVENTIONS, objectsOf, TALLIES, usageFrom, withUsage, type Bill, type Tally } from './usages.ts'

const SAYING = { thoughts: 0, isHidden: false, text: 'Hello there.', calls: [] }

/** One answer of each vendor, whose usage is replaced. */
const SAID: Readonly<Record<Protocol, Answer>> = {
  anthropic: createStrictAnthropic('claude-sonnet-4-5').answer(SAYING),
  'openai-chat': createStrictChat('m', { dialect: 'none', hasPoorIds: false, ignoresWords: false }).answer(SAYING),
  'openai-responses': createStrictResponses('gpt-5').answer(SAYING),
  gemini: createStrictGemini('gemini-3-pro', false).answer(SAYING),
}

const TOKENS = fc.oneof(fc.nat(5), fc.nat(2_000_000))
const SUBSET = fc.option(TOKENS, { nil: undefined })

const BILLS: fc.Arbitrary<Bill> = fc.record({
  uncached: TOKENS,
  cacheRead: SUBSET,
  cacheWrite: SUBSET,
  // A vendor that answered has said at least one token: an answer of none is told as no usage at all.
  spoken: TOKENS.map((tokens) => tokens + 1),
  thought: SUBSET,
})

/** The two ways of an answer through a pair of codecs, each giving what its client reads. */
const WAYS: readonly { readonly form: string; readonly read: (pair: Pair, usage: JsonObject) => Tally | undefined }[] =
  [
    { form: 'whole', read: readWhole },
    { form: 'streamed', read: readStreamed },
    { form: 'streamed to a client that waits for the whole', read: readCollected },
  ]

interface Pair {
  readonly client: Codec
  readonly upstream: Codec
}

const PAIRS = CONVENTIONS.flatMap((convention) =>
  Object.values(CODECS).map((client) => ({
    ...convention,
    client,
    to: client.protocol,
    pair: { client, upstream: CODECS[convention.protocol] },
  })),
)

describe.each(PAIRS)('usage of $name for a client of $to', ({ pair, to, write, tellsWrites }) => {
  test.each(WAYS)('adds up, $form', ({ read }) => {
    const property = fc.property(BILLS, (drawn) => {
      const bill = tellsWrites ? drawn : { ...drawn, cacheWrite: undefined }
      expect(read(pair, JSON.parse(JSON.stringify(write(bill))))).toEqual(expectedFor(bill, to))
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })

  test.each(WAYS)('is never negative nor no number, whatever the vendor counted, $form', ({ read }) => {
    const odd = fc.oneof(TOKENS, fc.constantFrom(null, undefined, '7', {}))
    const shape = Object.keys(write({ uncached: 1, cacheRead: 1, cacheWrite: 1, spoken: 1, thought: 1 }))
    const usages = fc.record(Object.fromEntries(shape.map((name) => [name, odd])))
    const property = fc.property(usages, (usage) => {
      for (const tokens of Object.values(read(pair, JSON.parse(JSON.stringify(usage))) ?? {}))
        expect(tokens === undefined || (Number.isInteger(tokens) && tokens >= 0)).toBe(true)
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })
})

describe.each(ANSWERS)('the usage of $name', ({ response }) => {
  test.each(Object.values(CODECS))('adds up for a client of $protocol, whole and streamed', (client) => {
    const { usage } = response
    const whole = client.encodeResponse(response, contextFor('m', []))
    const streamed = objectsOf(runStage(client.streamEncoder(contextFor('m', [])), replay(response)))
    for (const answer of [[JSON.parse(JSON.stringify(whole))], streamed]) {
      const told = usageFrom(answer)
      const { total, ...tally } = TALLIES[client.protocol](told ?? {})
      expect(tally).toEqual({
        input: usage?.inputTokens ?? 0,
        cacheRead: usage?.cacheReadTokens ?? 0,
        cacheWrite: client.protocol === 'gemini' ? 0 : (usage?.cacheWriteTokens ?? 0),
        output: usage?.outputTokens ?? 0,
        reasoning: usage?.reasoningTokens ?? 0,
      })
      // A vendor's own total goes to its own clients as it told it.
      const isOwn = usage?.extras?.[client.protocol] !== undefined
      expect(isOwn || total === undefined || total === tally.input + tally.output).toBe(true)
    }
  })
})

function readWhole({ client, upstream }: Pair, usage: JsonObject): Tally | undefined {
  const body = parseObject(JSON.stringify(withUsage(SAID[upstream.protocol].body, usage))) ?? {}
  return tallyOf(client, [wholeFor(client, upstream.decodeResponse(body))])
}

function readStreamed({ client, upstream }: Pair, usage: JsonObject): Tally | undefined {
  const events = streamFrom(upstream, usage)
  return tallyOf(client, objectsOf(runStage(client.streamEncoder(contextFor('m', [])), events)))
}

function readCollected({ client, upstream }: Pair, usage: JsonObject): Tally | undefined {
  return tallyOf(client, [wholeFor(client, collect(streamFrom(upstream, usage)))])
}

function streamFrom(upstream: Codec, usage: JsonObject): readonly ModelEvent[] {
  const frames = SAID[upstream.protocol].frames.map((frame): Frame => {
    const event = parseObject(frame.data)
    return event ? { ...frame, data: JSON.stringify(withUsage(event, usage)) } : frame
  })
  return runStage(upstream.streamDecoder(), frames)
}

function wholeFor(client: Codec, response: ModelResponse): JsonObject {
  return JSON.parse(JSON.stringify(client.encodeResponse(response, contextFor('m', []))))
}

function tallyOf({ protocol }: Codec, answer: readonly JsonObject[]): Tally | undefined {
  const usage = usageFrom(answer)
  return usage && TALLIES[protocol](usage)
}

function expectedFor({ uncached, cacheRead = 0, cacheWrite = 0, spoken, thought = 0 }: Bill, client: Protocol): Tally {
  const input = uncached + cacheRead + cacheWrite
  const output = spoken + thought
  return {
    input,
    cacheRead,
    // Gemini's clients have no word for it: it is part of the input.
    cacheWrite: client === 'gemini' ? 0 : cacheWrite,
    output,
    reasoning: thought,
    total: client === 'anthropic' ? undefined : input + output,
  }
}
