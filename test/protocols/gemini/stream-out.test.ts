import { describe, expect, test } from 'bun:test'
import type { Loss } from '../../../src/ir/codec.ts'
import { replay } from '../../../src/ir/collect.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { Seal } from '../../../src/ir/part.ts'
import type { AnswerPart, Finish, ModelResponse } from '../../../src/ir/response.ts'
import { readObject, readObjects, type Fields } from '../../../src/lib/json.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'
import { wrapSealsAsBytes } from '../../../src/protocols/shared/seal.ts'
import { contextFor, encodeStream } from './answers.ts'

const OWN: Seal = { maker: 'gemini', kind: 'thought-signature', value: 'S' }
const FOREIGN: Seal = { maker: 'anthropic', kind: 'signature', value: 'A' }

function answer(parts: readonly AnswerPart[], finish: Finish = { reason: 'stop' }): ModelResponse {
  return { id: 'r', parts, finish, usage: { inputTokens: 10, outputTokens: 7, cacheReadTokens: 4, reasoningTokens: 5 } }
}

function partsIn(chunk: Fields): readonly Fields[] {
  const [candidate] = readObjects(chunk['candidates'])
  return readObjects(readObject(candidate?.['content'])?.['parts'])
}

const text = (seals: readonly Seal[]): AnswerPart => ({ type: 'text', text: 'a', seals })
const thought = (said: string, seals: readonly Seal[]): AnswerPart => ({ type: 'reasoning', text: said, seals })
const call = (input: string): AnswerPart => ({ type: 'tool-call', id: '', name: 'go', kind: 'function', input })

test('a stream is chunks that are whole answers, the last with finish and usage', () => {
  expect(
    encodeStream([
      { type: 'start', id: 'r', model: 'v' },
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'part-delta', index: 0, delta: 'He said ' },
      { type: 'part-delta', index: 0, delta: '"hi"' },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, part: { type: 'tool-call', id: 'c1', name: 'go', kind: 'function' } },
      { type: 'part-delta', index: 1, delta: '{"a":' },
      { type: 'part-delta', index: 1, delta: '1}' },
      { type: 'part-end', index: 1 },
      {
        type: 'finish',
        finish: { reason: 'tool-calls' },
        usage: { inputTokens: 10, outputTokens: 7, reasoningTokens: 5 },
      },
    ]).map((chunk) => JSON.stringify(chunk)),
  ).toMatchInlineSnapshot(`
    [
      "{"candidates":[{"content":{"role":"model","parts":[{"text":"He said "}]},"index":0}],"modelVersion":"m","responseId":"r"}",
      "{"candidates":[{"content":{"role":"model","parts":[{"text":"\\"hi\\""}]},"index":0}],"modelVersion":"m","responseId":"r"}",
      "{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c1","name":"go","args":{"a":1}}}]},"index":0}],"modelVersion":"m","responseId":"r"}",
      "{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":5,"totalTokenCount":17},"modelVersion":"m","responseId":"r"}",
    ]
  `)
})

describe('a call', () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    ['', {}],
    ['[1]', { input: [1] }],
    ['{"a":"b', { a: 'b' }],
    ['nonsense', {}],
  ])('with the input %j has the arguments %j', (input, args) => {
    const [chunk = {}] = encodeStream([...replay(answer([call(input)]))])
    expect(partsIn(chunk)).toEqual([{ functionCall: { name: 'go', args } }])
    const whole = readObjects(gemini.encodeResponse(answer([call(input)]), contextFor())['candidates'])
    expect(whole).toMatchObject([{ content: { parts: [{ functionCall: { name: 'go', args } }] } }])
  })

  test('of free text has it as its input', () => {
    const part: AnswerPart = { type: 'tool-call', id: 'x', name: 'go', kind: 'custom', input: 'ls -l' }
    const [chunk = {}] = encodeStream([...replay(answer([part]))])
    expect(partsIn(chunk)).toEqual([{ functionCall: { id: 'x', name: 'go', args: { input: 'ls -l' } } }])
  })

  test('that the limit cut short is left out and told', () => {
    const losses: Loss[] = []
    const cut = answer([call('{"a":1}'), call('{"file":"half a f')], { reason: 'length' })
    const said = encodeStream([...replay(cut)], losses).flatMap(partsIn)
    expect(said).toEqual([{ functionCall: { name: 'go', args: { a: 1 } } }, { text: '' }])
    expect(losses).toEqual([{ path: 'parts.1.input', reason: 'tool-input' }])
    expect(gemini.decodeResponse(gemini.encodeResponse(cut, contextFor())).parts).toHaveLength(1)
  })
})

