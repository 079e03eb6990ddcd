import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { collect } from '../../../src/ir/collect.ts'
import type { AnswerPart } from '../../../src/ir/response.ts'
import { answerOf, callDelta, chunk, decode, ending, usageChunk } from './chunks.ts'

function saidBy(parts: readonly AnswerPart[]): readonly string[] {
  return parts.map((part) => {
    if (part.type === 'tool-call') return `call ${part.name}(${part.input})`
    return part.type === 'text' || part.type === 'reasoning' ? `${part.type} ${part.text}` : part.type
  })
}

function detail(text: string): object {
  return { type: 'reasoning.text', text, index: 0 }
}

describe('where vendors show the thinking', () => {
  test.each([
    ['reasoning_content', [{ reasoning_content: 'a' }, { reasoning_content: 'b' }], ['reasoning ab']],
    ['reasoning', [{ reasoning: 'a' }, { reasoning: 'b', content: '' }], ['reasoning ab']],
    ['details alone', [{ reasoning_details: [detail('a')] }, { reasoning_details: [detail('b')] }], ['reasoning ab']],
    ['a field and details that repeat it', [{ reasoning: 'a', reasoning_details: [detail('a')] }], ['reasoning a']],
    ['both fields at once', [{ reasoning: 'a', reasoning_content: 'a' }], ['reasoning a']],
    [
      "Mistral's list of parts",
      [
        {
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'a' }] },
            { type: 'text', text: 'b' },
          ],
        },
        { content: 'c' },
      ],
      ['reasoning a', 'text bc'],
    ],
    [
      'nulls and empty strings beside text',
      [
        { reasoning_content: null, content: '' },
        { reasoning_content: '', content: 'x' },
      ],
      ['text x'],
    ],
  ])('%s is read once', (_, deltas, expected) => {
    expect(saidBy(answerOf(...deltas.map((delta) => chunk(delta)), ending('stop')).parts)).toEqual(expected)
  })

  test('the field and the details are sealed, so that they go back where they came from', () => {
    const [part] = answerOf(
      chunk({ reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a', index: 0 }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'b', signature: 's', index: 0 }] }),
      ending('stop'),
    ).parts
    expect(part?.seals).toEqual([
      { maker: 'openai-chat', kind: 'field', value: 'reasoning' },
      {
        maker: 'openai-chat',
        kind: 'details',
        value: '[{"type":"reasoning.text","text":"ab","index":0,"signature":"s"}]',
      },
    ])
  })

  test('an encrypted detail after the text becomes thinking that shows nothing', () => {
    const { parts } = answerOf(
      chunk({ content: 'hi' }),
      chunk({ content: '', reasoning_details: [{ type: 'reasoning.encrypted', data: 'xyz' }] }),
      ending('stop'),
    )
    expect(saidBy(parts)).toEqual(['text hi', 'reasoning '])
    expect(parts[1]?.seals).toEqual([
      { maker: 'openai-chat', kind: 'details', value: '[{"type":"reasoning.encrypted","data":"xyz"}]' },
    ])
  })
})

