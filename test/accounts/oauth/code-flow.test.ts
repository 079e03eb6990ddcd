import { afterEach, describe, expect, test } from 'bun:test'
import type { VendorId } from '../../../src/accounts/oauth/vendor.ts'
import { loadVendor } from '../../../src/accounts/oauth/vendors.ts'
import { thrownBy } from '../../kit/failing.ts'
import { startVendor, type VendorStandIn } from '../../kit/vendors/vendor.ts'
import { browse, contextFor, leaksIn, oauthErrorOf, OPTIONS, personWho, type PersonOptions } from './conversing.ts'

let vendor: VendorStandIn
afterEach(() => vendor.stop())

const NOW = Date.UTC(2026, 0, 1)

describe.each([
  [
    'claude',
    8 * 3600,
    {
      email: 'ann@example.com',
      account_uuid: 'account-1',
      organization_uuid: 'organization-1',
      organization_name: 'Ann’s',
      plan_type: 'max',
    },
  ],
  ['codex', 3600, { email: 'ann@example.com', account_id: 'workspace-1' }],
  [
    'gemini',
    3600,
    { email: 'ann@example.com', project_id: 'assigned-1', auto: true, checked: true, token: expect.any(Object) },
  ],
] satisfies [VendorId, number, object][])('the login of %s', (id, seconds, profile) => {
  test('ends in tokens when the browser comes back', async () => {
    const { logins, page, person } = await logIn(id, {
      opens: async (url, port) => await browse(await vendor.consent(url), port),
    })
    expect(logins.map((login) => login.profile)).toEqual([profile])
    const { accessToken, refreshToken, expiresAt } = logins[0]!.tokens
    expect(vendor.isAccess(accessToken)).toBe(true)
    expect(vendor.secrets.has(refreshToken ?? '')).toBe(true)
    expect(expiresAt).toBe(NOW + seconds * 1000)
    const { status, text } = await page
    expect(status).toBe(200)
    expect(text).toContain('You can close this page')
    expect(leaksIn([...person.shown, text], vendor)).toEqual([])
  })

  test('ends in tokens when the address is pasted', async () => {
    const sent = Promise.withResolvers<string>()
    const { logins } = await logIn(
      id,
      { opens: async (url) => sent.resolve(await vendor.consent(url)), answers: ['', () => sent.promise] },
      { pasteAfterMs: 0 },
    )
    expect(vendor.isAccess(logins[0]!.tokens.accessToken)).toBe(true)
  })

  test('is not drowned in answers that belong to no login', async () => {
    const { person } = await logIn(id, {
      opens: async (url, port) => {
        const location = await vendor.consent(url)
        const strange = new URL(location)
        strange.searchParams.set('state', 'strange')
        await Promise.all(Array.from({ length: 20 }, () => browse(strange.href, port)))
        return await browse(location, port)
      },
    })
    expect(person.shown.filter((line) => line.includes('it was refused'))).toHaveLength(5)
  })

  test('refuses an answer with another state, and waits on', async () => {
    const pages: { status: number; text: string }[] = []
    const { logins, person } = await logIn(id, {
      opens: async (url, port) => {
        const location = new URL(await vendor.consent(url))
        const right = location.href
        location.searchParams.set('state', 'another-state-of-the-same-look')
        pages.push(await browse(location.href, port))
        return await browse(right, port)
      },
    })
    expect(pages[0]?.status).toBe(400)
    expect(pages[0]?.text).toContain('does not belong to the login')
    expect(person.shown.join('\n')).toContain('it was refused. Still waiting.')
    expect(logins).toHaveLength(1)
  })

  test('refuses a pasted address with another state', async () => {
    const sent = Promise.withResolvers<string>()
    const wrong = async (): Promise<string> => (await sent.promise).replace(/state=[^&]+/, 'state=another')
    const { logins, person } = await logIn(
      id,
      { opens: async (url) => sent.resolve(await vendor.consent(url)), answers: [wrong, () => sent.promise] },
      { pasteAfterMs: 0 },
    )
    expect(person.shown.join('\n')).toContain('belongs to another login')
    expect(logins).toHaveLength(1)
  })

  test('says that it was denied', async () => {
    const { error, page } = await failToLogIn(id, {
      opens: async (url, port) => await browse(await vendor.deny(url), port),
    })
    expect(error.message).toContain('was denied')
    expect((await page).text).toContain('The login failed')
  })

  test('gives up in time, with what to do', async () => {
    const { error } = await failToLogIn(id, {}, { timeoutMs: 30 })
    expect(error.code).toBe('timeout')
    expect(error.message).toContain(`cliproxy login ${id}`)
  })

  test('ends when it is cancelled', async () => {
    const { error } = await failToLogIn(id, { opens: (_url, _port, cancel) => cancel() })
    expect(error.message).toBe('The login was cancelled.')
  })

  test('says what the vendor said of a code, and nothing that is secret', async () => {
    const { error, person, page } = await failToLogIn(id, {
      opens: async (url, port) => {
        const location = await vendor.consent(url)
        const used = new URL(location).searchParams.get('code')
        vendor.next(() =>
          Response.json({ error: 'invalid_grant', error_description: `no ${used}\u001b[31m` }, { status: 400 }),
        )
        return await browse(location, port)
      },
    })
    expect(error.message).toContain('refused the code (HTTP 400): invalid_grant, no … [31m')
    expect(leaksIn([...person.shown, error.message, JSON.stringify(error), (await page).text], vendor)).toEqual([])
  })

  test('goes on without the port when it is in use, with a paste', async () => {
    const taken = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('other') })
    const { port } = taken
    const sent = Promise.withResolvers<string>()
    const { logins, person } = await logIn(
      id,
      { opens: async (url) => sent.resolve(await vendor.consent(url)), answers: [() => sent.promise] },
      { callbackPort: port },
    )
    await taken.stop(true)
    expect(person.shown.join('\n')).toContain(`Port ${port} of this machine is in use`)
    expect(logins).toHaveLength(1)
  })

  test('says which flag helps when the port is in use and nobody can paste', async () => {
    const taken = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('other') })
    const { error } = await failToLogIn(id, {}, { callbackPort: taken.port })
    await taken.stop(true)
    expect(error.message).toContain('--callback-port')
  })
})

