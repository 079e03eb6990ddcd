import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../src/accounts/account.ts'
import { openAuthFolder } from '../../src/accounts/files/auth-folder.ts'
import type { LoginBook } from '../../src/accounts/login-book.ts'
import { openLoginBook } from '../../src/accounts/open-login-book.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { until } from '../kit/until.ts'
import { MADE_UP } from './made-up.ts'
import { standInVendor } from './stand-in.ts'

let path = ''
let books: LoginBook[] = []
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cliproxy-book-'))
})
afterEach(async () => {
  for (const book of books) await book.close()
  books = []
  rmSync(path, { recursive: true, force: true })
})

const put = (name: string, fields: object): void => writeFileSync(join(path, name), JSON.stringify(fields))

interface OpenBook {
  readonly book: LoginBook
  readonly lines: readonly string[]
  /** What the listeners were told. */
  readonly told: readonly ReadonlySet<string>[]
  readonly change: (config: Partial<Config>) => void
}

async function open(isLive: boolean): Promise<OpenBook> {
  let { config } = await loadConfig(undefined, { HOME: path }, { folder: tmpdir() })
  const lines: string[] = []
  const told: ReadonlySet<string>[] = []
  const book = openLoginBook({
    folder: openAuthFolder({ path, environment: {} }),
    config: () => config,
    // Nothing of what the files hold is old enough to be refreshed.
    loadVendor: standInVendor('http://127.0.0.1:9'),
    clock: () => Date.parse('2099-12-31T17:00:00Z') - 12 * 3600_000,
    report: (line) => lines.push(line),
    isLive,
  })
  book.subscribe((renewed) => told.push(renewed))
  books.push(book)
  return { book, lines, told, change: (next) => (config = { ...config, ...next }) }
}

const labels = (book: LoginBook): readonly string[] => book.accounts().map(({ label }) => label)
const accountOf = (book: LoginBook, label: string): Account | undefined =>
  book.accounts().find((account) => account.label === label)

describe('the accounts of files', () => {
  test('are one for each login, by name, as the providers know them', async () => {
    for (const [vendor, fields] of Object.entries(MADE_UP)) put(`${vendor}-file.json`, fields)
    const { book, lines } = await open(false)
    expect(book.accounts().map(({ label, provider, secret, source }) => [label, provider, secret, source])).toEqual([
      ['claude-file', 'claude-oauth', '', 'login'],
      ['codex-file', 'codex-oauth', '', 'login'],
      ['gemini-file', 'gemini-cli', '', 'login'],
      ['kimi-file', 'kimi', '', 'login'],
      ['qwen-file', 'qwen', '', 'login'],
      ['vertex-file', 'vertex-oauth', '', 'login'],
      ['xai-file', 'xai', '', 'login'],
    ])
    expect(accountOf(book, 'claude-file')?.login?.token()).toBe('sk-ant-oat01-made-up-access')
    expect(accountOf(book, 'codex-file')?.facts).toEqual({ accountId: 'acc-bob', plan: 'plus' })
    expect(lines).toEqual([])
    expect(JSON.stringify(book.rows())).not.toContain('made-up')
    expect(JSON.stringify(book.accounts())).not.toContain('made-up')
  })

  test('of several projects share one login and differ in all else that tells them apart', async () => {
    put('gemini-a-all.json', { ...MADE_UP.gemini, project_id: 'one,two' })
    const { book } = await open(false)
    const [one, two] = book.accounts()
    expect(labels(book)).toEqual(['gemini-a-all one', 'gemini-a-all two'])
    expect([one?.facts?.projectId, two?.facts?.projectId]).toEqual(['one', 'two'])
    expect(one?.login).toBe(two?.login)
    expect(one?.id).toMatch(/^[0-9a-f]{16}$/)
    expect(one?.id).not.toBe(two?.id)
    expect(book.rows()).toMatchObject([{ projectId: 'one,two', accountIds: [one?.id, two?.id] }])
  })

  test('have the same ids in every run', async () => {
    put('claude-a.json', MADE_UP.claude)
    const [first, second] = [await open(false), await open(false)]
    expect(first.book.accounts()[0]?.id).toBe(second.book.accounts()[0]!.id)
  })

  test('follow the config, and stay the same objects when it changes nothing for them', async () => {
    put('claude-a.json', MADE_UP.claude)
    put('kimi-b.json', { ...MADE_UP.kimi, proxy_url: 'http://own.example' })
    const { book, change } = await open(false)
    const [claude, kimi] = book.accounts()
    change({ proxyUrl: 'http://proxy.example', oauthClients: { claude: { baseUrl: 'http://127.0.0.1:1' } } })
    expect(book.accounts()[0]).toMatchObject({ proxyUrl: 'http://proxy.example', baseUrl: 'http://127.0.0.1:1' })
    expect(book.accounts()[0]).not.toBe(claude)
    expect(book.accounts()[1]).toBe(kimi)
  })

  test('are none of files that are broken, disabled, or of another type, and each is told once', async () => {
    put('a.json', { ...MADE_UP.claude, disabled: true })
    writeFileSync(join(path, 'b.json'), '{"access_token":"made-up')
    put('c.json', { type: 'iflow' })
    put('d.json', { type: 'claude', email: 'd@example.com' })
    put('e.json', { ...MADE_UP.claude, proxy_url: 'socks5://made-up' })
    put('f.json', { ...MADE_UP.claude, access_token: 'made-up\nx' })
    const { book, lines } = await open(false)
    expect(book.accounts()).toEqual([])
    expect(book.rows().map(({ name, state }) => [name, state])).toEqual([
      ['a.json', 'disabled'],
      ['b.json', 'broken'],
      ['d.json', 'broken'],
      ['e.json', 'broken'],
      ['f.json', 'broken'],
    ])
    expect(lines).toEqual([
      'b.json: the login is not used: it is no JSON object',
      'c.json: logins of the type "iflow" are not served',
      'd.json: the login is not used: it holds no token',
      expect.stringContaining('e.json: the login is not used: its proxy_url names a SOCKS proxy'),
      'f.json: the login is not used: its access token holds characters that no header can carry',
    ])
    expect(lines.join()).not.toContain('made-up')
  })
})