describe('tool calls', () => {
  test.each([
    [
      'of one call, its name repeated and then blank',
      [callDelta(0, 'a', 'f', ''), callDelta(0, 'a', 'f', '{"x"'), callDelta(0, '', '', ':1}')],
      ['call f({"x":1})'],
    ],
    [
      'without an index, told apart by their ids',
      [callDelta(undefined, 'a', 'f', '{}'), callDelta(undefined, 'b', 'f', '{}')],
      ['call f({})', 'call f({})'],
    ],
    [
      'without index or id, told apart by their names',
      [
        callDelta(undefined, undefined, 'f', '{'),
        callDelta(undefined, undefined, undefined, '}'),
        callDelta(undefined, undefined, 'g', '{}'),
      ],
      ['call f({})', 'call g({})'],
    ],
    [
      'that all claim index 0',
      [callDelta(0, 'a', 'f', '{}'), callDelta(0, 'b', 'g', '{}')],
      ['call f({})', 'call g({})'],
    ],
    ['with an object as arguments', [callDelta(0, 'a', 'f', { x: 1 })], ['call f({"x":1})']],
    [
      'whose name comes late',
      [callDelta(0, 'a', undefined, '{"x"'), callDelta(0, undefined, 'f', ':1}')],
      ['call f({"x":1})'],
    ],
    ['whose name never comes', [callDelta(0, 'a', '', '{"x":1}')], ['call unnamed_tool({"x":1})']],
    ['that are none', [callDelta(0, '', '', '')], []],
    [
      'of the older form',
      [{ function_call: { name: 'f', arguments: '{"x"' } }, { function_call: { arguments: ':1}' } }],
      ['call f({"x":1})'],
    ],
    [
      'with text in the middle',
      [callDelta(0, 'a', 'f', '{"x"'), { content: 'late' }, callDelta(0, undefined, undefined, ':1}')],
      ['call f({"x":1})', 'text late'],
    ],
  ])('%s', (_, deltas, expected) => {
    const answer = answerOf(...deltas.map((delta) => chunk(delta)), ending('tool_calls'))
    expect(saidBy(answer.parts)).toEqual(expected)
    expect(answer.finish.reason).toBe(expected.length > 0 ? 'tool-calls' : 'stop')
  })

  test('however their pieces interleave, each comes out whole and in the order in which it began', () => {
    const inputs = fc.array(fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(inputs, fc.infiniteStream(fc.nat()), (values, random) => {
        const pick = (): number => random.next().value ?? 0
        const rest = values.map((value) => Array.from(JSON.stringify(value)))
        const deltas = values.map((_, at) => callDelta(at, `id${at}`, `f${at}`, ''))
        while (rest.some((pieces) => pieces.length > 0)) {
          const at = pick() % rest.length
          const taken = rest[at]?.splice(0, 1 + (pick() % 5)) ?? []
          if (taken.length > 0) deltas.push(callDelta(at, undefined, undefined, taken.join('')))
        }
        const { parts } = answerOf(...deltas.map((delta) => chunk(delta)), ending('tool_calls'))
        expect(saidBy(parts)).toEqual(values.map((value, at) => `call f${at}(${JSON.stringify(value)})`))
      }),
      { numRuns: 200 },
    )
  })

  test("a signature of Google's is sealed on its call", () => {
    const call = {
      index: 0,
      id: 'a',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: 'sig' } },
    }
    const [part] = answerOf(chunk({ tool_calls: [call] }), ending('tool_calls')).parts
    expect(part?.seals).toEqual([{ maker: 'openai-chat', kind: 'thought-signature', value: 'sig' }])
  })
})

describe('the end', () => {
  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'refusal'],
    ['eos', 'stop'],
    ['something_new', 'other'],
    ['tool_calls', 'stop'],
  ] as const)('the word %s without a call means %s', (word, reason) => {
    expect(answerOf(chunk({ content: 'x' }), ending(word)).finish).toMatchObject({
      reason,
      raw: { protocol: 'openai-chat', word },
    })
  })

  test('whoever has calls must run them, whatever the word', () => {
    expect(answerOf(chunk(callDelta(0, 'a', 'f', '{}')), ending('stop')).finish).toMatchObject({
      reason: 'tool-calls',
      raw: { word: 'stop' },
    })
  })

  test('[DONE] without a finish word ends the answer', () => {
    const events = decode(chunk({ content: 'x' }), '[DONE]', chunk({ content: 'late' }))
    expect(events.map(({ type }) => type)).toEqual(['start', 'part-start', 'part-delta', 'part-end', 'finish'])
  })

  test('a finish word without [DONE] is an end, also when it comes twice', () => {
    expect(collect(decode(chunk({ content: 'x' }), ending('stop'), ending('stop'))).finish.reason).toBe('stop')
  })

  test.each([
    ['nothing at all', []],
    ['nothing but the mark of the end', ['[DONE]']],
    ['no finish', [chunk({ content: 'x' })]],
    ['a frame that is no JSON', [chunk({ content: 'x' }), '{"id":', '[DONE]']],
    ['the finish word error', [chunk({ content: 'x' }), ending('error'), '[DONE]']],
  ])('a stream with %s ends in one fault', (_, sent) => {
    const events = decode(...sent)
    expect(events.filter(({ type }) => type === 'fault' || type === 'finish').map(({ type }) => type)).toEqual([
      'fault',
    ])
    expect(events.at(-1)?.type).toBe('fault')
  })

  test('a frame that is no JSON does no harm after the finish', () => {
    expect(decode(chunk({ content: 'x' }), ending('stop'), '{"id":').at(-1)?.type).toBe('finish')
  })
})