test('Claude’s code#state is taken as its page shows it', async () => {
  const sent = Promise.withResolvers<string>()
  const { logins } = await logIn(
    'claude',
    {
      opens: async (url) => {
        const query = new URL(await vendor.consent(url)).searchParams
        sent.resolve(`${query.get('code')}#${query.get('state')}`)
      },
      answers: [() => sent.promise],
    },
    { pasteAfterMs: 0 },
  )
  expect(logins).toHaveLength(1)
})

test('nothing is opened for an auth-url of plain HTTP on another machine', async () => {
  vendor = await startVendor('claude')
  const person = personWho({})
  const context = contextFor(vendor, { client: { authUrl: 'http://sso.example.com' } })
  const maker = await loadVendor('claude')
  const error = String(await thrownBy(maker.login(person.conversation, OPTIONS, context)))
  expect(error).toContain('http://sso.example.com')
  expect(person.shown).toEqual([])
})

test('an answer that is no JSON ends the login with a word on it', async () => {
  const { error } = await failToLogIn('codex', {
    opens: async (url, port) => {
      vendor.next(() => new Response('<html>gateway</html>', { status: 502 }))
      return await browse(await vendor.consent(url), port)
    },
  })
  expect(error.message).toBe('ChatGPT refused the code (HTTP 502)')
})

interface Acts extends Omit<PersonOptions, 'opens'> {
  readonly opens?: (url: string, port: number | undefined, cancel: () => void) => unknown
}

type Page = { readonly status: number; readonly text: string }

async function begin(id: VendorId, acts: Acts, options: Partial<typeof OPTIONS> = {}) {
  vendor = await startVendor(id)
  const context = contextFor(vendor)
  const page = Promise.withResolvers<Page>()
  const person = personWho({
    ...acts,
    opens: async (url, port) => {
      const shown = await acts.opens?.(url, port, context.cancel)
      if (isPage(shown)) page.resolve(shown)
    },
  })
  const maker = await loadVendor(id)
  return { run: maker.login(person.conversation, { ...OPTIONS, ...options }, context), person, page: page.promise }
}

async function logIn(id: VendorId, acts: Acts, options: Partial<typeof OPTIONS> = {}) {
  const { run, ...rest } = await begin(id, acts, options)
  return { logins: await run, ...rest }
}

async function failToLogIn(id: VendorId, acts: Acts, options: Partial<typeof OPTIONS> = {}) {
  const { run, ...rest } = await begin(id, acts, options)
  return { error: await oauthErrorOf(run), ...rest }
}

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'text' in value
}
