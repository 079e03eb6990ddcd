import { afterEach, describe, expect, test } from 'bun:test'
import type { TokenSet, VendorContext, VendorId } from '../../../src/accounts/oauth/vendor.ts'
import { loadVendor } from '../../../src/accounts/oauth/vendors.ts'
import type { Fields } from '../../../src/lib/json.ts'
import { thrownBy } from '../../kit/failing.ts'
import { startVendor, type VendorStandIn } from '../../kit/vendors/vendor.ts'
import { kindOf } from '../made-up.ts'
import { contextFor, leaksIn, oauthErrorOf } from './conversing.ts'

let vendor: VendorStandIn
afterEach(() => vendor.stop())

const NOW = Date.UTC(2026, 0, 1)
const VENDORS = ['claude', 'codex', 'gemini', 'qwen', 'kimi', 'xai'] as const
/** Those whose refresh tokens are good once. */
const ROTATING = VENDORS.filter((id) => id !== 'gemini')

describe.each(VENDORS)('the refresh of %s', (id) => {
  test('gives a new token, good for as long as the vendor says', async () => {
    const { tokens, renewed } = await refreshed(id)
    expect(vendor.isAccess(renewed.accessToken)).toBe(true)
    expect(renewed.accessToken).not.toBe(tokens.accessToken)
    expect(renewed.expiresAt).toBe(NOW + (id === 'claude' ? 28_800_000 : 3_600_000))
  })

  test('says who asks, and imitates nobody', async () => {
    await refreshed(id)
    for (const { headers } of vendor.calls) expect(headers.get('user-agent')).toMatch(/^cliproxy\/\d/)
  })

  test('is final when the vendor no longer knows the token, and repeats no secret of the vendor’s answer', async () => {
    const { error, tokens } = await failed(id, () => vendor.revoke())
    expect(error).toMatchObject({ isFinal: true, status: 400, code: 'invalid_grant' })
    expect(error.message).toContain(`cliproxy login ${id}`)
    const told = [error.message, error.stack ?? '', JSON.stringify(error), String(error.cause)]
    expect(told.join('\n')).not.toContain(tokens.refreshToken ?? '')
    expect(leaksIn(told, vendor)).toEqual([])
  })

  test.each([401, 500, 502, 503])('after HTTP %d is final for 401 alone', async (status) => {
    const { error } = await failed(id, () => vendor.next(() => new Response('no', { status })))
    expect(error).toMatchObject({ isFinal: status === 401, status })
  })

  test('waits as long as the vendor wants when it is asked too often', async () => {
    const { error } = await failed(id, () =>
      vendor.next(() => new Response('{"error":"slow"}', { status: 429, headers: { 'retry-after': '42' } })),
    )
    expect(error).toMatchObject({ isFinal: false, status: 429, retryAfterMs: 42_000 })
  })

  test('is not final when the vendor cannot be reached', async () => {
    const { error } = await failed(id, () => {}, {
      fetch: () => Promise.reject(Object.assign(new Error('via http://me:word@proxy'), { code: 'ConnectionRefused' })),
    })
    expect(error.isFinal).toBe(false)
    expect(error.message).toContain('cannot be reached (ConnectionRefused)')
    expect(error.message).not.toContain('word')
  })

  test('is not final when the answer is no login, and says nothing of what came', async () => {
    const { error } = await failed(id, () =>
      vendor.next(() => Response.json({ access_token: 7, note: 'kept-to-itself' })),
    )
    expect(error.isFinal).toBe(false)
    expect(JSON.stringify([error.message, error, error.cause])).not.toContain('kept-to-itself')
  })

  test('is final without a refresh token, and asks nobody', async () => {
    const { error } = await failed(id, () => {}, {}, { accessToken: 'alone' })
    expect(error.isFinal).toBe(true)
    expect(vendor.calls.filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('sends no secret over plain HTTP to another machine', async () => {
    const { error } = await failed(id, () => {}, {
      client: { clientId: 'c', clientSecret: 'made-up', authUrl: 'http://sso.example.com' },
      fetch: () => Promise.reject(new Error('it was asked')),
    })
    expect(error.message).toContain('allowed are https')
  })
})

test.each(ROTATING)('%s gives another refresh token, and the old one is dead', async (id) => {
  const { tokens, renewed, refresh } = await refreshed(id)
  expect(renewed.refreshToken).toBeDefined()
  expect(renewed.refreshToken).not.toBe(tokens.refreshToken)
  const error = await thrownBy(refresh(tokens))
  expect(error).toMatchObject({ isFinal: true })
  expect(vendor.isAccess((await refresh(renewed)).accessToken)).toBe(true)
})

test('Google’s refresh token stays good', async () => {
  const { tokens, renewed, refresh } = await refreshed('gemini')
  expect(renewed.refreshToken).toBeUndefined()
  expect(vendor.isAccess((await refresh(tokens)).accessToken)).toBe(true)
})

test('a token of Codex’s that another program has used says so', async () => {
  const { tokens, refresh } = await refreshed('codex')
  const error = await thrownBy(refresh(tokens))
  expect(error).toMatchObject({ isFinal: true, code: 'refresh_token_reused', status: 401 })
  expect(String(error)).toContain('Another program has used this login')
})

test('an ID token that cannot be read loses no token', async () => {
  const { renewed } = await refreshed('codex', () =>
    vendor.next(() =>
      Response.json({ access_token: 'new', refresh_token: 'next', id_token: 'a.b.c', expires_in: '60' }),
    ),
  )
  expect(renewed).toMatchObject({ accessToken: 'new', refreshToken: 'next', expiresAt: NOW + 60_000, fields: {} })
})

test.each([
  ['kimi', 403],
  ['qwen', 400],
] as const)(
  '%s’s %i ends a login when it tells an error, and not when it is the page of a firewall',
  async (id, status) => {
    const answers = [new Response('<html>Blocked</html>', { status }), Response.json({ error: 'no_way' }, { status })]
    for (const [index, answer] of answers.entries()) {
      const { error } = await failed(id, () => vendor.next(() => answer))
      expect(error.isFinal).toBe(index === 1)
      await vendor.stop()
    }
  },
)

test('line ends around tokens are none of them', async () => {
  const { renewed } = await refreshed('qwen', () =>
    vendor.next(() => Response.json({ access_token: 'new\r\n', refresh_token: ' next\n', expires_in: 60 })),
  )
  expect(renewed).toMatchObject({ accessToken: 'new', refreshToken: 'next' })
})

test.each([1e300, '1e300', 9e15, 'Infinity'])('a token that lives %p seconds can still be written', async (seconds) => {
  const { renewed } = await refreshed('qwen', () =>
    vendor.next(() => Response.json({ access_token: 'new', refresh_token: 'next', expires_in: seconds })),
  )
  const written = kindOf('qwen').writeTokens({ type: 'qwen' }, renewed, NOW)
  expect(kindOf('qwen').readTokens(written)).toMatchObject({ refreshToken: 'next', expiresAt: expect.any(Number) })
})

test.each([[0], [-5], ['soon'], [null], [[]], [{}]])(
  'a token that lives %p seconds has no known end',
  async (seconds) => {
    const { renewed } = await refreshed('qwen', () =>
      vendor.next(() => Response.json({ access_token: 'new', refresh_token: 'next', expires_in: seconds })),
    )
    expect(renewed).toMatchObject({ refreshToken: 'next', expiresAt: undefined })
  },
)

test('a client that the vendor does not know is no reason to log in again', async () => {
  const { error } = await failed('claude', () => {}, { client: { authUrl: 'x', clientId: 'unknown' } })
  expect(error).toMatchObject({ isFinal: false, code: 'invalid_client' })
})

test.each([
  ['the file', { token: { client_id: 'of-file', client_secret: 'word' } }, { clientId: 'of-config' }, {}, 'of-file'],
  ['the config', {}, { clientId: 'of-config', clientSecret: 'word' }, { GEMINI_OAUTH_CLIENT_ID: 'x' }, 'of-config'],
  [
    'the config, whose secret is newer',
    { token: { client_id: 'of-both', client_secret: 'old' } },
    { clientId: 'of-both', clientSecret: 'word' },
    {},
    'of-both',
  ],
  [
    'the environment, which made the login,',
    { token: { client_id: 'of-env' } },
    { clientId: 'of-config', clientSecret: 'x' },
    { GEMINI_OAUTH_CLIENT_ID: 'of-env', GEMINI_OAUTH_CLIENT_SECRET: 'word' },
    'of-env',
  ],
  ['the environment', {}, {}, { GEMINI_OAUTH_CLIENT_ID: 'of-env', GEMINI_OAUTH_CLIENT_SECRET: 'word' }, 'of-env'],
])('Google is asked with the client of %s', async (_name, fields, client, environment, expected) => {
  await failed('gemini', () => {}, { client: { ...client, authUrl: 'x' }, environment }, undefined, fields)
  const form = new URLSearchParams(vendor.calls.at(-1)?.text)
  expect([form.get('client_id'), form.get('client_secret')]).toEqual([expected, 'word'])
})

test('the client that refreshed a login of Google’s is put into its file', async () => {
  const { renewed } = await refreshed('gemini')
  const written = kindOf('gemini').writeTokens({ type: 'gemini', token: { scope: 's' } }, renewed, NOW)
  const { clientId, clientSecret } = vendor
  expect(written['token']).toMatchObject({ scope: 's', client_id: clientId, client_secret: clientSecret })
})

test.each([
  ['https://auth.x.ai.example/t', 'https://auth.x.ai/.well-known/openid-configuration'],
  ['http://auth.x.ai/t', 'https://auth.x.ai/.well-known/openid-configuration'],
  ['https://auth.x.ai/t', 'https://auth.x.ai/t'],
])('the token endpoint %s of an xAI file leads to %s', async (endpoint, expected) => {
  const asked: string[] = []
  await failed(
    'xai',
    () => {},
    {
      client: {},
      fetch: (url) => {
        asked.push(url)
        return Promise.resolve(Response.json({}, { status: 500 }))
      },
    },
    undefined,
    { token_endpoint: endpoint },
  )
  expect(asked).toEqual([expected])
})

interface Started {
  readonly tokens: TokenSet
  readonly refresh: (tokens: TokenSet) => Promise<TokenSet>
}

async function start(
  id: VendorId,
  own: Partial<VendorContext> = {},
  fields: Fields = { device_id: 'd' },
): Promise<Started> {
  vendor = await startVendor(id)
  const context = contextFor(vendor, own)
  const client = own.client?.authUrl === 'x' ? { ...own.client, authUrl: vendor.url } : context.client
  const maker = await loadVendor(id)
  return { tokens: vendor.issue(), refresh: (tokens) => maker.refresh(tokens, fields, { ...context, client }) }
}

async function refreshed(id: VendorId, before: () => void = () => {}) {
  const { tokens, refresh } = await start(id)
  before()
  return { tokens, refresh, renewed: await refresh(tokens) }
}

async function failed(
  id: VendorId,
  before: () => void,
  own: Partial<VendorContext> = {},
  given?: TokenSet,
  fields?: Fields,
) {
  const { tokens, refresh } = await start(id, own, fields)
  before()
  return { error: await oauthErrorOf(refresh(given ?? tokens)), tokens }
}
