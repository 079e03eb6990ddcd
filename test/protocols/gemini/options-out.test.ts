import { expect, test } from 'bun:test'
import type { ReasoningRequest, Sampling, ToolChoice } from '../../../src/ir/request.ts'
import { readObjects } from '../../../src/lib/json.ts'
import { encode, requestOf, tool, user } from './requests.ts'

const OLD = 'gemini-2.5-flash'

test('tools carry JSON Schema, and free text becomes a string', () => {
  const tools = [
    tool('a', { description: 'does a', strict: true }),
    tool('b', { schema: undefined }),
    tool('c', { kind: 'custom', schema: undefined, grammar: { syntax: 'lark', definition: 'start: "x"' } }),
    tool('a'),
  ]
  const { body, losses } = encode(requestOf([user('a')], { tools, parallelTools: false }))
  expect(body['tools']).toMatchObject([
    {
      functionDeclarations: [
        { name: 'a', description: 'does a', parametersJsonSchema: { type: 'object' } },
        { name: 'b' },
        { name: 'c', parametersJsonSchema: { properties: { input: { type: 'string' } }, required: ['input'] } },
      ],
    },
  ])
  expect(losses).toEqual(['tools.0: strict-tool', 'tools.3: tool-twice', 'parallelTools: parallel-tools'])
})

test.each<[ToolChoice, object | undefined, string]>([
  [{ mode: 'auto' }, { mode: 'AUTO' }, ''],
  [{ mode: 'none' }, { mode: 'NONE' }, ''],
  [{ mode: 'required' }, { mode: 'ANY' }, ''],
  [{ mode: 'required', tools: ['a'] }, { mode: 'ANY', allowedFunctionNames: ['a'] }, ''],
  [{ mode: 'auto', tools: ['a', 'b c'] }, { mode: 'VALIDATED', allowedFunctionNames: ['a', 'b_c'] }, ''],
  [{ mode: 'required', tools: ['x'] }, { mode: 'AUTO' }, 'toolChoice: unknown-tool'],
])('the choice %j', (toolChoice, functionCallingConfig, loss) => {
  const { body, losses } = encode(requestOf([user('a')], { tools: [tool('a'), tool('b c')], toolChoice }))
  expect(body['toolConfig']).toEqual({ functionCallingConfig })
  expect(losses).toEqual(loss === '' ? [] : [loss])
  expect(encode(requestOf([user('a')], { toolChoice })).body['toolConfig']).toBeUndefined()
})

test('tools of other vendors become Google’s where they stand alone', () => {
  const hosted = [
    { protocol: 'anthropic', value: { type: 'web_search_20250305', name: 'web_search', max_uses: 8 } },
    { protocol: 'openai-responses', value: { type: 'code_interpreter' } },
    { protocol: 'anthropic', value: { type: 'memory_20250818', name: 'memory' } },
  ] as const
  const alone = encode(requestOf([user('a')], { hosted }))
  expect(alone.body['tools']).toEqual([{ googleSearch: {} }, { codeExecution: {} }])
  expect(alone.losses).toEqual(['hosted.0: hosted-options', 'hosted.2: hosted-tool'])
  const beside = encode(requestOf([user('a')], { hosted, tools: [tool('a')] }))
  expect(readObjects(beside.body['tools'])).toHaveLength(1)
  expect(beside.losses).toEqual(['hosted.0: hosted-tool', 'hosted.1: hosted-tool', 'hosted.2: hosted-tool'])
})

