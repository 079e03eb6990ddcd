import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthFolder, openAuthFolder } from '../../src/accounts/files/auth-folder.ts'
import { placeFor } from '../../src/accounts/files/auth-place.ts'
import type { LoginBook } from '../../src/accounts/login-book.ts'
import type { Login } from '../../src/accounts/login.ts'
import { type LoginBookOptions, openLoginBook } from '../../src/accounts/open-login-book.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Fault } from '../../src/ir/fault.ts'
import { parseObject } from '../../src/lib/json.ts'
import { until } from '../kit/until.ts'
import { MADE_UP } from './made-up.ts'
import { standInVendor, startTokenEndpoint, type TokenEndpoint } from './stand-in.ts'

const FILE = 'claude-a@example.com.json'
const START = Date.parse('2026-03-01T12:00:00Z')
const SECOND = 1000
const MINUTE = 60 * SECOND

let path = ''
let endpoint: TokenEndpoint
let books: LoginBook[] = []
let lines: string[] = []
let now = START
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cliproxy-refresh-'))
  endpoint = startTokenEndpoint()
  lines = []
  now = START
})
afterEach(async () => {
  for (const book of books) await book.close()
  books = []
  await endpoint.stop()
  rmSync(path, { recursive: true, force: true })
  expect(lines.join('\n')).not.toContain('made-up')
})

/** @param expired when its access token ends */
function put(own: object = {}, expired = '2026-03-01T11:00:00Z', name = FILE): void {
  const tokens = { access_token: 'access-made-up', refresh_token: endpoint.first, expired }
  writeFileSync(join(path, name), JSON.stringify({ type: 'claude', ...tokens, ...own }))
}

async function open(own: Partial<LoginBookOptions> = {}): Promise<{ book: LoginBook; login: Login }> {
  const { config } = await loadConfig(undefined, { HOME: path }, { folder: tmpdir() })
  const book = openLoginBook({
    folder: openAuthFolder({ path, environment: {} }),
    config: () => config,
    loadVendor: standInVendor(endpoint.url),
    clock: () => now,
    report: (line) => lines.push(line),
    isLive: false,
    random: () => 0.5,
    ...own,
  })
  books.push(book)
  return { book, login: book.accounts()[0]!.login! }
}

const wait = async (login: Login): Promise<string> => await login.token()

async function faultOf(asked: () => string | Promise<string>): Promise<Fault> {
  try {
    await asked()
  } catch (error) {
    if (error instanceof Fault) return error
  }
  throw new Error('there was no fault')
}

const file = (): object => parseObject(readFileSync(join(path, FILE), 'utf8')) ?? {}

describe('a token', () => {
  test('that is good is there at once', async () => {
    put({}, '2026-03-01T12:00:11Z')
    const { login } = await open()
    expect(login.token()).toBe('access-made-up')
    now += 2 * SECOND
    expect(login.token()).toBeInstanceOf(Promise)
  })

  test('that 200 requests want together is refreshed once, and is in the file first', async () => {
    put({ note: 'kept' })
    const { login, book } = await open()
    const tokens = await Promise.all(Array.from({ length: 200 }, async () => await login.token()))
    expect(new Set(tokens)).toEqual(new Set(['access-1-made-up']))
    expect(endpoint.asked).toEqual([endpoint.first])
    expect(file()).toEqual({
      type: 'claude',
      note: 'kept',
      access_token: 'access-1-made-up',
      refresh_token: 'refresh-1-made-up',
      expired: '2026-03-01T13:00:00Z',
      last_refresh: '2026-03-01T12:00:00Z',
    })
    expect(login.token()).toBe('access-1-made-up')
    expect(book.rows()).toMatchObject([{ state: 'ready', expiresAt: START + 60 * MINUTE, lastRefreshAt: START }])
  })

  test('that cannot be refreshed is left to the upstream to judge', async () => {
    put({ refresh_token: '' })
    const { login, book } = await open()
    expect(await login.token()).toBe('access-made-up')
    expect(await login.replacementFor('access-made-up')).toBeUndefined()
    expect(await login.replacementFor('access-made-up')).toBeUndefined()
    expect(book.rows()).toMatchObject([{ state: 'log-in-again' }])
    expect(lines).toEqual([expect.stringContaining('log in again: cliproxy login claude')])
  })

  test('that another program has put into the file meanwhile is taken', async () => {
    put()
    const { login } = await open()
    put({ access_token: 'access-cpa-made-up', refresh_token: 'refresh-cpa-made-up' }, '2026-03-01T14:00:00Z')
    expect(await login.token()).toBe('access-cpa-made-up')
    expect(endpoint.asked).toEqual([])
  })

  test('of a service account is kept in memory alone', async () => {
    const text = JSON.stringify(MADE_UP.vertex)
    writeFileSync(join(path, FILE), text)
    const loadVendor = standInVendor(endpoint.url)
    const { login } = await open({
      loadVendor: async () => {
        const vendor = await loadVendor()
        return {
          ...vendor,
          refresh: (_tokens, fields, context) =>
            vendor.refresh(
              { accessToken: '', refreshToken: fields['service_account'] ? endpoint.first : '' },
              fields,
              context,
            ),
        }
      },
    })
    expect(await Promise.all([wait(login), wait(login)])).toEqual(['access-1-made-up', 'access-1-made-up'])
    expect(readFileSync(join(path, FILE), 'utf8')).toBe(text)
  })
})

