import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { say } from '../kit/answers.ts'
import { startProcess, type ProxyProcess } from '../kit/process.ts'
import { startUpstream } from '../kit/upstream.ts'
import { startVendor } from '../kit/vendors/vendor.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-test-'))
  mkdirSync(join(folder, 'auth'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const REQUESTS = 200

/** A proxy with one login of Claude's whose token has expired. */
async function startExpired(refreshToken: (issued: string) => string) {
  const upstream = await startUpstream(say('anthropic'))
  const vendor = await startVendor('claude')
  const { accessToken, refreshToken: issued } = vendor.issue()
  const path = join(folder, 'auth', 'claude-ann@example.com.json')
  const fields = { type: 'claude', email: 'ann@example.com', expired: '2026-01-01T00:00:00Z', note: 'mine' }
  const tokens = { access_token: accessToken, refresh_token: refreshToken(issued) }
  writeFileSync(path, JSON.stringify({ ...fields, ...tokens }), { mode: 0o600 })
  const client = { 'auth-url': vendor.url, 'base-url': upstream.url }
  const start = (): Promise<ProxyProcess> =>
    startProcess({ 'auth-dir': join(folder, 'auth'), 'oauth-clients': { claude: client } })
  const proxy = await start()
  const ask = async ({ url } = proxy): Promise<Response> =>
    await fetch(`${url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'claude-sonnet-4-5',
        max_tokens: 16,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    })
  const asked = (): number => vendor.calls.filter(({ path: url }) => url === '/v1/oauth/token').length
  const stop = async (): Promise<void> => {
    for (const secret of vendor.secrets) expect(proxy.text()).not.toContain(secret)
    await Promise.all([proxy.stop(), vendor.stop(), upstream.stop()])
  }
  return { upstream, vendor, path, tokens, start, ask, asked, stop, proxy }
}

test(`${REQUESTS} requests at once on an expired token make one refresh, and all are answered`, async () => {
  const { upstream, vendor, path, tokens, ask, asked, stop } = await startExpired((issued) => issued)
  const answers = await Promise.all(Array.from({ length: REQUESTS }, async () => (await ask()).status))
  expect(answers).toEqual(Array(REQUESTS).fill(200))
  expect(asked()).toBe(1)
  const used = new Set(upstream.calls.map(({ headers }) => headers.authorization))
  expect([...used].map((bearer) => vendor.isAccess(bearer?.replace('Bearer ', '') ?? ''))).toEqual([true])
  const kept = JSON.parse(readFileSync(path, 'utf8'))
  expect(used).toEqual(new Set([`Bearer ${kept.access_token}`]))
  expect(kept).toMatchObject({ type: 'claude', email: 'ann@example.com', note: 'mine' })
  expect(kept.refresh_token).not.toBe(tokens.refresh_token)
  await stop()
})

test('a login that its vendor no longer accepts says so to clients and in the log, with the command to run', async () => {
  const { ask, asked, stop, proxy } = await startExpired(() => 'refresh-that-nobody-gave')
  const first = await ask()
  expect([first.status, await first.text()]).toEqual([401, expect.stringContaining('cliproxy login claude')])
  const second = await ask()
  expect(await second.text()).toContain('cliproxy login claude')
  expect(asked()).toBe(1)
  const log = await proxy.logged('cliproxy login claude')
  expect(log.match(/claude-ann@example\.com\.json: .*cliproxy login claude/)).not.toBeNull()
  await stop()
})

test('a program that is killed while the vendor is asked, and one right after its answer, leave a login that goes on', async () => {
  const { vendor, path, tokens, start, ask, asked, stop, proxy } = await startExpired((issued) => issued)
  vendor.next(async () => {
    await proxy.stop()
    return new Response(null, { status: 500 })
  })
  await Promise.allSettled(Array.from({ length: 5 }, () => ask()))
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject(tokens)
  const second = await start()
  expect((await ask(second)).status).toBe(200)
  await second.stop()
  const kept = JSON.parse(readFileSync(path, 'utf8'))
  expect(kept.refresh_token).not.toBe(tokens.refresh_token)
  const third = await start()
  expect((await ask(third)).status).toBe(200)
  expect(asked()).toBe(2)
  expect(third.text()).not.toContain('log in again')
  await third.stop()
  await stop()
})
