import { expect, test } from 'bun:test'
import { collect } from '../../../src/ir/collect.ts'
import { createPartialArgs } from '../../../src/protocols/gemini/partial-args.ts'
import { chunkOf, decodeStream } from './answers.ts'

test.each([
  [
    'texts of one place are added up',
    [
      ['$.a', 'x'],
      ['$.a', 'y'],
    ],
    '{"a":"xy"}',
  ],
  [
    'places lie inside each other',
    [
      ['$.a.b[0].c', 'x'],
      ['$.a.b[1].c', 'y'],
    ],
    '{"a":{"b":[{"c":"x"},{"c":"y"}]}}',
  ],
  ['names may stand in brackets', [["$['a b'][\"c'd\"]", 'x']], '{"a b":{"c\'d":"x"}}'],
  [
    'a list grows by its next place only',
    [
      ['$.a[0]', 'x'],
      ['$.a[4000000000]', 'y'],
    ],
    '{"a":["x"]}',
  ],
  [
    'nothing goes into what is no container',
    [
      ['$.a', 'x'],
      ['$.a.b', 'y'],
    ],
    '{"a":"x"}',
  ],
  [
    'a path that names no place is left out',
    [
      ['$', 'x'],
      ['', 'y'],
    ],
    '{}',
  ],
] as const)('%s', (_name, pieces, json) => {
  const args = createPartialArgs({})
  args.add(pieces.map(([jsonPath, stringValue]) => ({ jsonPath, stringValue })))
  expect(args.json()).toBe(json)
})

test('every kind of value is taken', () => {
  const args = createPartialArgs({ whole: { is: 1 } })
  args.add([
    { jsonPath: '$.n', numberValue: 1.5 },
    { jsonPath: '$.t', boolValue: false },
    { json_path: '$.s', string_value: 'x' },
    { jsonPath: '$.z', nullValue: 'NULL_VALUE' },
    { jsonPath: '$.whole.more', numberValue: 2 },
  ])
  expect(args.json()).toBe('{"whole":{"is":1,"more":2},"n":1.5,"t":false,"s":"x","z":null}')
})

test('no name reaches a prototype', () => {
  const args = createPartialArgs({ inner: {} })
  args.add([
    { jsonPath: '$.__proto__.polluted', stringValue: 'x' },
    { jsonPath: '$.inner.__proto__.polluted', stringValue: 'x' },
    { jsonPath: '$.inner.constructor.prototype.polluted', stringValue: 'x' },
    { jsonPath: '$.list[0]', stringValue: 'x' },
    { jsonPath: '$.list.__proto__.polluted', stringValue: 'x' },
  ])
  expect({}).not.toHaveProperty('polluted')
  expect([]).not.toHaveProperty('polluted')
})

const pieces = (fields: object) => chunkOf([{ functionCall: { partialArgs: [fields], willContinue: true } }])

test('two streamed calls are two calls, and one that never ends has what came', () => {
  const { parts } = collect(
    decodeStream([
      chunkOf([{ functionCall: { name: 'go', willContinue: true }, thoughtSignature: 'S' }]),
      pieces({ jsonPath: '$.a', stringValue: 'x' }),
      chunkOf([{ functionCall: {} }]),
      chunkOf([{ functionCall: { name: 'go', willContinue: true } }]),
      pieces({ jsonPath: '$.a', stringValue: 'y' }),
      chunkOf([], 'MAX_TOKENS'),
    ]),
  )
  expect(parts).toMatchObject([
    { name: 'go', input: '{"a":"x"}', seals: [{ value: 'S' }] },
    { name: 'go', input: '{"a":"y"}' },
  ])
})
