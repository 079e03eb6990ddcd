import { expect, test } from 'bun:test'
import { jsonSchemaFor } from '../../../src/protocols/gemini/schema-in.ts'

type Schema = Readonly<Record<string, unknown>>

const NULL = { type: 'null' }

test.each<readonly [string, Schema, Schema]>([
  [
    'types in capitals, at every level',
    { type: 'OBJECT', properties: { TYPE: { type: 'ARRAY', items: { type: 'STRING' } } } },
    { type: 'object', properties: { TYPE: { type: 'array', items: { type: 'string' } } } },
  ],
  ['a type that is none', { type: 'TYPE_UNSPECIFIED', description: 'any' }, { description: 'any' }],
  ['what may be null', { type: 'STRING', nullable: true }, { type: ['string', 'null'] }],
  ['what may not be null', { type: 'STRING', nullable: false }, { type: 'string' }],
  ['types that know null already', { type: ['STRING', 'NULL'], nullable: true }, { type: ['string', 'null'] }],
  [
    'a union that may be null',
    { anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }], nullable: true },
    { anyOf: [{ type: 'string' }, { type: 'integer' }, NULL] },
  ],
  ['counts written as strings', { type: 'array', minItems: '1', maxItems: 'many' }, { type: 'array', minItems: 1 }],
  [
    'snake_case',
    { any_of: [{ type: 'STRING', min_length: '2' }], property_ordering: ['a'] },
    { anyOf: [{ type: 'string', minLength: 2 }] },
  ],
  [
    'definitions without their signs',
    { type: 'OBJECT', properties: { a: { ref: '#/defs/A' } }, defs: { A: { type: 'NUMBER' } } },
    { type: 'object', properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { type: 'number' } } },
  ],
  [
    'formats, examples and enumerations as they are',
    { type: 'STRING', format: 'enum', enum: ['A'], example: 'A', title: 'T' },
    { type: 'string', format: 'enum', enum: ['A'], example: 'A', title: 'T' },
  ],
])('reads %s', (_name, schema, expected) => {
  expect(jsonSchemaFor(schema)).toStrictEqual({ ...expected })
})

test('leaves JSON Schema alone, names that look like keywords of Gemini’s included', () => {
  const schema = {
    type: 'object',
    properties: { nullable: { type: 'boolean' }, any_of: { $ref: '#/$defs/A' }, propertyOrdering: {} },
    additionalProperties: false,
    $defs: { A: { type: ['string', 'null'], minLength: 1 } },
  }
  expect(jsonSchemaFor(schema)).toBe(schema)
})
