import { describe, expect, test } from 'bun:test'
import { encodeAnswerSchema, encodeParameters } from '../../../src/protocols/shared/openai-schema.ts'

type Schema = Readonly<Record<string, unknown>>

const CLOSED = {
  type: 'object',
  properties: { a: { type: ['string', 'null'], pattern: '^a' }, b: { $ref: '#/$defs/B' } },
  required: ['a', 'b'],
  additionalProperties: false,
  $defs: {
    B: {
      type: 'object',
      properties: { again: { anyOf: [{ $ref: '#/$defs/B' }, { type: 'null' }] }, n: { type: 'integer', minimum: 1 } },
      required: ['again', 'n'],
      additionalProperties: false,
    },
  },
}

function encode<T>(
  write: (schema: Schema, strict: boolean | undefined, lose: (reason: string) => void) => T,
  schema: Schema,
  strict?: boolean,
): T & { readonly losses: readonly string[] } {
  const losses: string[] = []
  return { ...write(schema, strict, (reason) => losses.push(reason)), losses }
}

test('a strict schema stays what it is', () => {
  expect(encode(encodeParameters, CLOSED, true)).toEqual({ parameters: CLOSED, strict: true, losses: [] })
  const { schema, strict } = encodeAnswerSchema(CLOSED, true, () => undefined)
  expect(schema).toBe(CLOSED)
  expect(strict).toBe(true)
})

test.each<readonly [string, Schema]>([
  ['a property may be absent', { ...CLOSED, required: ['a'] }],
  ['objects are open', { ...CLOSED, additionalProperties: undefined }],
  ['an inner object is open', { ...CLOSED, $defs: { B: { type: 'object', properties: {} } } }],
  ['defaults are given', { ...CLOSED, properties: { a: { type: 'string', default: 'x' }, b: {} } }],
  ['a format is none of the known ones', { ...CLOSED, properties: { a: { type: 'string', format: 'uri' }, b: {} } }],
  ['a whole has parts', { ...CLOSED, properties: { a: { allOf: [{ type: 'string' }] }, b: {} } }],
  ['something stands beside a reference', { ...CLOSED, properties: { a: {}, b: { $ref: '#/$defs/B', title: 'B' } } }],
  ['a reference leads elsewhere', { ...CLOSED, properties: { a: {}, b: { $ref: 'https://x.test/s' } } }],
])('a schema is no longer strict where %s', (_name, schema) => {
  expect(encode(encodeAnswerSchema, schema, true)).toEqual({ schema, strict: false, losses: ['strict-schema'] })
  for (const strict of [false, undefined])
    expect(encode(encodeAnswerSchema, schema, strict)).toEqual({ schema, strict, losses: [] })
})

test('an answer that is no object is not strict', () => {
  const schema = { anyOf: [CLOSED] }
  expect(encode(encodeAnswerSchema, schema, true)).toEqual({ schema, strict: false, losses: ['strict-schema'] })
})

describe('a function’s parameters', () => {
  test('are the very same where they are an object already', () => {
    expect(encodeParameters(CLOSED, undefined, () => undefined).parameters).toBe(CLOSED)
  })

  test.each<readonly [Schema, Schema, readonly string[]]>([
    [{}, { type: 'object', properties: {} }, []],
    [{ type: ['object', 'null'], properties: { a: {} } }, { type: 'object', properties: { a: {} } }, []],
    [
      { a: { type: 'string', required: true } },
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      [],
    ],
    [
      {
        oneOf: [
          { properties: { kind: { const: 'a' }, a: { type: 'string' } }, required: ['kind', 'a'] },
          { $ref: '#/$defs/B' },
          { type: 'null' },
        ],
        $defs: { B: { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] } },
      },
      {
        type: 'object',
        properties: { kind: { anyOf: [{ const: 'a' }, { const: 'b' }] }, a: { type: 'string' } },
        required: ['kind'],
        $defs: { B: { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] } },
      },
      ['schema-union'],
    ],
    [
      {
        type: 'object',
        allOf: [{ properties: { a: { type: 'string' } }, required: ['a'] }, { anyOf: [{ properties: { b: {} } }] }],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] },
      ['schema-union'],
    ],
    [
      { type: 'object', properties: { a: {} }, not: { required: ['a'] }, enum: [{}] },
      { type: 'object', properties: { a: {} } },
      ['schema-union'],
    ],
  ])('%j become an object', (schema, parameters, losses) => {
    expect(encode(encodeParameters, schema)).toEqual({ parameters: { ...parameters }, strict: undefined, losses })
  })

  test('of a union with itself come to an end', () => {
    const { parameters } = encodeParameters(
      { anyOf: [{ $ref: '#' }, { properties: { a: {} } }] },
      undefined,
      () => undefined,
    )
    expect(parameters).toMatchObject({ type: 'object', properties: { a: {} } })
  })
})
