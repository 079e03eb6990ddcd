import { afterEach, expect, test } from 'bun:test'
import { withProject } from '../../../src/accounts/oauth/with-project.ts'
import { thrownBy } from '../../kit/failing.ts'
import { startVendor, type VendorStandIn } from '../../kit/vendors/vendor.ts'
import { contextFor } from './conversing.ts'

let vendor: VendorStandIn
afterEach(() => vendor.stop())

test('a login that another program made gets the project that Google gives', async () => {
  vendor = await startVendor('gemini')
  const { accessToken, refreshToken } = vendor.issue()
  const context = contextFor(vendor)
  const tokens = { accessToken, refreshToken, expiresAt: context.clock() + 60_000 }
  const login = await withProject({ tokens, profile: { email: 'ann@example.com' } }, context)
  expect(login).toEqual({
    tokens,
    profile: { email: 'ann@example.com', project_id: 'assigned-1', auto: true, checked: true },
  })
})

test('a token that has expired is refreshed first', async () => {
  vendor = await startVendor('gemini')
  const { refreshToken } = vendor.issue()
  const context = contextFor(vendor)
  const fields = { scope: 's', token: { client_id: vendor.clientId } }
  const tokens = { accessToken: 'over', refreshToken, expiresAt: context.clock() - 1, fields }
  const login = await withProject({ tokens, profile: {} }, context)
  expect(vendor.isAccess(login.tokens.accessToken)).toBe(true)
  expect(login.tokens.refreshToken).toBe(refreshToken)
  expect(login.tokens.fields).toEqual({
    scope: 's',
    token: { client_id: vendor.clientId, client_secret: vendor.clientSecret },
  })
  expect(login.profile['project_id']).toBe('assigned-1')
})

test('a project that only its owner can name is asked for, and nobody answers', async () => {
  vendor = await startVendor('gemini', { google: { defaultTier: 'standard-tier', projects: { one: 'on', two: 'on' } } })
  const { accessToken } = vendor.issue()
  const error = await thrownBy(withProject({ tokens: { accessToken }, profile: {} }, contextFor(vendor)))
  expect(String(error)).toContain('--project-id')
})
