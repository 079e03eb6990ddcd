import { expect, test } from 'bun:test'
import { readPastedAnswer } from '../../../src/accounts/oauth/pasted-answer.ts'

const STATE = 'state-of-this-login'

test.each([
  ['an address', `http://localhost:54545/callback?code=c-1&state=${STATE}`],
  ['an address without its scheme', `localhost:54545/callback?code=c-1&state=${STATE}`],
  [
    'an address of a page that shows the code',
    `https://platform.claude.com/oauth/code/callback?code=c-1&state=${STATE}`,
  ],
  ['an address whose state is its fragment', `http://localhost:1/callback?code=c-1#${STATE}`],
  ['an address with all in its fragment', `http://localhost:1/callback#code=c-1&state=${STATE}`],
  ['an address whose code holds the state', `http://localhost:1/callback?code=c-1%23${STATE}`],
  ['an address in quotes', ` "http://localhost:1/callback?state=${STATE}&code=c-1" \n`],
  ['a query', `?code=c-1&state=${STATE}`],
  ['a query without its mark', `state=${STATE}&code=c-1`],
  ['code and state', `c-1#${STATE}`],
  ['the code alone', 'c-1'],
])('reads the code of %s', (_name, text) => {
  expect(readPastedAnswer(text, STATE)).toEqual({ answer: { code: 'c-1' } })
})

test.each([
  ['an address with another state', 'http://localhost:1/callback?code=c-1&state=other'],
  ['an address without a state', 'http://localhost:1/callback?code=c-1'],
  ['an error with another state', 'http://localhost:1/callback?error=access_denied&state=other'],
  ['code and another state', 'c-1#other'],
])('refuses %s', (_name, text) => {
  expect(readPastedAnswer(text, STATE)).toEqual({ problem: expect.stringContaining('another login') })
})

test.each([
  ['nothing', ' '],
  ['words', 'what is this'],
  ['an address without a code', `http://localhost:1/callback?state=${STATE}`],
  ['a state alone', `#${STATE}`],
  ['an address that is none', 'http://[oops'],
  ['an address with a fragment that cannot be read', 'http://localhost/callback?code=c-1#%E0%A4%A'],
])('asks again for %s', (_name, text) => {
  expect(readPastedAnswer(text, STATE)).toEqual({ problem: expect.any(String) })
})

test('reads that the person said no', () => {
  const text = `http://localhost:1/callback?error=access_denied&error_description=Not+now&state=${STATE}`
  expect(readPastedAnswer(text, STATE)).toEqual({ answer: { error: 'access_denied', description: 'Not now' } })
})