describe('errors inside a stream', () => {
  test.each([
    ['an object', { error: { message: 'Too many', code: 429 } }, 'rate-limit', 'Too many'],
    ['a string', { error: 'It broke' }, 'upstream', 'It broke'],
    [
      'beside choices',
      { ...chunk({ content: '' }), error: { code: 'server_error', message: 'Gone' } },
      'server',
      'Gone',
    ],
    ['in the choice', chunk({}, { error: { code: 502, message: 'Gone' } }), 'upstream', 'Gone'],
    ['code and message alone', { code: '400', message: 'Bad' }, 'invalid-request', 'Bad'],
    ["MiniMax's", { base_resp: { status_code: 1008, status_msg: 'No money' }, choices: null }, 'upstream', 'No money'],
    ["MiniMax's", { base_resp: { status_code: 1008, status_msg: 'No money' }, choices: null }, 'upstream', 'No money'],
    ['detail alone', { detail: 'Not allowed' }, 'upstream', 'Not allowed'],
    ['nested twice', { error: { error: { message: 'Deep', type: 'overloaded_error' } } }, 'overloaded', 'Deep'],
  ] as const)('%s', (_, sent, kind, message) => {
    const last = decode(chunk({ content: 'x' }), sent, '[DONE]').at(-1)
    expect(last).toMatchObject({ type: 'fault', fault: { kind, message } })
  })

  test('no error, and so no fault, is null or empty', () => {
    expect(decode({ ...chunk({ content: 'x' }), error: null }, ending('stop'), '[DONE]').at(-1)?.type).toBe('finish')
  })
})

describe('usage', () => {
  test.each([
    [
      'in a chunk after the finish',
      [ending('stop'), usageChunk({ prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 })],
    ],
    ['in the finish chunk', [ending('stop', { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 })]],
    [
      'growing in every chunk',
      [
        usageChunk({ prompt_tokens: 5, completion_tokens: 1 }),
        ending('stop', { prompt_tokens: 5, completion_tokens: 2 }),
      ],
    ],
    [
      'followed by a blank one',
      [
        ending('stop', { prompt_tokens: 5, completion_tokens: 2 }),
        usageChunk({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }),
      ],
    ],
    ["in Groq's older place", [{ ...ending('stop'), x_groq: { usage: { prompt_tokens: 5, completion_tokens: 2 } } }]],
  ])('%s', (_, sent) => {
    expect(answerOf(chunk({ content: 'x' }), ...sent).usage).toMatchObject({ inputTokens: 5, outputTokens: 2 })
  })
})

test("only the first choice is read, and the vendor's empty first chunk starts nothing", () => {
  const other = { ...chunk({}), choices: [{ index: 1, delta: { content: 'no' }, finish_reason: 'length' }] }
  const blank = { id: '', model: '', object: '', created: 0, choices: [], prompt_filter_results: [] }
  const answer = answerOf(
    blank,
    chunk({ role: 'assistant', content: '' }),
    other,
    chunk({ content: 'yes' }),
    ending('stop'),
  )
  expect(answer).toMatchObject({ id: 'chatcmpl-1', model: 'some-model', finish: { reason: 'stop' } })
  expect(saidBy(answer.parts)).toEqual(['text yes'])
})

test('refusals, pictures and a whole message in the place of a delta are read', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  const { parts } = answerOf(
    chunk({ refusal: 'I will ' }),
    chunk({ refusal: 'not.' }),
    chunk({ images: [image] }),
    ending('stop'),
  )
  expect(parts).toEqual([
    { type: 'text', text: 'I will not.', refusal: true },
    { type: 'media', kind: 'image', source: { type: 'base64', mime: 'image/png', data: 'AAAA' } },
  ])
  const repeated = { ...chunk({}), choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }] }
  expect(saidBy(collect(decode(chunk({ content: 'Hi' }), repeated)).parts)).toEqual(['text Hi'])
  const whole = {
    ...chunk({}),
    choices: [{ index: 0, message: { role: 'assistant', content: 'All.' }, finish_reason: 'stop' }],
  }
  expect(saidBy(collect(decode(whole)).parts)).toEqual(['text All.'])
})
