import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Login } from '../../src/accounts/login.ts'
import { Fault } from '../../src/ir/fault.ts'
import { say } from '../kit/answers.ts'
import { accountAt, startProxy } from '../kit/proxy.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.stop())

test('a token that the upstream refuses is replaced once, and the request goes on', async () => {
  const replaced: string[] = []
  const proxy = loggedIn({
    token: () => 'token-that-is-old',
    replacementFor: (refused) => {
      replaced.push(refused)
      return Promise.resolve('token-that-is-new')
    },
  })
  const before = upstream.calls.length
  upstream.next(refuse, say('anthropic'))
  const { status } = await proxy.ask('anthropic')
  expect(status).toBe(200)
  expect(upstream.calls.slice(before).map(({ headers }) => headers['x-api-key'])).toEqual([
    'token-that-is-old',
    'token-that-is-new',
  ])
  expect(replaced).toEqual(['token-that-is-old'])
  await proxy.stop()
})

test('a token that is refused again is not replaced again', async () => {
  const proxy = loggedIn({ token: () => 'token-1', replacementFor: () => Promise.resolve('token-2') })
  const before = upstream.calls.length
  upstream.next(refuse, refuse)
  const { status } = await proxy.ask('anthropic')
  expect({ status, calls: upstream.calls.length - before }).toEqual({ status: 401, calls: 2 })
  await proxy.stop()
})

test('a login that has to be made anew says so without asking the upstream', async () => {
  const proxy = loggedIn({
    token: () => Promise.reject(new Fault('authentication', 'Run `cliproxy login claude`.')),
    replacementFor: () => Promise.resolve(undefined),
  })
  const before = upstream.calls.length
  const { status, text } = await proxy.ask('anthropic')
  expect({ status, calls: upstream.calls.length - before }).toEqual({ status: 401, calls: 0 })
  expect(text).toContain('cliproxy login claude')
  await proxy.stop()
})

function loggedIn(login: Omit<Login, 'file'>) {
  const account = accountAt(upstream.url, 'anthropic', { secret: '', login: { file: 'claude-a.json', ...login } })
  return startProxy({ accounts: [account] })
}

function refuse(call: { json: (value: unknown, status: number) => void }): void {
  call.json({ type: 'error', error: { type: 'authentication_error', message: 'no' } }, 401)
}
