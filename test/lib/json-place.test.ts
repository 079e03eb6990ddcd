import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { jsonErrorPlace } from '../../src/lib/json-place.ts'

describe('where a text stops being JSON', () => {
  test.each([
    ['', 1, 1],
    ['  x', 1, 3],
    ['{', 1, 2],
    ['{"a"', 1, 5],
    ['{"a":', 1, 6],
    ['{"a":1', 1, 7],
    ['{"a":1,}', 1, 8],
    ['{"a" 1}', 1, 6],
    ['{a:1}', 1, 2],
    ["{'a':1}", 1, 2],
    ['[1,]', 1, 4],
    ['[1 2]', 1, 4],
    ['[1}', 1, 3],
    ['[1]]', 1, 4],
    ['[01]', 1, 2],
    ['[1.]', 1, 2],
    ['[tru]', 1, 2],
    ['[NaN]', 1, 2],
    ['["a\nb"]', 1, 4],
    ['["\\x"]', 1, 3],
    ['["\\u12"]', 1, 3],
    ['["abc', 1, 6],
    ['{\n  "a": 1,\n  // no\n}', 3, 3],
    ['{"a":1}\r\n{"b":2}', 2, 1],
  ])('%j', (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(jsonErrorPlace(text)).toEqual({ line, column })
  })

  test('of JSON that is cut anywhere: where it is cut, or inside the number or word before', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, at) => {
        const whole = JSON.stringify({ value })
        const cut = whole.slice(0, at % whole.length)
        const { line, column } = jsonErrorPlace(cut)
        expect(line).toBe(1)
        expect(cut.slice(column - 1)).toMatch(/^[\w+.-]*$|^\\u?[\da-f]*$/)
      }),
    )
  })
})
