import { expect, test } from 'bun:test'
import { accountIdFor } from '../../src/accounts/identity.ts'

const IDENTITY = { provider: 'claude', baseUrl: 'https://x', secret: 's', headers: { b: '2', A: '1' } }

test('an id is the same in every run', () => {
  expect(accountIdFor(IDENTITY, 0)).toMatchInlineSnapshot(`"7997befa9eca77e2"`)
})

test('an id does not depend on the order of headers, nor on how their names are spelt', () => {
  expect(accountIdFor({ ...IDENTITY, headers: { a: '1', B: '2' } }, 0)).toBe(accountIdFor(IDENTITY, 0))
})

test.each([
  [{ provider: 'codex' }],
  [{ baseUrl: 'https://y' }],
  [{ secret: 't' }],
  [{ proxyUrl: 'http://p' }],
  [{ prefix: 'p' }],
  [{ headers: { b: '2' } }],
])('an id depends on %j', (change) => {
  expect(accountIdFor({ ...IDENTITY, ...change }, 0)).not.toBe(accountIdFor(IDENTITY, 0))
})

test('copies have ids of their own', () => {
  expect(accountIdFor(IDENTITY, 1)).not.toBe(accountIdFor(IDENTITY, 0))
})