test.each<[string, ReasoningRequest, object | undefined, string]>([
  [OLD, { mode: 'off' }, { thinkingBudget: 0 }, ''],
  [OLD, { mode: 'auto' }, { thinkingBudget: -1, includeThoughts: true }, ''],
  [OLD, { mode: 'on', level: 'high' }, { thinkingBudget: 24_576, includeThoughts: true }, ''],
  [
    OLD,
    { mode: 'on', budgetTokens: 90_000, show: 'hidden' },
    { thinkingBudget: 24_576, includeThoughts: false },
    'effort-range',
  ],
  ['gemini-2.5-pro', { mode: 'off' }, { thinkingBudget: 128, includeThoughts: false }, 'reasoning-off'],
  ['gemini-2.0-flash', { mode: 'on', level: 'low' }, undefined, 'reasoning-unsupported'],
  ['gemini-3.5-flash', { mode: 'off' }, { thinkingLevel: 'MINIMAL', includeThoughts: false }, 'reasoning-off'],
  [
    'gemini-3-pro-preview',
    { mode: 'on', level: 'medium' },
    { thinkingLevel: 'LOW', includeThoughts: true },
    'effort-range',
  ],
  ['gemini-3.1-pro', { mode: 'on', level: 'medium' }, { thinkingLevel: 'MEDIUM', includeThoughts: true }, ''],
  ['gemini-3.8-flash', { mode: 'on', level: 'max' }, { thinkingLevel: 'HIGH', includeThoughts: true }, 'effort-range'],
  [
    'gemini-3.8-flash',
    { mode: 'on', budgetTokens: 4096 },
    { thinkingLevel: 'MEDIUM', includeThoughts: true },
    'effort-range',
  ],
  ['gemini-3.8-flash', { mode: 'auto' }, { includeThoughts: true }, ''],
])('%s thinks for %j', (model, reasoning, thinkingConfig, loss) => {
  const { body, losses } = encode(requestOf([user('a')], { model, reasoning }))
  expect(body['generationConfig']).toEqual(thinkingConfig && { thinkingConfig })
  expect(losses).toEqual(loss === '' ? [] : [`reasoning: ${loss}`])
})

test('a thinking suffix of the model’s name goes before what Gemini’s own client asked for', () => {
  const { body } = encode({
    ...requestOf([user('a')]),
    reasoning: { mode: 'on', level: 'low' },
    extras: { gemini: { $thinking: { thinkingBudget: 5000 } } },
  })
  expect(body['generationConfig']).toEqual({ thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true } })
})

test.each<[Sampling, object | undefined, string]>([
  [
    { maxTokens: 5, temperature: 1, topP: 0.5, topK: 3, seed: 1 },
    { maxOutputTokens: 5, temperature: 1, topP: 0.5, topK: 3, seed: 1 },
    '',
  ],
  [{ maxTokens: 128_000 }, { maxOutputTokens: 65_536 }, 'maxTokens: max-tokens-range'],
  [{ temperature: 3 }, { temperature: 2 }, 'temperature: temperature-range'],
  [{ stop: ['a', '', 'b', 'c', 'd', 'e', 'f'] }, { stopSequences: ['a', 'b', 'c', 'd', 'e'] }, 'stop: stop-count'],
  [{ seed: 2 ** 40 }, undefined, 'seed: seed-range'],
  [{ frequencyPenalty: 1, presencePenalty: 0 }, undefined, 'frequencyPenalty: penalty'],
])('the sampling %j', (sampling, config, loss) => {
  const { body, losses } = encode(requestOf([user('a')], { sampling }))
  expect(body['generationConfig']).toEqual(config)
  expect(losses).toEqual(loss === '' ? [] : [`sampling.${loss}`])
})

test('an answer’s schema goes with functions only to models that take both', () => {
  const format = { type: 'schema', schema: { type: 'object', properties: {} }, name: 'n' } as const
  const { body, losses } = encode(requestOf([user('a')], { format, tools: [tool('a')], user: 'u' }))
  expect(body['generationConfig']).toMatchObject({
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object' },
  })
  expect(losses).toEqual(['user: user', 'format: schema-name'])
  const old = encode(requestOf([user('a')], { format, tools: [tool('a')], model: OLD }))
  expect(old.body['generationConfig']).toBeUndefined()
  expect(old.losses).toEqual(['format: format-tools'])
})
