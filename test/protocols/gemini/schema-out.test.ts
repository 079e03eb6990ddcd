import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../../src/lib/json.ts'
import { projectParameters, projectSchema } from '../../../src/protocols/gemini/schema-out.ts'

/** A schema, what Gemini gets of it (undefined: the very same), and the losses that are told. */
type Row = readonly [name: string, schema: Fields, expected: Fields | undefined, losses?: readonly string[]]

const REF = { $ref: '#/$defs/A' }
const NODE = { type: 'object', properties: { next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } } }

const ROWS: readonly Row[] = [
  [
    'keeps properties that are called like keywords',
    { type: 'object', properties: { title: { type: 'string' }, $ref: { type: 'string' }, pattern: {}, default: {} } },
    undefined,
  ],
  [
    'keeps definitions, references, unions and nullable types',
    {
      type: 'object',
      properties: { a: REF, b: { type: ['string', 'null'] }, c: { oneOf: [REF, { type: 'null' }] } },
      additionalProperties: false,
      $defs: { A: { type: 'integer', enum: [1, 2] } },
    },
    undefined,
  ],
  [
    'says what has no keyword in the description',
    { type: 'string', description: 'A name.', minLength: 1, pattern: '^a', default: 'x' },
    { type: 'string', description: 'A name.\n\n{minLength: 1, pattern: "^a", default: "x"}' },
    ['minLength: schema-keyword', 'pattern: schema-keyword', 'default: schema-keyword'],
  ],
  [
    'leaves out what no description should say',
    { $schema: 'http://json-schema.org/draft-07/schema#', type: 'string', 'x-google': 1, deprecated: true },
    { type: 'string' },
    ['x-google: schema-keyword', 'deprecated: schema-keyword'],
  ],
  ['makes a constant an enumeration', { const: 'x' }, { enum: ['x'], type: 'string' }],
  ['takes enumerations of numbers', { type: 'integer', enum: [1, 2] }, undefined],
  [
    'says enumerations of truths in words',
    { type: 'boolean', enum: [true] },
    { type: 'boolean', description: '{enum: [true]}' },
    ['enum: schema-enum'],
  ],
  [
    'puts null beside an enumeration',
    { type: ['string', 'null'], enum: ['a', null] },
    { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }], description: '{enum: ["a",null]}' },
    ['enum: schema-enum'],
  ],
  ['drops members that the type excludes', { type: 'string', enum: ['a', null] }, { type: 'string', enum: ['a'] }],
  ['knows the next whole number', { type: 'integer', exclusiveMinimum: 0 }, { type: 'integer', minimum: 1 }],
  [
    'takes the nearest bound for others',
    { type: 'number', exclusiveMaximum: 1, maximum: 5 },
    { type: 'number', maximum: 1, description: '{exclusiveMaximum: 1}' },
    ['exclusiveMaximum: schema-keyword'],
  ],
  [
    'reads the bounds of draft 4',
    { type: 'integer', minimum: 3, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
    { type: 'integer', minimum: 4, maximum: 9 },
  ],
  [
    'reads OpenAPI’s nullable',
    {
      type: 'object',
      properties: { a: { type: 'string', nullable: true }, b: { ...REF, nullable: true } },
      $defs: { A: {} },
    },
    {
      type: 'object',
      properties: { a: { type: ['string', 'null'] }, b: { anyOf: [REF, { type: 'null' }] } },
      $defs: { A: {} },
    },
  ],
  [
    'reads the tuples of draft 7',
    { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'number' } },
    { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'number' } },
  ],
  [
    'opens an object to what patterns name',
    { type: 'object', patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
    {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: '{patternProperties: {"^x":{"type":"string"}}}',
    },
    ['patternProperties: schema-keyword'],
  ],
  [
    'merges the parts of a whole',
    {
      allOf: [REF, { properties: { b: { type: 'string' } }, required: ['b'] }],
      properties: { a: { type: 'integer' } },
      $defs: { A: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } },
    },
    {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'string' } },
      required: ['b', 'a'],
      $defs: { A: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } },
    },
  ],
  [
    'tells which part of a whole it cannot say',
    { allOf: [{ type: 'string' }, { type: 'number' }] },
    { type: 'string' },
    ['type: schema-merge'],
  ],
  [
    'says conditions in words',
    { type: 'object', properties: { a: {} }, if: { required: ['a'] }, else: { required: ['b'] } },
    {
      type: 'object',
      properties: { a: {} },
      description: '{if: {"required":["a"]}, else: {"required":["b"]}}',
    },
    ['if: schema-keyword', 'else: schema-keyword'],
  ],
  [
    'says a union of mere demands in words',
    { type: 'object', properties: { a: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    { type: 'object', properties: { a: {} }, description: '{anyOf: [{"required":["a"]},{"required":["b"]}]}' },
    ['anyOf.0.required: schema-required', 'anyOf.1.required: schema-required', 'anyOf: schema-keyword'],
  ],
  [
    'requires no property that is not there',
    { type: 'object', properties: { a: {} }, required: ['a', 'b'], propertyOrdering: ['b', 'a'] },
    { type: 'object', properties: { a: {} }, required: ['a'], propertyOrdering: ['a'] },
    ['required: schema-required'],
  ],
  [
    'puts a reference’s target in its place when something stands beside it',
    { properties: { a: { ...REF, description: 'mine' } }, $defs: { A: { type: 'string', description: 'theirs' } } },
    {
      properties: { a: { description: 'mine', type: 'string' } },
      $defs: { A: { type: 'string', description: 'theirs' } },
    },
  ],
  [
    'moves targets from elsewhere to the definitions',
    {
      properties: { a: { $ref: '#/definitions/x~1y' }, b: { $ref: '#/properties/c%20d' }, 'c d': { type: 'string' } },
      definitions: { 'x/y': { type: 'number' } },
    },
    {
      properties: { a: { $ref: '#/$defs/x_y' }, b: { $ref: '#/$defs/c_d' }, 'c d': { type: 'string' } },
      $defs: { x_y: { type: 'number' }, c_d: { type: 'string' } },
    },
  ],
  [
    'follows anchors and its own address',
    {
      $id: 'https://x.test/s',
      properties: { a: { $ref: '#here' }, b: { $ref: 'https://x.test/s#/$defs/A' } },
      $defs: { A: { $anchor: 'here' } },
    },
    { $id: 'https://x.test/s', properties: { a: REF, b: REF }, $defs: { A: { $anchor: 'here' } } },
  ],
  [
    'says in words where a reference leads to nothing',
    { properties: { a: { $ref: '#/$defs/Gone', type: 'object' }, b: { $ref: 'https://x.test/s' } } },
    {
      properties: {
        a: { type: 'object', description: '{$ref: "#/$defs/Gone"}' },
        b: { description: '{$ref: "https://x.test/s"}' },
      },
    },
    ['properties.a.$ref: schema-ref', 'properties.b.$ref: schema-ref'],
  ],
  ['keeps recursion below what may be absent', { ...NODE, $defs: { Node: NODE } }, undefined],
  [
    'requires nothing that leads back to itself',
    { ...NODE, required: ['next'], $defs: { Node: { ...NODE, required: ['next'] } } },
    { ...NODE, required: ['next'], $defs: { Node: NODE } },
    ['$defs.Node.properties.next.anyOf.0: schema-required'],
  ],
  [
    'cuts recursion that no property is on the way of',
    {
      $defs: { List: { type: 'array', items: { $ref: '#/$defs/List' } } },
      properties: { a: { $ref: '#/$defs/List' } },
    },
    {
      $defs: { List: { type: 'array', items: { type: 'array', description: 'See: List' } } },
      properties: { a: { $ref: '#/$defs/List' } },
    },
    ['$defs.List.items: schema-ref'],
  ],
  [
    'gives a bare map of properties the words around it',
    { city: { type: 'string', required: true }, title: { type: 'string' } },
    { type: 'object', properties: { city: { type: 'string' }, title: { type: 'string' } }, required: ['city'] },
  ],
  [
    'mends types, lists and values that are none',
    { type: 'OBJECT', properties: { a: 'string', b: { type: 'any' }, c: null }, required: 'a', anyOf: [], enum: [] },
    { type: 'object', properties: { a: { type: 'string' }, b: {}, c: {} } },
  ],
]

test.each(ROWS)('Gemini’s schema %s', (_name, schema, expected, losses = []) => {
  const told: string[] = []
  const projected = projectSchema(schema, (reason, path) => told.push(`${path}: ${reason}`))
  if (expected === undefined) expect(projected).toBe(schema)
  expect(projected).toStrictEqual({ ...(expected ?? schema) })
  expect(told).toEqual([...losses])
})

describe('a function’s parameters for Gemini', () => {
  test.each<readonly [Fields, Fields]>([
    [{}, { type: 'object' }],
    [{ type: ['object', 'null'] }, { type: 'object' }],
    [{ type: 'string' }, { type: 'string' }],
    [{ $ref: 'https://x.test/s' }, { type: 'object', description: '{$ref: "https://x.test/s"}' }],
    [
      { ...REF, $defs: { A: { properties: { a: {} } } } },
      { type: 'object', properties: { a: {} }, $defs: { A: { properties: { a: {} } } } },
    ],
    [{ anyOf: [{ properties: { a: {} } }] }, { anyOf: [{ properties: { a: {} } }], type: 'object' }],
  ])('%j are of an object', (schema, expected) => {
    expect(projectParameters(schema, () => undefined)).toEqual({ ...expected })
  })
})
