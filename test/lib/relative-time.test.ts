import { expect, test } from 'bun:test'
import { durationText, relativeTime } from '../../src/lib/relative-time.ts'

const HOUR_MS = 3_600_000

test.each([
  [-1, '0s'],
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [HOUR_MS - 1, '59m'],
  [HOUR_MS, '1h'],
  [48 * HOUR_MS - 1, '47h'],
  [48 * HOUR_MS, '2d'],
  [24 * 400 * HOUR_MS, '400d'],
])('%d ms read as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('a moment is seen from now', () => {
  expect(relativeTime(HOUR_MS, 0)).toBe('in 1h')
  expect(relativeTime(0, 0)).toBe('in 0s')
  expect(relativeTime(0, HOUR_MS)).toBe('1h ago')
})