describe('seals', () => {
  test.each([
    ["Gemini's own of a text", text([OWN]), { text: '', thoughtSignature: 'S' }],
    ["Gemini's own of a thought", thought('a', [OWN]), { text: '', thought: true, thoughtSignature: 'S' }],
    [
      'a foreign one of a text',
      text([FOREIGN]),
      { text: '', thought: true, thoughtSignature: wrapSealsAsBytes({ seals: [FOREIGN] }) },
    ],
    [
      'a foreign one of a thought without words',
      thought('', [FOREIGN]),
      { text: '', thought: true, thoughtSignature: wrapSealsAsBytes({ seals: [FOREIGN], text: '' }) },
    ],
  ])('%s comes after its words', (_name, part, last) => {
    const chunks = encodeStream([...replay(answer([part]))])
    expect(partsIn(chunks.at(-2) ?? {})).toEqual([last])
  })

  test.each([
    ['a text', [text([FOREIGN])]],
    ['a thought', [thought('a', [FOREIGN, OWN])]],
    ['a thought without words after a text', [{ type: 'text', text: 'b' } as const, thought('', [FOREIGN])]],
    ['a call', [{ ...call('{}'), seals: [FOREIGN] }]],
    ['a call, two of them', [{ ...call('{}'), seals: [OWN, { ...OWN, value: 'T' }] }]],
  ])('of %s come back to it, whole and streamed', (_name, parts) => {
    const whole = gemini.decodeResponse(gemini.encodeResponse(answer(parts), contextFor()))
    expect(whole.parts.map(({ type, seals }) => [type, seals])).toEqual(parts.map(({ type, seals }) => [type, seals]))
    const decoder = gemini.streamDecoder()
    const ends = encodeStream([...replay(answer(parts))])
      .flatMap((chunk) => [...decoder.push({ data: JSON.stringify(chunk) })])
      .concat(...decoder.end())
      .filter((event) => event.type === 'part-end')
    expect(ends.map(({ seals }) => seals)).toEqual(parts.map(({ seals }) => seals))
  })
})

test.each([
  [{ reason: 'stop' }, 'STOP'],
  [{ reason: 'tool-calls' }, 'STOP'],
  [{ reason: 'length' }, 'MAX_TOKENS'],
  [{ reason: 'refusal' }, 'SAFETY'],
  [{ reason: 'other' }, 'OTHER'],
  [{ reason: 'other', raw: { protocol: 'gemini', word: 'NO_IMAGE' } }, 'NO_IMAGE'],
  [{ reason: 'other', raw: { protocol: 'anthropic', word: 'pause_turn' } }, 'OTHER'],
] as const)('the end %j is %s', (finish, word) => {
  expect(encodeStream([...replay(answer([], finish))])).toMatchObject([{ candidates: [{ finishReason: word }] }])
})

test("usage stands in Gemini's counts, thoughts beside the answer", () => {
  expect(gemini.encodeResponse(answer([]), contextFor())['usageMetadata']).toEqual({
    promptTokenCount: 10,
    cachedContentTokenCount: 4,
    candidatesTokenCount: 2,
    thoughtsTokenCount: 5,
    totalTokenCount: 17,
  })
})

test('a blocked prompt stays one for a client of Gemini', () => {
  const body = { promptFeedback: { blockReason: 'SAFETY' }, responseId: 'r', usageMetadata: { trafficType: 'T' } }
  const blocked = gemini.decodeResponse(body)
  const expected = { ...body, modelVersion: 'm' }
  expect(gemini.encodeResponse(blocked, contextFor())).toEqual(expected)
  expect(encodeStream([...replay(blocked)])).toEqual([expected])
})

test('a fault is an error in the place of a chunk', () => {
  const fault = new Fault('rate-limit', 'Slow down.', { retryAfterMs: 1500 })
  expect(encodeStream([{ type: 'start' }, { type: 'fault', fault }])).toEqual([
    {
      error: {
        code: 429,
        message: 'Slow down.',
        status: 'RESOURCE_EXHAUSTED',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }],
      },
    },
  ])
})
