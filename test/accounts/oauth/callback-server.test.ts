import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openCallback, type CallbackServer } from '../../../src/accounts/oauth/callback-server.ts'

const STATE = 'state-of-this-login'
let server: CallbackServer
let refused: string[]
beforeEach(() => {
  refused = []
  server = openCallback({
    title: 'Claude',
    port: 0,
    path: '/callback',
    state: STATE,
    onRefused: (line) => refused.push(line),
  })
})
afterEach(() => server.close())

const ask = (path: string, init: RequestInit = {}, host = '127.0.0.1') =>
  fetch(`http://${host}:${server.port}${path}`, init)

test.each([
  ['another path', '/favicon.ico', {}, 404],
  ['another method', `/callback?code=c&state=${STATE}`, { method: 'POST' }, 404],
  ['no state', '/callback?code=c', {}, 400],
  ['another state', '/callback?code=c&state=other', {}, 400],
  ['a denial with another state', '/callback?error=access_denied&state=other', {}, 400],
  ['no code', `/callback?state=${STATE}`, {}, 400],
])('%s ends nothing', async (_name, path, init, status) => {
  expect((await ask(path, init)).status).toBe(status)
  server.finish({ isGood: true, heading: 'Good', text: '' })
  expect((await ask(`/callback?code=right&state=${STATE}`)).status).toBe(200)
  expect(await server.answer).toEqual({ code: 'right' })
  expect(refused).toHaveLength(status === 404 ? 0 : 1)
})

test('the browser waits until it is known how the login ended', async () => {
  const page = ask(`/callback?code=c&state=${STATE}`)
  await server.answer
  server.finish({ isGood: false, heading: 'No <luck>', text: 'a & b' })
  const text = await (await page).text()
  expect(text).toContain('No &lt;luck&gt;')
  expect(text).toContain('a &amp; b')
})

test('a browser that still waits when all ends is told that it failed', async () => {
  const page = ask(`/callback?code=c&state=${STATE}`)
  await server.answer
  await server.close()
  expect(await (await page).text()).toContain('The login failed')
})

test('the page tells nobody where it came from, and runs nothing', async () => {
  const { headers } = await ask('/callback')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('cache-control')).toBe('no-store')
})

test('only the first answer counts', async () => {
  server.finish({ isGood: true, heading: 'Good', text: '' })
  await ask(`/callback?code=first&state=${STATE}`)
  await ask(`/callback?code=second&state=${STATE}`)
  expect(await server.answer).toEqual({ code: 'first' })
})

test('a denial is an answer', async () => {
  server.finish({ isGood: false, heading: 'No', text: '' })
  await ask(`/callback?error=access_denied&error_description=Not+now&state=${STATE}`)
  expect(await server.answer).toEqual({ error: 'access_denied', description: 'Not now' })
})

test('both addresses of this machine are listened on, where it has both', async () => {
  if (canListen('::1')) expect((await ask('/callback', {}, '[::1]')).status).toBe(400)
  expect((await ask('/callback')).status).toBe(400)
})

test('nothing listens once it is closed', async () => {
  await server.close()
  const status = await ask('/callback').then(
    (response) => response.status,
    () => 'refused',
  )
  expect(status).toBe('refused')
})

function canListen(hostname: string): boolean {
  try {
    void Bun.serve({ hostname, port: 0, fetch: () => new Response('') }).stop(true)
    return true
  } catch {
    return false
  }
}