describe('a book that is live', () => {
  test('takes in files that are added, edited and removed, and leaves the others as they are', async () => {
    put('claude-a.json', MADE_UP.claude)
    const { book, lines, told } = await open(true)
    const kept = accountOf(book, 'claude-a')
    put('kimi-b.json', MADE_UP.kimi)
    await until(() => accountOf(book, 'kimi-b') !== undefined && told.length === 1)
    put('kimi-b.json', { ...MADE_UP.kimi, prefix: 'team' })
    await until(() => accountOf(book, 'kimi-b')?.prefix === 'team')
    // Nothing that the pool knows of it is forgotten for a prefix.
    expect(told.at(-1)).toEqual(new Set())
    writeFileSync(join(path, 'new'), JSON.stringify({ ...MADE_UP.kimi, access_token: 'kimi-other' }))
    renameSync(join(path, 'new'), join(path, 'kimi-b.json'))
    await until(() => accountOf(book, 'kimi-b')?.login?.token() === 'kimi-other')
    expect(told.at(-1)).toEqual(new Set([accountOf(book, 'kimi-b')!.id]))
    put('kimi-b.json', { ...MADE_UP.kimi, disabled: true })
    await until(() => accountOf(book, 'kimi-b') === undefined)
    unlinkSync(join(path, 'kimi-b.json'))
    await until(() => book.rows().length === 1)
    expect(accountOf(book, 'claude-a')).toBe(kept)
    expect(lines).toEqual([])
  })

  test('keeps a login whose file is broken for a moment, and tells once of one that stays broken', async () => {
    put('claude-a.json', MADE_UP.claude)
    const { book, lines } = await open(true)
    writeFileSync(join(path, 'claude-a.json'), '{"half":')
    await until(() => lines.length === 1)
    expect(book.rows()).toMatchObject([{ name: 'claude-a.json', state: 'broken' }])
    writeFileSync(join(path, 'claude-a.json'), '{"half": ')
    put('claude-a.json', MADE_UP.claude)
    await until(() => book.accounts().length === 1)
    expect(lines).toEqual(['claude-a.json: the login is not used: it is no JSON object'])
  })

  test('finds a folder that comes later, goes, and comes back', async () => {
    rmSync(path, { recursive: true })
    const { book } = await open(true)
    expect(book.accounts()).toEqual([])
    await openAuthFolder({ path, environment: {} }).write('claude-a.json', MADE_UP.claude)
    await until(() => book.accounts().length === 1)
    rmSync(path, { recursive: true })
    await until(() => book.accounts().length === 0)
    await openAuthFolder({ path, environment: {} }).write('claude-b.json', MADE_UP.claude)
    await until(() => labels(book).includes('claude-b'))
  }, 15_000)

  test('keeps what it knows of a folder that cannot be read for a while, and says so once', async () => {
    put('claude-a.json', MADE_UP.claude)
    const { book, lines } = await open(true)
    const away = `${path}-away`
    renameSync(path, away)
    writeFileSync(path, '')
    await until(() => lines.length > 0)
    expect(lines).toEqual([
      `${path}: the folder of logins cannot be read (ENOTDIR): give it to the user that runs this`,
    ])
    expect(labels(book)).toEqual(['claude-a'])
    rmSync(path)
    renameSync(away, path)
    put('claude-b.json', MADE_UP.claude)
    await until(() => labels(book).length === 2)
    expect(lines).toHaveLength(1)
  }, 15_000)
})
