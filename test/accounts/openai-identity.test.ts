import { expect, test } from 'bun:test'
import { openaiIdentity } from '../../src/accounts/openai-identity.ts'
import { jwt } from './made-up.ts'

const AUTH = 'https://api.openai.com/auth'
const PROFILE = 'https://api.openai.com/profile'

test.each([
  [
    'all',
    jwt({ email: 'a@x.example', [AUTH]: { chatgpt_account_id: 'w1', chatgpt_plan_type: 'plus' } }),
    { email: 'a@x.example', accountId: 'w1', plan: 'plus' },
  ],
  ['the email in its profile', jwt({ [PROFILE]: { email: 'b@x.example' } }), { email: 'b@x.example' }],
  ['fields of other types', jwt({ email: 1, [AUTH]: [], [PROFILE]: 'x' }), {}],
  ['no object', `a.${Buffer.from('[1]').toString('base64url')}.c`, {}],
  ['no JSON', 'a.b.c', {}],
  ['five parts', 'a.b.c.d.e', {}],
  ['nothing', '', {}],
  ['no token at all', undefined, {}],
])('an ID token with %s is read', (_name, token, expected) => {
  expect(openaiIdentity(token)).toEqual(expected)
})