describe('a token that the upstream refused', () => {
  test('is replaced by one refresh, whoever asks', async () => {
    put({}, '2026-03-01T14:00:00Z')
    const { login, book } = await open()
    const told: ReadonlySet<string>[] = []
    book.subscribe((renewed) => told.push(renewed))
    const another = await Promise.all([login.replacementFor('access-made-up'), login.replacementFor('access-made-up')])
    expect(another).toEqual(['access-1-made-up', 'access-1-made-up'])
    expect(await login.replacementFor('access-made-up')).toBe('access-1-made-up')
    expect(endpoint.asked).toHaveLength(1)
    expect(told).toEqual([new Set(book.accounts().map(({ id }) => id))])
  })

  test('is replaced although the clock was set back since it was made', async () => {
    put()
    const { login } = await open()
    const token = await login.token()
    now -= 120 * MINUTE
    expect(await login.replacementFor(token)).toBe('access-2-made-up')
  })

  test('is not refreshed again when it is new', async () => {
    put()
    const { login } = await open()
    const token = await login.token()
    now += 29 * SECOND
    expect(await login.replacementFor(token)).toBeUndefined()
    now += 2 * SECOND
    expect(await login.replacementFor(token)).toBe('access-2-made-up')
  })
})

describe('a login that the vendor refuses', () => {
  beforeEach(() => {
    endpoint.answer = { status: 400, body: { error: 'invalid_grant' } }
  })

  test('is to be made again: in the fault, the row, the log, and for other processes', async () => {
    put()
    const { login, book } = await open()
    const faults = await Promise.all([faultOf(() => login.token()), faultOf(() => login.token())])
    const message = 'the stand-in answered 400 invalid_grant; log in again: cliproxy login claude'
    for (const fault of faults) expect([fault.kind, fault.message]).toEqual(['authentication', `${FILE}: ${message}`])
    expect((await faultOf(() => login.token())).kind).toBe('authentication')
    expect(await login.replacementFor('access-made-up')).toBeUndefined()
    expect(endpoint.asked).toHaveLength(1)
    expect(lines).toEqual([`${FILE}: ${message}`])
    const other = await open()
    for (const each of [book, other.book]) expect(each.rows()).toMatchObject([{ state: 'log-in-again', message }])
    expect(await faultOf(() => other.login.token())).toMatchObject({ kind: 'authentication' })
    expect(endpoint.asked).toHaveLength(1)
    expect(readFileSync(placeFor(path, FILE).status, 'utf8')).not.toMatch(/made-up/)
  })

  test('serves as long as its token is good', async () => {
    put({}, '2026-03-01T12:30:00Z')
    const { login, book } = await open({ isLive: true })
    await until(() => book.rows()[0]?.state === 'log-in-again')
    expect(login.token()).toBe('access-made-up')
  })

  test('is good again with the next login, and the pool is told', async () => {
    put()
    const { book, login } = await open({ isLive: true })
    await faultOf(() => login.token())
    const told: ReadonlySet<string>[] = []
    book.subscribe((renewed) => told.push(renewed))
    put({ access_token: 'access-new-made-up', refresh_token: 'refresh-new-made-up' }, '2026-03-01T20:00:00Z')
    await until(() => told.length > 0)
    expect(told[0]).toEqual(new Set(book.accounts().map(({ id }) => id)))
    expect(book.accounts()[0]?.login?.token()).toBe('access-new-made-up')
    expect((await open()).book.rows()).toMatchObject([{ state: 'ready', message: undefined }])
  })

  test('is not given up when another program renewed it at the same time', async () => {
    put()
    const { login } = await open({
      loadVendor: standInVendor(endpoint.url, (step) => {
        const theirs = { access_token: 'access-cpa-made-up', refresh_token: 'refresh-cpa-made-up' }
        if (step === 'answered') put(theirs, '2026-03-01T14:00:00Z')
      }),
    })
    expect(await login.token()).toBe('access-cpa-made-up')
    expect(lines).toEqual([])
  })
})

