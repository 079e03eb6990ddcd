import { describe, expect, test } from 'bun:test'
import { collect } from '../../../src/ir/collect.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { AnswerPart, ModelResponse } from '../../../src/ir/response.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'
import { chunkOf, decodeStream } from './answers.ts'

const seal = (value: string) => ({ maker: 'gemini', kind: 'thought-signature', value }) as const

function answerOf(chunks: readonly unknown[]): ModelResponse {
  return collect(decodeStream(chunks))
}

/** The parts without what is undefined in them. */
function partsOf(chunks: readonly unknown[]): readonly AnswerPart[] {
  return JSON.parse(JSON.stringify(answerOf(chunks).parts))
}

const told = (uri: string, avgLogprobs: number) => ({
  candidates: [{ content: { parts: [{ text: uri }] }, citationMetadata: { citations: [{ uri }] }, avgLogprobs }],
})

describe('the parts of a stream', () => {
  test('of one kind are one part, whatever the chunks', () => {
    const parts = partsOf([
      chunkOf([{ text: 'I ', thought: true }]),
      chunkOf([{ text: 'think.', thought: true }, { text: 'Hel' }]),
      chunkOf([{ text: 'lo' }]),
      chunkOf([{ text: '' }], 'STOP'),
    ])
    expect(parts).toEqual([
      { type: 'reasoning', text: 'I think.' },
      { type: 'text', text: 'Hello' },
    ])
  })

  test('end with their signature', () => {
    const parts = partsOf([
      chunkOf([{ text: 'a' }]),
      chunkOf([{ text: 'b', thoughtSignature: 'S1' }]),
      chunkOf([{ text: 'c' }], 'STOP'),
    ])
    expect(parts).toEqual([
      { type: 'text', text: 'ab', seals: [seal('S1')] },
      { type: 'text', text: 'c' },
    ])
  })

  test('get a signature that comes late', () => {
    const parts = partsOf([
      chunkOf([{ functionCall: { name: 'go', args: { a: 1 } } }]),
      chunkOf([{ thoughtSignature: 'S1' }]),
      chunkOf([{ text: '', thoughtSignature: 'S2' }], 'STOP'),
    ])
    expect(parts).toEqual([
      { type: 'tool-call', id: '', name: 'go', kind: 'function', input: '{"a":1}', seals: [seal('S1'), seal('S2')] },
    ])
  })

  test('keep a signature without words as a thought', () => {
    const parts = partsOf([
      chunkOf([{ text: '', thoughtSignature: 'S1' }]),
      chunkOf([{ text: 'a' }]),
      chunkOf([{ text: '', thought: true, thoughtSignature: 'S2' }], 'STOP'),
    ])
    expect(parts).toEqual([
      { type: 'reasoning', text: '', seals: [seal('S1')] },
      { type: 'text', text: 'a' },
      { type: 'reasoning', text: '', seals: [seal('S2')] },
    ])
  })

  test('are read in snake_case, arguments left as they are', () => {
    const [call] = partsOf([
      {
        candidates: [
          {
            content: {
              parts: [{ function_call: { name: 'go', args: { my_field: { in_ner: 1 } } }, thought_signature: 'S' }],
            },
            finish_reason: 'STOP',
          },
        ],
      },
    ])
    expect(call).toMatchObject({ name: 'go', input: '{"my_field":{"in_ner":1}}', seals: [seal('S')] })
  })

  test('of another candidate are left out', () => {
    const other = { content: { parts: [{ text: 'no' }] }, index: 1, finishReason: 'STOP' }
    const first = { content: { parts: [{ text: 'yes' }] }, index: 0, finishReason: 'STOP' }
    expect(partsOf([{ candidates: [other, first] }])).toEqual([{ type: 'text', text: 'yes' }])
  })

  test('that nobody knows are kept for Gemini', () => {
    const part = { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: 'S' }
    expect(partsOf([chunkOf([part], 'STOP')])).toEqual([{ type: 'opaque', protocol: 'gemini', value: part }])
  })
})

