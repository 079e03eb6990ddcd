import fc from 'fast-check'

const NAMES = ['a', 'b', 'title', 'format', 'properties', '$ref', '__proto__'] as const
const VALUES = ['x', 'y', '', 0, 1, 2.5, -3, true, false, null] as const

const name = fc.constantFrom(...NAMES)
const scalar = fc.constantFrom<unknown>(...VALUES)
const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'null')
const count = fc.integer({ min: 0, max: 2 })

/** Small values, of the names and members that {@link SCHEMAS} speaks of. */
export const INSTANCES: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value

const REFS = [
  '#',
  '#/$defs/A',
  '#/$defs/B',
  '#/definitions/C~1d',
  '#/properties/a',
  '#/%24defs/A',
  '#Anchor',
  'https://x.test/s',
  '#/nope',
]

/** Schemas that say what the drafts and OpenAPI have words for, their references and recursion included. */
export const SCHEMAS: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .letrec<{ node: Record<string, unknown>; schema: unknown; schemas: unknown[] }>((tie) => ({
    // A few keywords only, so that there are values which fit.
    node: fc
      .array(
        fc.oneof(
          keyword('type', fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 }))),
          keyword('description', fc.constant('d')),
          keyword('default', scalar),
          keyword('enum', fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 })),
          keyword('const', scalar),
          keyword('nullable', fc.boolean()),
          keyword('minimum', count),
          keyword('exclusiveMinimum', count),
          keyword('exclusiveMaximum', count),
          keyword('minLength', count),
          keyword('minItems', count),
          keyword('properties', fc.dictionary(name, tie('schema'), { maxKeys: 3 })),
          keyword('required', fc.uniqueArray(name, { maxLength: 2 })),
          keyword('additionalProperties', tie('schema')),
          keyword('patternProperties', fc.dictionary(fc.constantFrom('^a', 'e'), tie('schema'), { maxKeys: 2 })),
          keyword('items', fc.oneof(tie('schema'), tie('schemas'))),
          keyword('prefixItems', tie('schemas')),
          keyword('anyOf', tie('schemas')),
          keyword('oneOf', tie('schemas')),
          keyword('allOf', tie('schemas')),
          keyword('not', tie('schema')),
          keyword('$ref', fc.constantFrom(...REFS)),
          keyword('$anchor', fc.constant('Anchor')),
          keyword('x-note', scalar),
        ),
        { maxLength: 5 },
      )
      .map((entries) => Object.fromEntries(entries)),
    schemas: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }),
    schema: fc.oneof({ maxDepth: 3, withCrossShrink: true }, fc.boolean(), typed(), tie('node'), tie('node')),
  }))
  .node.chain((node) =>
    fc
      .record({ A: definition(), B: definition(), C: definition() })
      .map(({ A, B, C }) => ({ ...node, $defs: { A, B }, definitions: { 'C/d': C } })),
  )

function keyword(key: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<readonly [string, unknown]> {
  return values.map((value) => [key, value] as const)
}

function typed(): fc.Arbitrary<unknown> {
  return type.map((word) => ({ type: word }))
}

function definition(): fc.Arbitrary<unknown> {
  const ref = fc.constantFrom(...REFS).map(($ref) => ({ $ref }))
  return fc.oneof(
    typed(),
    ref,
    fc.tuple(name, ref, fc.boolean()).map(([key, inner, isRequired]) => ({
      type: 'object',
      properties: { [key]: inner },
      required: isRequired ? [key] : [],
    })),
    fc.tuple(ref, ref).map((allOf) => ({ allOf, description: 'both' })),
    ref.map((items) => ({ type: 'array', items })),
  )
}
