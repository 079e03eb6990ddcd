import { afterEach, describe, expect, test } from 'bun:test'
import type { VendorId } from '../../../src/accounts/oauth/vendor.ts'
import { loadVendor } from '../../../src/accounts/oauth/vendors.ts'
import { startVendor, type VendorStandIn, type VendorStandInOptions } from '../../kit/vendors/vendor.ts'
import { contextFor, leaksIn, oauthErrorOf, OPTIONS, personWho, type TestContext } from './conversing.ts'

let vendor: VendorStandIn
afterEach(() => vendor.stop())

const NOW = Date.UTC(2026, 0, 1)
const DEVICE = { ...OPTIONS, isDevice: true, timeoutMs: 15 * 60_000 }

describe.each([
  ['qwen', { email: 'my-qwen' }, { resource_url: 'portal.qwen.example' }],
  ['kimi', { device_id: expect.any(String) }, { token_type: 'Bearer', scope: 'kimi-code' }],
  [
    'xai',
    {
      email: 'ann@example.com',
      sub: 'subject-1',
      base_url: 'https://api.x.ai/v1',
      token_endpoint: expect.any(String),
    },
    { token_type: 'Bearer', expires_in: 3600 },
  ],
  ['codex', { email: 'ann@example.com', account_id: 'workspace-1' }, undefined],
] satisfies [VendorId, object, object | undefined][])('the device login of %s', (id, profile, fields) => {
  test('shows a code, waits for the person and ends in tokens', async () => {
    const { run, person, context } = await begin(id, (code, delays) => {
      // Only once it was asked in vain.
      delays.push(
        () => {},
        () => vendor.confirm(code),
      )
    })
    const logins = await run
    const { accessToken, expiresAt, fields: own } = logins[0]!.tokens
    expect(vendor.isAccess(accessToken)).toBe(true)
    expect(expiresAt).toBe(NOW + context.delaysMs.length * 5000 + 3_600_000)
    expect(own).toEqual(fields)
    expect(context.delaysMs).toEqual([5000, 5000])
    expect(logins[0]?.profile).toEqual(profile)
    expect(leaksIn(person.shown, vendor)).toEqual([])
  })

  test('gives up when the code is not confirmed in time', async () => {
    const { run, context } = await begin(id, () => {})
    const error = await oauthErrorOf(run)
    expect(error.code).toBe('expired_token')
    expect(error.message).toContain(`cliproxy login ${id}`)
    expect(context.delaysMs.length).toBe(id === 'codex' ? 180 : 120)
  })

  test('ends when it is cancelled', async () => {
    const { run } = await begin(id, (_code, delays) => {
      delays.push(() => cancelled())
    })
    expect((await oauthErrorOf(run)).message).toBe('The login was cancelled.')
  })
})

test('a vendor that wants to be asked in a million years is waited for no longer than its code is good', async () => {
  vendor = await startVendor('qwen')
  const device = { device_code: 'd', user_code: 'u', verification_uri: vendor.url, expires_in: 60, interval: 1e13 }
  const context = contextFor(vendor)
  const { fetch } = context
  const answering: typeof fetch = async (url, init) =>
    url.endsWith('/device/code') ? Response.json(device) : await fetch(url, init)
  const flow = await loadVendor('qwen')
  const error = await oauthErrorOf(flow.login(personWho({}).conversation, DEVICE, { ...context, fetch: answering }))
  expect(error.code).toBe('expired_token')
  expect(context.delaysMs).toEqual([60_000])
})

describe.each(['qwen', 'kimi', 'xai'] as const)('while the code of %s waits', (id) => {
  test('it is asked for more slowly when the vendor says so', async () => {
    const { run, context } = await begin(id, (code, delays) => {
      vendor.next(
        () => Response.json({ error: 'slow_down' }, { status: 400 }),
        () => Response.json({ error: 'authorization_pending' }, { status: 400 }),
        () => Response.json({ error: 'slow_down' }, { status: 429 }),
      )
      delays.push(() => vendor.confirm(code))
    })
    await run
    expect(context.delaysMs).toEqual([5000, 10_000, 10_000, 15_000])
  })

  test('failures of the network and the vendor are waited out', async () => {
    const { run } = await begin(id, (code, delays) => {
      vendor.next(() => new Response('no', { status: 503 }))
      delays.push(() => vendor.confirm(code))
    })
    expect(await run).toHaveLength(1)
  })

  test('failures that do not end are told', async () => {
    const { run } = await begin(id, () => {
      vendor.next(...Array.from({ length: 9 }, () => () => new Response('no', { status: 503 })))
    })
    expect((await oauthErrorOf(run)).message).toContain('HTTP 503')
  })

  test('a person who says no is told so', async () => {
    const { run, person } = await begin(id, (code) => vendor.refuse(code))
    const error = await oauthErrorOf(run)
    expect(error.message).toContain('was denied')
    expect(leaksIn([...person.shown, error.message], vendor)).toEqual([])
  })

  test('a code that has expired is told', async () => {
    const { run } = await begin(id, () => vendor.expireDevices())
    expect((await oauthErrorOf(run)).message).toContain('has expired')
  })
})

test('Kimi is told of one device alone, and of nothing that only its own CLI would say', async () => {
  const { run } = await begin('kimi', (code) => vendor.confirm(code))
  const [login] = await run
  const sent = vendor.calls.map(({ headers }) => [...headers.keys()].filter((name) => name.startsWith('x-msh')))
  expect(new Set(sent.flat())).toEqual(new Set(['x-msh-device-id']))
  expect(vendor.calls.at(-1)?.headers.get('x-msh-device-id')).toBe(String(login?.profile['device_id']))
})

test('a discovery document that names another host sends nothing there', async () => {
  // The address becomes `http://127.0.0.1:PORT@elsewhere`.
  const { run } = await begin('xai', () => {}, { rules: { paths: { device: '/d', token: '@elsewhere' } } })
  expect((await oauthErrorOf(run)).message).toContain('not its own')
})

test('without an auth-url, xAI’s endpoints must be its own', async () => {
  vendor = await startVendor('xai')
  const asked: string[] = []
  const context = contextFor(vendor, {
    client: {},
    fetch: (url) => {
      asked.push(url)
      return Promise.resolve(
        Response.json({
          token_endpoint: 'https://auth.x.ai.example/token',
          device_authorization_endpoint: 'https://auth.x.ai/device',
        }),
      )
    },
  })
  const maker = await loadVendor('xai')
  const error = await oauthErrorOf(maker.login(personWho({}).conversation, DEVICE, context))
  expect(error.message).toContain('token_endpoint')
  expect(asked).toEqual(['https://auth.x.ai/.well-known/openid-configuration'])
})

let cancelled = (): void => {}

/** @param act on the code that is shown; what it adds happens before each question, one after the other. */
async function begin(
  id: VendorId,
  act: (code: string, delays: (() => void)[]) => void,
  options: VendorStandInOptions = {},
) {
  vendor = await startVendor(id, options)
  const delays: (() => void)[] = []
  const base = contextFor(vendor)
  cancelled = base.cancel
  const context: TestContext = {
    ...base,
    sleep: async (delayMs, signal) => {
      delays.shift()?.()
      await base.sleep?.(delayMs, signal)
    },
  }
  const person = personWho({ reads: (code) => act(code, delays), answers: ['my-qwen'] })
  const maker = await loadVendor(id)
  return { run: maker.login(person.conversation, DEVICE, context), person, context }
}
