import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isObject, readArray, readObject, readString, type Fields } from '../../../src/lib/json.ts'
import { projectSchema } from '../../../src/protocols/gemini/schema-out.ts'
import { encodeSchema } from '../../../src/protocols/anthropic/schema-out.ts'
import { CHILD_KINDS, mapChild } from '../../../src/protocols/shared/schema-nodes.ts'
import { resolveRef } from '../../../src/protocols/shared/schema-refs.ts'
import { HAS_CORPUS, readCorpus } from '../../corpus.ts'
import { fits } from './check-schema.ts'
import { INSTANCES, SCHEMAS } from './schemas.ts'

type Project = (schema: Fields, onLoss: (reason: string, path: string) => void) => Fields

const claude: Project = (schema, onLoss) => encodeSchema(schema, true, onLoss)

const TARGETS: readonly (readonly [string, Project, string])[] = [
  [
    'Gemini',
    projectSchema,
    '$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum ' +
      'anyOf oneOf properties additionalProperties required propertyOrdering',
  ],
  [
    'Claude',
    claude,
    '$defs definitions $ref type title description default enum const anyOf allOf properties required ' +
      'additionalProperties items minItems format pattern',
  ],
]

function project(write: Project, schema: Fields): { readonly schema: Fields; readonly losses: readonly string[] } {
  const losses: string[] = []
  return { schema: write(schema, (reason, path) => losses.push(`${path}: ${reason}`)), losses }
}

const quiet = (): undefined => undefined

/** What stands under the names that the four protocols have for schemas. */
function schemasIn(body: unknown): readonly Fields[] {
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([key, value]) =>
    SCHEMA_FIELDS.has(key) && isObject(value) ? [value] : schemasIn(value),
  )
}

const SCHEMA_FIELDS = new Set(
  'input_schema parameters parametersJsonSchema schema responseSchema responseJsonSchema'.split(' '),
)

/** Every node of a schema with its keywords, those in definitions included. */
function nodesOf(node: unknown): readonly Fields[] {
  if (!isObject(node)) return []
  const nodes = [node]
  for (const [key, value] of Object.entries(node))
    if (CHILD_KINDS.has(key)) mapChild(key, value, (child) => void nodes.push(...nodesOf(child)))
  return nodes
}

describe.each(TARGETS)('a schema for %s', (_name, write, keywords) => {
  const taken = new Set(keywords.split(' '))

  function checkWords(schema: Fields): void {
    for (const node of nodesOf(schema)) {
      expect(Object.keys(node).filter((key) => !taken.has(key))).toEqual([])
      for (const [key, kind] of CHILD_KINDS) {
        const value = node[key]
        if (value === undefined || (key === 'additionalProperties' && typeof value === 'boolean')) continue
        expect(kind === 'list' ? Array.isArray(value) && value.length > 0 : isObject(value)).toBe(true)
      }
      const { $ref, required, properties, enum: members } = node
      if ($ref !== undefined) {
        expect(resolveRef(schema, readString($ref) ?? '')).toBeDefined()
        expect(Object.keys(node).filter((key) => !key.startsWith('$') && key !== 'definitions')).toEqual([])
      }
      for (const name of readArray(required)) expect(Object.keys(readObject(properties) ?? {})).toContain(String(name))
      for (const member of readArray(members)) expect(isObject(member) || Array.isArray(member)).toBe(false)
    }
  }

  test('says nothing but what is documented, at every level', () => {
    fc.assert(
      fc.property(SCHEMAS, (schema) => checkWords(write(schema, quiet))),
      { numRuns: 1000 },
    )
  })

  test('is the same when it is projected again, and then loses nothing', () => {
    fc.assert(
      fc.property(SCHEMAS, (schema) => {
        const once = write(schema, quiet)
        const again = project(write, once)
        expect(again.losses).toEqual([])
        expect(again.schema).toBe(once)
      }),
      { numRuns: 1000 },
    )
  })

  test.skipIf(!HAS_CORPUS)('comes of every recorded one', () => {
    const schemas = readCorpus().flatMap(({ request }) => schemasIn(request.body))
    expect(schemas.length).toBeGreaterThan(100)
    for (const schema of schemas) {
      const once = write(schema, quiet)
      checkWords(once)
      expect(write(once, quiet)).toBe(once)
    }
  })

  test('comes of any JSON without a throw and without a change to it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), SCHEMAS, fc.jsonValue(), (any, schema, odd) => {
        for (const input of [
          any,
          { ...schema, ...any },
          { ...schema, properties: odd, anyOf: odd, type: odd, $ref: odd },
        ]) {
          const before = JSON.stringify(input)
          checkWords(write(input, quiet))
          expect(JSON.stringify(input)).toBe(before)
        }
      }),
      { numRuns: 300 },
    )
  })
})

