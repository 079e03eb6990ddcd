import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { readPastedAnswer } from '../../../src/accounts/oauth/pasted-answer.ts'

const STATE = 'state-of-this-login'

test.each([
  ['an address', `http://localhost:54545/callback?code=code-of-vendor&state=${STATE}`],
  ['an address without its scheme', `localhost:54545/callback?code=code-of-vendor&state=${STATE}`],
  [
    'an address of a page that shows the code',
    `https://platform.claude.com/oauth/code/callback?code=code-of-vendor&state=${STATE}`,
  ],
  ['an address whose state is its fragment', `http://localhost:1/callback?code=code-of-vendor#${STATE}`],
  ['an address with all in its fragment', `http://localhost:1/callback#code=code-of-vendor&state=${STATE}`],
  ['an address whose code holds the state', `http://localhost:1/callback?code=code-of-vendor%23${STATE}`],
  ['an address in quotes', ` "http://localhost:1/callback?state=${STATE}&code=code-of-vendor" \n`],
  ['a query', `?code=code-of-vendor&state=${STATE}`],
  ['a query without its mark', `state=${STATE}&code=code-of-vendor`],
  ['code and state', `code-of-vendor#${STATE}`],
  ['the code alone', 'code-of-vendor'],
])('reads the code of %s', (_name, text) => {
  expect(readPastedAnswer(text, STATE)).toEqual({ answer: { code: 'code-of-vendor' } })
})

test.each([
  ['an address with another state', 'http://localhost:1/callback?code=code-of-vendor&state=other'],
  ['an address without a state', 'http://localhost:1/callback?code=code-of-vendor'],
  ['an error with another state', 'http://localhost:1/callback?error=access_denied&state=other'],
  ['code and another state', 'code-of-vendor#other'],
])('refuses %s', (_name, text) => {
  expect(readPastedAnswer(text, STATE)).toEqual({ problem: expect.stringContaining('another login') })
})

test.each([
  ['nothing', ' '],
  ['words', 'what is this'],
  ['a slip of the fingers', 'nonsense'],
  ['an address without a code', `http://localhost:1/callback?state=${STATE}`],
  ['a state alone', `#${STATE}`],
  ['an address that is none', 'http://[oops'],
  ['an address with a fragment that cannot be read', 'http://localhost/callback?code=code-of-vendor#%E0%A4%A'],
])('asks again for %s', (_name, text) => {
  expect(readPastedAnswer(text, STATE)).toEqual({ problem: expect.any(String) })
})

test('reads that the person said no', () => {
  const text = `http://localhost:1/callback?error=access_denied&error_description=Not+now&state=${STATE}`
  expect(readPastedAnswer(text, STATE)).toEqual({ answer: { error: 'access_denied', description: 'Not now' } })
})

test('whatever is pasted is an answer or a problem', () => {
  const noise = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withQueryParameters: true, withFragments: true }))
  fc.assert(
    fc.property(noise, fc.constantFrom('', '?code=', '#code=', '?error=', 'http://', '&state='), (text, mark) => {
      const read = readPastedAnswer(`${text}${mark}${text}`, STATE)
      expect('answer' in read || 'problem' in read).toBe(true)
    }),
  )
})

test('every code comes through an address as it is', () => {
  const words = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((word) => !word.includes('#'))
  fc.assert(
    fc.property(words, words, (code, state) => {
      const query = new URLSearchParams({ code, state })
      const read = readPastedAnswer(`http://localhost:54545/callback?${query.toString()}`, state)
      expect(read).toEqual({ answer: { code } })
    }),
  )
})
