import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isDeeperThan, presentFields, spliceFields } from '../../src/lib/json.ts'

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
    ['leaves fields alone that are undefined', '{"a":1}', { a: undefined }, '{"a":1}'],
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

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}

describe('isDeeperThan', () => {
  test.each([
    ['exactly at the bound', nested(8), false],
    ['one beyond it', nested(9), true],
    ['far beyond it', nested(1_000_000), true],
    ['objects count like arrays', { a: nested(8) }, true],
    ['a wide object is not deep', Array.from({ length: 100 }, () => ({ a: [] })), false],
  ])('%s', (_name, value, isDeep) => {
    expect(isDeeperThan(value, 8)).toBe(isDeep)
  })
})

test('presentFields drops what is undefined and keeps null', () => {
  expect(presentFields({ a: undefined, b: null, c: 0 })).toEqual({ b: null, c: 0 })
  expect(presentFields({ a: undefined })).toBeUndefined()
})