test('what fits a schema fits it for Gemini', () => {
  let hits = 0
  fc.assert(
    fc.property(SCHEMAS, fc.array(INSTANCES, { minLength: 5, maxLength: 20 }), (schema, values) => {
      const projected = projectSchema(schema, quiet)
      for (const value of values) {
        if (!fits(value, schema)) continue
        hits++
        expect({ schema, value, projected, fits: fits(value, projected, projected, true) }).toMatchObject({
          fits: true,
        })
      }
    }),
    { numRuns: 1000 },
  )
  expect(hits).toBeGreaterThan(500)
})

describe('references that unfold', () => {
  test('double at every step and stay small', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `D${at}`,
        {
          allOf: [{ $ref: `#/$defs/D${at + 1}` }, { $ref: `#/$defs/D${at + 1}`, description: 'twice' }],
          properties: { a: { $ref: `#/$defs/D${at + 1}`, title: 'a' }, b: { $ref: `#/$defs/D${at + 1}`, title: 'b' } },
        },
      ]),
    )
    const { schema, losses } = project(projectSchema, {
      $ref: '#/$defs/D0',
      $defs: { ...$defs, D60: { type: 'object' } },
    })
    expect(JSON.stringify(schema).length).toBeLessThan(3_000_000)
    expect(losses.some((loss) => loss.endsWith('schema-ref'))).toBe(true)
  })

  test('nest without end and are cut', () => {
    let deep: Fields = { type: 'string' }
    for (let depth = 0; depth < 500; depth++) deep = { type: 'array', items: deep }
    const { losses } = project(projectSchema, deep)
    expect(losses.map((loss) => loss.split(': ')[1])).toEqual(['schema-size'])
  })
})

describe('an answer’s schema for Claude', () => {
  test.each<readonly [Fields, Fields, readonly string[]]>([
    [
      { type: 'object', properties: { a: { type: 'string', format: 'date', pattern: '^a+$' } } },
      {
        type: 'object',
        properties: { a: { type: 'string', format: 'date', pattern: '^a+$' } },
        additionalProperties: false,
      },
      [],
    ],
    [
      { type: 'array', items: { oneOf: [{ const: 1 }, { type: 'null' }] }, minItems: 2, $schema: 'x' },
      { type: 'array', items: { anyOf: [{ const: 1 }, { type: 'null' }] }, description: '{minItems: 2}' },
      ['minItems: schema-keyword'],
    ],
    [
      { type: 'string', format: 'color', pattern: String.raw`^(?!a)\bx` },
      { type: 'string', description: String.raw`{format: "color", pattern: "^(?!a)\\bx"}` },
      ['format: schema-keyword', 'pattern: schema-keyword'],
    ],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'object', additionalProperties: false, description: '{additionalProperties: {"type":"string"}}' },
      ['additionalProperties: schema-keyword'],
    ],
    [
      { type: 'object', properties: { again: { $ref: '#' } }, additionalProperties: false },
      {
        type: 'object',
        properties: { again: { type: 'object', description: 'See: root', additionalProperties: false } },
        additionalProperties: false,
      },
      ['properties.again: schema-ref'],
    ],
  ])('%j', (schema, expected, losses) => {
    expect(project(claude, schema)).toEqual({ schema: { ...expected }, losses })
  })
})
