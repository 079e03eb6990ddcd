import { afterEach, describe, expect, test } from 'bun:test'
import type { LoginRow } from '../../src/accounts/login-book.ts'
import { authFilesOf } from '../../src/admin/auth-files.ts'
import { createManagementAccess } from '../../src/admin/access.ts'
import { managementRoutes } from '../../src/admin/routes.ts'
import type { ManagementConfig } from '../../src/config/config.ts'
import type { StandingRow } from '../../src/pool/pool.ts'
import { createResponsesSockets } from '../../src/edge/responses-socket.ts'
import { createApp, listen } from '../../src/edge/server.ts'
import { accountAt, startProxy } from '../kit/proxy.ts'

const KEY = 'management-key-51c0'
const PATH = 'http://localhost/v0/management/auth-files'
const HASH = await Bun.password.hash(KEY, { algorithm: 'bcrypt', cost: 4 })

function asking(headers: Record<string, string>): Request {
  return new Request(PATH, { headers })
}

async function statusFor(
  config: Partial<ManagementConfig>,
  headers: Record<string, string>,
  peer = '127.0.0.1',
): Promise<number> {
  const whole = { isRemoteAllowed: false, ...config }
  const access = createManagementAccess({ config: () => whole, clock: () => 0 })
  return (await access.judge(asking(headers), peer))?.status ?? 200
}

const BEARER = { authorization: `Bearer ${KEY}` }

describe('the management API', () => {
  test.each<[string, Partial<ManagementConfig>, Record<string, string>, string, number]>([
    ['is not there without a key', {}, BEARER, '127.0.0.1', 404],
    ['wants a key of peers on this machine too', { secretKey: KEY }, {}, '127.0.0.1', 401],
    ['takes a bearer token', { secretKey: KEY }, BEARER, '127.0.0.1', 200],
    ['takes the bare header', { secretKey: KEY }, { authorization: KEY }, '::1', 200],
    ['takes x-management-key', { secretKey: KEY }, { 'x-management-key': KEY }, '127.0.0.1', 200],
    ['takes a key whose hash is in the file', { secretKey: HASH }, BEARER, '127.0.0.1', 200],
    [
      'takes a hash as other programs mark it',
      { secretKey: HASH.replace(/^\$2.\$/, '$2y$') },
      BEARER,
      '127.0.0.1',
      200,
    ],
    ['does not take the hash itself', { secretKey: HASH }, { authorization: `Bearer ${HASH}` }, '127.0.0.1', 401],
    ['takes the password of the environment', { password: KEY }, BEARER, '127.0.0.1', 200],
    ['refuses another key', { secretKey: KEY }, { authorization: 'Bearer x' }, '127.0.0.1', 401],
    ['refuses a key that is too long', { secretKey: KEY }, { authorization: 'x'.repeat(5000) }, '127.0.0.1', 401],
    ['refuses other machines', { secretKey: KEY }, BEARER, '192.0.2.7', 403],
    ['refuses a peer without an address', { secretKey: KEY }, BEARER, '', 403],
    ['lets other machines in when told', { secretKey: KEY, isRemoteAllowed: true }, BEARER, '192.0.2.7', 200],
    ['knows this machine behind an IPv6 socket', { secretKey: KEY }, BEARER, '::ffff:127.0.0.1', 200],
  ])('%s', async (_name, config, headers, peer, status) => {
    expect(await statusFor(config, headers, peer)).toBe(status)
  })

  test('does not listen to an address for half an hour after five wrong keys, also sent at once', async () => {
    let now = 1_000_000
    const access = createManagementAccess({
      config: () => ({ secretKey: HASH, isRemoteAllowed: true }),
      clock: () => now,
    })
    const judge = async (key: string, peer: string): Promise<number> =>
      (await access.judge(asking({ 'x-management-key': key }), peer))?.status ?? 200
    const statuses = await Promise.all(Array.from({ length: 7 }, () => judge('wrong', '192.0.2.7')))
    expect(statuses).toEqual([401, 401, 401, 401, 401, 403, 403])
    expect(await judge(KEY, '192.0.2.7')).toBe(403)
    expect(await judge(KEY, '192.0.2.8')).toBe(200)
    now += 30 * 60_000
    expect(await judge(KEY, '192.0.2.7')).toBe(200)
    for (let count = 0; count < 6; count++) await judge('wrong', '192.0.2.9')
    now -= 1
    expect(await judge(KEY, '192.0.2.9')).toBe(200)
  })

  test('counts no request without a key, but keeps them out of a ban too', async () => {
    const access = createManagementAccess({
      config: () => ({ secretKey: KEY, isRemoteAllowed: false }),
      clock: () => 0,
    })
    for (let count = 0; count < 6; count++) {
      const refusal = await access.judge(asking({}), '127.0.0.1')
      expect([refusal?.status, refusal?.error]).toEqual([401, expect.stringContaining('missing management key')])
    }
    expect(await access.judge(asking(BEARER), '127.0.0.1')).toBeUndefined()
    for (let count = 0; count < 5; count++) await access.judge(asking({ authorization: 'wrong' }), '127.0.0.1')
    expect(await access.judge(asking({}), '127.0.0.1')).toMatchObject({ status: 403 })
  })

  test('forgets wrong keys once the right one comes', async () => {
    const access = createManagementAccess({
      config: () => ({ secretKey: KEY, isRemoteAllowed: false }),
      clock: () => 0,
    })
    for (let round = 0; round < 3; round++) {
      for (let failure = 0; failure < 4; failure++)
        expect(await access.judge(asking({ 'x-management-key': 'wrong' }), '::1')).toMatchObject({ status: 401 })
      expect(await access.judge(asking(BEARER), '::1')).toBeUndefined()
    }
  })
})

