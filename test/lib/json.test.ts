import { describe, expect, test } from 'bun:test'
import { isDeeperThan, presentFields } from '../../src/lib/json.ts'

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