describe('the end of a stream', () => {
  test.each([
    ['STOP', [{ text: 'a' }], 'stop'],
    ['STOP', [{ functionCall: { name: 'go' } }], 'tool-calls'],
    ['UNEXPECTED_TOOL_CALL', [{ functionCall: { name: 'go' } }], 'other'],
    ['MALFORMED_FUNCTION_CALL', [], 'other'],
    ['MAX_TOKENS', [{ functionCall: { name: 'go' } }], 'length'],
    ['SAFETY', [], 'refusal'],
    ['IMAGE_SAFETY', [], 'refusal'],
    ['LANGUAGE', [], 'other'],
    ['SOMETHING_NEW', [{ text: 'a' }], 'other'],
  ] as const)('%s after %j is %s', (word, parts, reason) => {
    expect(answerOf([chunkOf(parts, word)]).finish).toMatchObject({ reason, raw: { protocol: 'gemini', word } })
  })

  test('is a refusal when the prompt was blocked', () => {
    const { parts, finish } = answerOf([{ promptFeedback: { blockReason: 'SAFETY' } }])
    expect(parts).toEqual([])
    expect(finish).toMatchObject({ reason: 'refusal', raw: { word: 'SAFETY' } })
  })

  test('takes text and usage that follow the reason', () => {
    const { parts, usage } = answerOf([
      chunkOf([{ text: 'a' }], 'STOP'),
      chunkOf([{ text: 'b' }]),
      { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, thoughtsTokenCount: 4, totalTokenCount: 9 } },
    ])
    expect(parts).toMatchObject([{ type: 'text', text: 'ab' }])
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 6, reasoningTokens: 4 })
  })

  test('has the last usage that counts anything', () => {
    const { usage } = answerOf([
      { ...chunkOf([{ text: 'a' }]), usageMetadata: { promptTokenCount: 3, toolUsePromptTokenCount: 2 } },
      { ...chunkOf([], 'STOP'), usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 } },
    ])
    expect(usage).toMatchObject({ inputTokens: 5, outputTokens: 0 })
  })

  test('adds up citations, and takes everything else as it was last told', () => {
    const { finish } = answerOf([told('a', 1), told('b', 2), chunkOf([], 'STOP')])
    expect(finish.extras?.gemini).toEqual({
      citationMetadata: { citations: [{ uri: 'a' }, { uri: 'b' }] },
      avgLogprobs: 2,
    })
  })
})

describe('a stream', () => {
  test('begins with the first candidate', () => {
    const decoder = gemini.streamDecoder()
    expect([...decoder.push({ data: '{}' })]).toEqual([])
    expect([...decoder.push({ data: '{"candidates":[],"responseId":"r"}' })]).toEqual([])
    expect([...decoder.push({ data: JSON.stringify({ ...chunkOf([]), modelVersion: 'v' }) })]).toMatchObject([
      { type: 'start', id: 'r', model: 'v' },
    ])
  })

  test('may be one list', () => {
    const chunks = [chunkOf([{ text: 'a' }]), chunkOf([{ text: 'b' }], 'STOP')]
    expect(partsOf([chunks])).toEqual([{ type: 'text', text: 'ab' }])
  })

  test("may come in Code Assist's envelope", () => {
    expect(partsOf([{ response: chunkOf([{ text: 'a' }], 'STOP'), traceId: 't' }])).toEqual([
      { type: 'text', text: 'a' },
    ])
  })

  test.each([
    [{ error: { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE' } }, 'unavailable'],
    [[{ error: { message: 'Too many.', status: 'RESOURCE_EXHAUSTED' } }], 'rate-limit'],
    ['<html>Bad gateway</html>', 'upstream'],
    [[1], 'upstream'],
  ])('ends in a fault at %j', (value, kind) => {
    const events = decodeStream([chunkOf([{ text: 'a' }]), value, chunkOf([], 'STOP')])
    expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { kind } })
  })

  test('that breaks off is no answer', () => {
    expect(() => answerOf([chunkOf([{ text: 'a' }])])).toThrow(Fault)
  })
})

test('a whole answer without a candidate is a fault', () => {
  expect(() => gemini.decodeResponse({ usageMetadata: {}, modelVersion: 'v' })).toThrow('no candidate')
})
