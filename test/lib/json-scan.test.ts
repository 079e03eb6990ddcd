import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasQuoted, scanFields, spliceFields } from '../../src/lib/json-scan.ts'

describe('spliceFields', () => {
  test.each([
    [
      'replaces a value and keeps every other byte',
      '{"a" : 1,\n "model":"x", "n": 12345678901234567890}',
      { model: 'y' },
      '{"a" : 1,\n "model":"y", "n": 12345678901234567890}',
    ],
    ['puts a new field first', '{"a":1}', { model: 'y' }, '{"model":"y","a":1}'],
    ['fills an empty object', '{ }', { model: 'y' }, '{"model":"y" }'],
    [
      'leaves nested fields of the same name alone',
      '{"tools":[{"model":"in"}],"s":"\\"model\\":1","model":"x"}',
      { model: 'y' },
      '{"tools":[{"model":"in"}],"s":"\\"model\\":1","model":"y"}',
    ],
    [
      'sets the last of a field that is there twice',
      '{"model":"a","model":"b"}',
      { model: 'y' },
      '{"model":"a","model":"y"}',
    ],
    ['knows a key written with escapes', '{"mod\\u0065l":"a"}', { model: 'y' }, '{"mod\\u0065l":"y"}'],
    ['edits several fields', '{"b":[1,{"c":2}],"a":{"x":[]},"z":true}', { a: 1, b: null }, '{"b":null,"a":1,"z":true}'],
    ['takes out what is set to undefined', '{"a":1, "b":2 ,"c":1e0}', { a: undefined, b: 3 }, '{"b":3,"c":1e0}'],
    [
      'keeps the order of those that stay',
      '{"z":1,"b" : 2, "c":3}',
      { c: 9, z: undefined, a: 0 },
      '{"a":0,"b" : 2,"c":9}',
    ],
    ['takes out a field that is there twice', '{"a":1,"b":2,"a":3}', { a: undefined }, '{"b":2}'],
    ['takes out the only field', '{"a":1}', { a: undefined }, '{}'],
    ['leaves alone what is not there', '{"a": 1}', { b: undefined }, '{"a": 1}'],
  ])('%s', (_name, text, values, expected) => {
    expect(spliceFields(text, values)).toBe(expected)
  })

  test('says the same as setting the field of the parsed object', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        fc.boolean(),
        (object, value, isPretty) => {
          const text = JSON.stringify(object, null, isPretty ? 2 : 0)
          expect(JSON.parse(spliceFields(text, { model: value }))).toEqual({
            ...JSON.parse(text),
            model: JSON.parse(JSON.stringify(value)),
          })
        },
      ),
    )
  })
})

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
}

describe('scanFields', () => {
  test('finds what parsing finds, in any valid object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (object, isPretty) => {
        const text = JSON.stringify(object, null, isPretty ? 2 : 0)
        const scan = scanFields(text)
        const found = Object.fromEntries(
          [...(scan?.fields ?? [])].map(([name, { start, end }]) => [name, JSON.parse(text.slice(start, end))]),
        )
        expect(found).toEqual(JSON.parse(text))
        expect(scan?.depth).toBe(depthOf(JSON.parse(text)))
      }),
    )
  })

  test.each([
    '',
    '[]',
    '"a"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{"a":[1}',
    '{"a":"x',
    '{"a":1}}',
    '{"a":1} x',
    '{a:1}',
    '{"a" 1}',
  ])('gives up on %s', (text) => {
    expect(scanFields(text)).toBeUndefined()
  })
})

describe('hasQuoted', () => {
  test.each([
    ['a string', '{"role":"system"}', true],
    ['a name', '{"system" : 1}', true],
    ['a string after others that only hold it', '["a system","systems","system"]', true],
    ['a part of strings', '["a system","systems"]', false],
    ['JSON inside a string', JSON.stringify({ text: '{"role":"system"}' }), false],
    ['nothing', '{}', false],
  ])('of %s', (_title, json, isThere) => {
    expect(hasQuoted(json, 'system')).toBe(isThere)
  })
})