describe('a refresh that fails', () => {
  test('is tried again no sooner than in ten seconds when a request waits, and told once', async () => {
    put()
    endpoint.answer = { status: 503, body: {} }
    const { login, book } = await open()
    const fault = await faultOf(() => login.token())
    expect([fault.kind, fault.retryAfterMs]).toEqual(['unavailable', 10 * SECOND])
    now += 9 * SECOND
    expect((await faultOf(() => login.token())).retryAfterMs).toBe(SECOND)
    expect(endpoint.asked).toHaveLength(1)
    now += 2 * SECOND
    await faultOf(() => login.token())
    expect(endpoint.asked).toHaveLength(2)
    expect(lines).toEqual([`${FILE}: its token could not be refreshed (the stand-in answered 503); it is tried again`])
    expect(book.rows()).toMatchObject([{ state: 'refresh-failed', message: 'the stand-in answered 503' }])
    endpoint.answer = undefined
    now += 11 * SECOND
    expect(await login.token()).toBe('access-1-made-up')
    expect(lines.at(-1)).toBe(`${FILE}: its token is fresh again`)
    expect(book.rows()).toMatchObject([{ state: 'ready' }])
  })

  test('does not last longer because the clock was set back', async () => {
    put()
    endpoint.answer = { status: 500, body: {} }
    const { login, book } = await open({ isLive: true })
    now += 120 * MINUTE
    await faultOf(() => login.token())
    now -= 120 * MINUTE
    endpoint.answer = undefined
    expect(await login.token()).toBe('access-1-made-up')
    expect(book.rows()).toMatchObject([{ state: 'ready' }])
  })

  test('for a broken connection is tried once more at once', async () => {
    put()
    let asks = 0
    const loadVendor = standInVendor(endpoint.url, (step) => {
      if (step === 'asking' && ++asks === 1) throw new Error('EOF')
    })
    const { login } = await open({ loadVendor })
    expect(await login.token()).toBe('access-1-made-up')
    expect(asks).toBe(2)
  })

  test('tells no token even where the error does', async () => {
    put()
    const { login } = await open({
      loadVendor: standInVendor(endpoint.url, () => {
        throw new Error(`no way with ${endpoint.first}`)
      }),
    })
    expect((await faultOf(() => login.token())).message).toContain('no way with …')
  })

  test('to be written gives the new token all the same, and is written later', async () => {
    put()
    const real = openAuthFolder({ path, environment: {} })
    let isFull = true
    const folder: AuthFolder = {
      ...real,
      update: async (name, change) => {
        await real.update(name, async (fields) => {
          const changed = await change(fields)
          if (isFull) throw new Error('no space left')
          return changed
        })
      },
    }
    const { login, book } = await open({ folder })
    expect(await login.token()).toBe('access-1-made-up')
    expect(lines).toEqual([expect.stringContaining('its new token could not be written: no space left')])
    expect(file()).toMatchObject({ access_token: 'access-made-up' })
    isFull = false
    now += 61 * MINUTE
    // What is in the file is dead: only the token that was not written can be refreshed.
    expect(await login.token()).toBe('access-2-made-up')
    expect(endpoint.asked).toEqual([endpoint.first, 'refresh-1-made-up'])
    expect(file()).toMatchObject({ refresh_token: 'refresh-2-made-up' })
    expect(book.rows()).toMatchObject([{ state: 'ready' }])
  })
})

describe('in the background', () => {
  test('a token that could not be written is written as soon as that is possible, without another refresh', async () => {
    put()
    const real = openAuthFolder({ path, environment: {} })
    let isFull = true
    const update: AuthFolder['update'] = async (name, change) => {
      await real.update(name, async (fields) => {
        const changed = await change(fields)
        if (isFull) throw new Error('no space left')
        return changed
      })
    }
    const { login, book } = await open({ folder: { ...real, update }, isLive: true })
    await login.token()
    isFull = false
    now += 31 * SECOND
    await until(() => book.rows()[0]?.state === 'ready')
    expect(file()).toMatchObject({ access_token: 'access-1-made-up', last_refresh: '2026-03-01T12:00:00Z' })
    expect(endpoint.asked).toEqual([endpoint.first])
  })

  test('tokens are refreshed before their end, no more at once than the config allows', async () => {
    const release = endpoint.hold()
    for (const name of ['a', 'b', 'c']) put({}, '2026-03-01T12:30:00Z', `claude-${name}.json`)
    put({ disabled: true }, undefined, 'claude-disabled.json')
    const { config } = await loadConfig(undefined, { HOME: path }, { folder: tmpdir() })
    const { book } = await open({ isLive: true, config: () => ({ ...config, refreshWorkers: 2 }) })
    await until(() => endpoint.asked.length === 2)
    release()
    await until(() => endpoint.asked.length === 3)
    await book.close()
    expect(endpoint.asked).toHaveLength(3)
  })

  test('the end of the program waits for a refresh in flight, so that its token is kept', async () => {
    put()
    const release = endpoint.hold()
    const { book, login } = await open()
    const token = login.token()
    await endpoint.nextAsk()
    const closed = book.close()
    release()
    await closed
    expect(await token).toBe('access-1-made-up')
    expect(file()).toMatchObject({ refresh_token: 'refresh-1-made-up' })
  })
})
