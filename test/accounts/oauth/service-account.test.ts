import { afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createPrivateKey } from 'node:crypto'
import { OauthError } from '../../../src/accounts/oauth/oauth-error.ts'
import { importServiceAccount, repairPrivateKey } from '../../../src/accounts/oauth/service-account.ts'
import { loadVendor } from '../../../src/accounts/oauth/vendors.ts'
import type { Fields } from '../../../src/lib/json.ts'
import { thrownBy } from '../../kit/failing.ts'
import { makeServiceKey } from '../../kit/vendors/grants.ts'
import { startVendor, type VendorStandIn } from '../../kit/vendors/vendor.ts'
import { contextFor } from './conversing.ts'

let key: Awaited<ReturnType<typeof makeServiceKey>>
let vendor: VendorStandIn | undefined
beforeAll(async () => {
  key = await makeServiceKey()
})
afterEach(async () => {
  await vendor?.stop()
  vendor = undefined
})

function account(own: Fields = {}): Fields {
  return {
    type: 'service_account',
    project_id: 'project-1',
    private_key_id: 'key-1',
    private_key: key.pem,
    client_email: 'robot@project-1.iam.gserviceaccount.com',
    token_uri: 'https://oauth2.googleapis.com/token',
    ...own,
  }
}

describe('a key file', () => {
  test('becomes a login', () => {
    const { tokens, profile } = importServiceAccount(JSON.stringify(account()), { prefix: '/team/' })
    expect(tokens).toEqual({ accessToken: '' })
    expect(profile).toEqual({
      service_account: account(),
      project_id: 'project-1',
      email: 'robot@project-1.iam.gserviceaccount.com',
      prefix: 'team',
    })
  })

  test('keeps what is not known of it', () => {
    const { profile } = importServiceAccount(`\uFEFF${JSON.stringify(account({ further: 1 }))}`)
    expect(profile).toMatchObject({ service_account: { further: 1 } })
    expect('prefix' in profile).toBe(false)
  })

  test.each<[string, () => string, object]>([
    ['with line ends as two characters', () => key.pem.replaceAll('\n', '\\n'), {}],
    ['with line ends of Windows', () => key.pem.replaceAll('\n', '\r\n'), {}],
    ['on one line', () => key.pem.replaceAll('\n', ' '), {}],
    ['without line ends', () => key.pem.replaceAll('\n', ''), {}],
    ['between other words', () => `"${key.pem}"\n`, {}],
    ['as PKCS #1', () => createPrivateKey(key.pem).export({ type: 'pkcs1', format: 'pem' }), {}],
  ])('may hold its key %s', (_name, pem) => {
    expect(repairPrivateKey(pem())).toBe(key.pem)
  })

  test.each<[string, () => string, string]>([
    ['that is no JSON', () => 'hello', 'no JSON object'],
    ['of another type', () => JSON.stringify(account({ type: 'authorized_user' })), 'service_account'],
    [
      'without what is needed',
      () => JSON.stringify(account({ project_id: ' ', private_key: undefined })),
      'no project_id and no private_key',
    ],
    ['without a key in its key', () => JSON.stringify(account({ private_key: 'made-up-word' })), 'no RSA key'],
    [
      'with a key cut short',
      () => JSON.stringify(account({ private_key: key.pem.replace(/[A-Za-z]{20}/, '') })),
      'no RSA key',
    ],
  ])('%s says what is wrong, and nothing of the key', (_name, text, expected) => {
    const error = failureOf(() => importServiceAccount(text()))
    expect(error.message).toContain(expected)
    expect(error.message).not.toContain('made-up-word')
  })

  test('takes no prefix of two words', () => {
    expect(failureOf(() => importServiceAccount(JSON.stringify(account()), { prefix: 'a/b' })).message).toContain(
      'slash',
    )
  })
})

describe('the token of a service account', () => {
  test('is had for an assertion that its key signed', async () => {
    vendor = await startVendor('vertex', { rules: { publicKey: key.publicKey } })
    const maker = await loadVendor('vertex')
    const context = { ...contextFor(vendor), clock: () => Date.now() }
    const { accessToken, expiresAt } = await maker.refresh({ accessToken: '' }, { service_account: account() }, context)
    expect(vendor.isAccess(accessToken)).toBe(true)
    expect(expiresAt).toBeGreaterThan(Date.now())
    expect([...new URLSearchParams(vendor.calls[0]?.text).keys()].toSorted((a, b) => a.localeCompare(b))).toEqual([
      'assertion',
      'grant_type',
    ])
  })

  test('is refused for good when the key is another one', async () => {
    const { publicKey } = await makeServiceKey()
    vendor = await startVendor('vertex', { rules: { publicKey } })
    const maker = await loadVendor('vertex')
    const context = { ...contextFor(vendor), clock: () => Date.now() }
    const error = await thrownBy(maker.refresh({ accessToken: '' }, { service_account: account() }, context))
    expect(error).toMatchObject({ isFinal: true, code: 'invalid_grant' })
  })

  test.each([
    ['of somebody else', { token_uri: 'https://googleapis.com.example/token' }],
    ['over plain HTTP', { token_uri: 'http://oauth2.googleapis.com/token' }],
  ])('is not asked for at an address %s', async (_name, own) => {
    vendor = await startVendor('vertex')
    const maker = await loadVendor('vertex')
    const context = { ...contextFor(vendor), client: {}, fetch: () => Promise.reject(new Error('it was asked')) }
    const error = await thrownBy(maker.refresh({ accessToken: '' }, { service_account: account(own) }, context))
    expect(error).toMatchObject({ isFinal: true, message: expect.stringContaining('nothing was sent there') })
  })
})

function failureOf(run: () => unknown): OauthError {
  try {
    run()
  } catch (error) {
    if (error instanceof OauthError) return error
  }
  throw new Error('it did not fail as it should')
}
