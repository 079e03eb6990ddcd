import { expect, test } from 'bun:test'
import type { VendorId } from '../../src/accounts/oauth/vendor.ts'
import {
  goodUntil,
  nextRefreshAt,
  restAfterRefresh,
  retryTimesAfter,
} from '../../src/accounts/refresh/refresh-times.ts'
import { kindOf } from './made-up.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const END = 1_000 * DAY

test.each<[VendorId, number, number]>([
  ['claude', 8 * HOUR, 4 * HOUR],
  ['codex', 10 * DAY, 5 * DAY],
  ['gemini', HOUR, 5 * MINUTE],
  ['qwen', 6 * HOUR, 20 * MINUTE],
  ['kimi', 15 * MINUTE, 5 * MINUTE],
  ['xai', 6 * HOUR, 5 * MINUTE],
  ['vertex', HOUR, 5 * MINUTE],
  // A life that is not longer than the lead.
  ['claude', HOUR, 6 * MINUTE],
  ['claude', 4 * HOUR, 24 * MINUTE],
  ['codex', HOUR, 6 * MINUTE],
  // One that is hardly longer: it may not be refreshed at once either.
  ['kimi', 6 * MINUTE, 3 * MINUTE],
])('a token of %s that lives %d ms is refreshed %d ms before its end', (vendor, lifeMs, leadMs) => {
  const tokens = { accessToken: 'a', expiresAt: END }
  const at = nextRefreshAt({ tokens, madeAt: END - lifeMs, leadMs: kindOf(vendor).leadMs, notBefore: 0 })
  expect(END - at).toBe(leadMs)
})

test.each([
  ['is refreshed a lead after it was made', END, END + HOUR],
  ['is refreshed at once when nobody knows when it was made', undefined, 0],
])('a token whose end nobody knows %s', (_what, madeAt, expected) => {
  expect(nextRefreshAt({ tokens: { accessToken: 'a' }, madeAt, leadMs: HOUR, notBefore: 0 })).toBe(expected)
})

test('nothing is refreshed before its rest is over', () => {
  const tokens = { accessToken: 'a', expiresAt: END }
  expect(nextRefreshAt({ tokens, madeAt: undefined, leadMs: HOUR, notBefore: END + 1 })).toBe(END + 1)
})

test.each([
  [undefined, undefined, Infinity],
  [END, undefined, END - 10_000],
  [END, END - HOUR, END - 10_000],
  [END, END - 20_000, END - 2000],
  [0, END, -10_000],
])('a token that ends at %p and was made at %p is good until %p', (expiresAt, madeAt, expected) => {
  expect(goodUntil({ accessToken: 'a', expiresAt }, madeAt)).toBe(expected)
})

test.each([
  ['without a word of the vendor', undefined, 5 * MINUTE, 10_000],
  ['when the vendor wants a little', 2000, 5 * MINUTE, 10_000],
  ['when the vendor wants more', 20 * MINUTE, 20 * MINUTE, 20 * MINUTE],
  ['when the vendor wants too much', 9 * HOUR, HOUR, HOUR],
])('a refresh that failed is tried again later, %s', (_what, retryAfterMs, background, wanted) => {
  expect(retryTimesAfter(END, retryAfterMs, 0.5)).toEqual({
    notBefore: END + background,
    wantedNotBefore: END + wanted,
  })
})

test('refreshes that failed together are not repeated together', () => {
  expect([0, 1].map((random) => retryTimesAfter(0, undefined, random).notBefore)).toEqual([4 * MINUTE, 6 * MINUTE])
})

test.each([
  [END, END + 1, 0],
  [undefined, END, 0],
  [END, END, END + 30_000],
  [END, undefined, END + 30_000],
])('a refresh that moves the end from %p to %p rests until %p', (before, after, expected) => {
  expect(restAfterRefresh({ accessToken: 'a', expiresAt: before }, { accessToken: 'b', expiresAt: after }, END)).toBe(
    expected,
  )
})