const LOGIN: LoginRow = {
  name: 'claude-ann@example.com.json',
  type: 'claude',
  accountIds: ['a1', 'a2'],
  email: 'ann@example.com',
  state: 'ready',
}

function restOf(accountId: string, until: number, model?: string): StandingRow {
  return {
    accountId,
    model,
    standing: {
      state: 'cooling',
      reason: 'quota',
      status: 429,
      message: 'limit reached',
      since: 0,
      until,
      probeAt: until,
      level: 0,
    },
  }
}

describe('the list of accounts', () => {
  test.each<[LoginRow['state'], string, boolean, boolean]>([
    ['ready', 'active', false, false],
    ['disabled', 'disabled', true, true],
    ['log-in-again', 'error', false, true],
    ['refresh-failed', 'error', false, false],
    ['broken', 'error', false, true],
  ])('shows a login that is %s', (state, status, disabled, unavailable) => {
    const logins = [{ ...LOGIN, state, message: 'run cliproxy login claude' }]
    const [entry] = authFilesOf({ logins, accounts: [], standings: [] })
    expect(entry).toMatchObject({ status, disabled, unavailable, status_message: 'run cliproxy login claude' })
  })

  test('shows a login as resting only when all of its accounts do', () => {
    const one = authFilesOf({ logins: [LOGIN], accounts: [], standings: [restOf('a1', 5000)] })
    expect(one[0]).toMatchObject({ status: 'active', unavailable: false })
    const standings = [restOf('a1', 5000), restOf('a2', 3000)]
    const all = authFilesOf({ logins: [LOGIN], accounts: [], standings })
    expect(all[0]).toMatchObject({
      status: 'error',
      status_message: 'limit reached',
      unavailable: true,
      next_retry_after: '1970-01-01T00:00:03Z',
    })
  })

  test('shows accounts with a key, without it, and does not count the rest of one model', () => {
    const account = accountAt('http://127.0.0.1:1', 'anthropic')
    const files = authFilesOf({ logins: [], accounts: [account], standings: [restOf(account.id, 5000, 'm')] })
    expect(JSON.stringify(files)).not.toContain(account.secret)
    expect(files[0]).toMatchObject({
      name: account.label,
      account_type: 'api_key',
      unavailable: false,
      source: 'memory',
      status_message: 'm rests: limit reached',
    })
  })
})

test('an account that rests as a whole says until when', () => {
  const account = accountAt('http://127.0.0.1:1', 'anthropic')
  const standings = [restOf(account.id, 9000, 'm'), restOf(account.id, 5000)]
  expect(authFilesOf({ logins: [], accounts: [account], standings })[0]).toMatchObject({
    status: 'error',
    status_message: 'limit reached',
    unavailable: true,
    next_retry_after: '1970-01-01T00:00:05Z',
  })
})

describe('over HTTP', () => {
  const started: { stop(): Promise<void> }[] = []
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop()
  })

  function serveManagement(management: ManagementConfig): string {
    const { context, ...proxy } = startProxy()
    const routes = managementRoutes({
      config: () => ({
        management,
        accounts: [accountAt('http://127.0.0.1:1', 'anthropic', { label: 'one', id: 'k' })],
      }),
      logins: { rows: () => [LOGIN] },
      pool: { standings: () => [restOf('k', 1000), restOf('a1', 3000), restOf('a2', 3000)] },
      isLoopback: false,
      clock: () => 2000,
    })
    const server = listen(createApp(context, [routes]), createResponsesSockets(context), { host: '127.0.0.1', port: 0 })
    started.push(server, proxy)
    return server.url.origin
  }

  test('the list is given, whole or by name', async () => {
    const origin = serveManagement({ secretKey: KEY, isRemoteAllowed: false })
    const read = async (query: string): Promise<unknown> =>
      await (await fetch(`${origin}/v0/management/auth-files${query}`, { headers: BEARER })).json()
    expect(await read('')).toMatchObject({
      files: [
        { name: LOGIN.name, auth_index: 'a1', status: 'error' },
        { name: 'one', status: 'active' },
      ],
    })
    expect(await read('?name=one')).toMatchObject({ files: [{ name: 'one' }] })
  })

  test.each([
    ['GET', '/v0/management/config', 404],
    ['POST', '/v0/management/auth-files', 404],
    ['GET', '/v0/management/auth-files', 200],
  ])('%s %s', async (method, path, status) => {
    const origin = serveManagement({ secretKey: KEY, isRemoteAllowed: false })
    expect((await fetch(origin + path, { method, headers: BEARER })).status).toBe(status)
  })

  test('nothing is there without a key, and nothing without showing it', async () => {
    const closed = serveManagement({ isRemoteAllowed: true })
    expect((await fetch(`${closed}/v0/management/auth-files`, { headers: BEARER })).status).toBe(404)
    const open = serveManagement({ secretKey: KEY, isRemoteAllowed: false })
    expect((await fetch(`${open}/v0/management/anything`)).status).toBe(401)
  })
})
