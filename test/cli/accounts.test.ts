import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../src/accounts/account.ts'
import { openAuthFolder } from '../../src/accounts/files/auth-folder.ts'
import { recryptFiles } from '../../src/accounts/files/recrypt.ts'
import type { LoginRow } from '../../src/accounts/login-book.ts'
import { runAccounts, type AccountsCommand, type AccountTools } from '../../src/cli/accounts/accounts.ts'
import type { AccountTest } from '../../src/cli/accounts/test-account.ts'
import { loadConfig } from '../../src/config/load.ts'
import { memoryFolder, type MemoryFolder } from '../kit/logins.ts'

const NOW = Date.UTC(2026, 0, 2)
const HOUR_MS = 3_600_000

const home = mkdtempSync(join(tmpdir(), 'cliproxy-accounts-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const LOGINS: readonly LoginRow[] = [
  { name: 'broken.json', type: '', accountIds: [], state: 'broken', message: 'holds no\u001B[31m JSON\nobject' },
  {
    name: 'claude-me@example.com.json',
    type: 'claude',
    accountIds: ['c1'],
    email: 'me@example.com',
    plan: 'max',
    expiresAt: NOW + 3.5 * HOUR_MS,
    lastRefreshAt: NOW - HOUR_MS,
    state: 'ready',
  },
  {
    name: 'codex-me@example.com-plus.json',
    type: 'codex',
    accountIds: ['x1'],
    email: 'me@example.com',
    plan: 'plus',
    expiresAt: NOW - 50 * HOUR_MS,
    state: 'log-in-again',
    message: 'OpenAI refuses its refresh token; cliproxy login codex',
  },
  {
    name: 'gemini-all.json',
    type: 'gemini',
    accountIds: ['g1', 'g2'],
    email: 'you@example.com',
    projectId: 'one,two',
    expiresAt: NOW + 40 * 60_000,
    state: 'ready',
  },
  { name: 'qwen-1.json', type: 'qwen', accountIds: [], state: 'disabled', expiresAt: NOW + 72 * HOUR_MS },
]

let folder: MemoryFolder
let tools: AccountTools
let printed: string
let failed: string
let isClosed: boolean
beforeEach(() => {
  folder = memoryFolder({
    'claude-me@example.com.json': { type: 'claude', access_token: 'secret-1', unknown: [1] },
    'qwen-1.json': { type: 'qwen', access_token: 'secret-2', disabled: true },
  })
  folder.broken.set('broken.json', 'holds no JSON object')
  printed = '\n'
  failed = ''
  isClosed = false
  tools = {
    openLogins: () => ({
      folder,
      book: {
        rows: () => LOGINS,
        accounts: () => [
          accountOf('c1', 'claude-me@example.com.json'),
          accountOf('g1', 'gemini-all.json'),
          accountOf('g2', 'gemini-all.json'),
        ],
        subscribe: () => () => undefined,
        close: async () => {
          isClosed = true
        },
      },
    }),
    recrypt: async () => [],
    modelsOf: () => [],
    test: async () => ({ isGood: true, asked: 'list of models', outcome: '3 models', latencyMs: 12.4 }),
    clock: () => NOW,
    print: (text) => (printed += text),
    printError: (text) => (failed += text),
    confirm: undefined,
  }
})

function accountOf(id: string, file: string): Account {
  const login = { file, token: () => 'secret-token', replacementFor: () => Promise.resolve(undefined) }
  const fixed = { provider: 'claude', baseUrl: 'http://127.0.0.1:1', headers: {}, priority: 0, excludedModels: [] }
  return { id, label: `${file}#${id}`, secret: '', login, source: 'login', ...fixed }
}

async function run(command: Partial<AccountsCommand>, config = ''): Promise<0 | 1 | 2> {
  writeFileSync(
    join(home, 'c.yaml'),
    `claude-api-key: [{api-key: secret-3}]\nauth-dir: ${join(home, 'auth')}\n${config}`,
  )
  const loaded = await loadConfig('c.yaml', { HOME: home, OPENAI_API_KEY: 'secret-4' }, { folder: home })
  const code = await runAccounts({ action: 'list', name: '', isJson: false, isSure: false, loaded, ...command }, tools)
  expect(printed + failed).not.toContain('secret')
  expect(isClosed).toBe(true)
  return code
}

function rest(accountId: string, model: string | undefined, until: number): object {
  return { accountId, model, reason: 'quota', status: 429, message: 'usage limit\nreached', since: NOW - 1, until }
}

function putStandings(content: string): void {
  mkdirSync(join(home, 'auth', '.cliproxy'), { recursive: true })
  writeFileSync(join(home, 'auth', '.cliproxy', 'standings.json'), content)
}

describe('the list of accounts', () => {
  test('shows logins and keys with how they stand', async () => {
    const rows = [
      rest('g1', 'pro', NOW + 2 * HOUR_MS),
      rest('g2', 'flash', NOW + HOUR_MS),
      rest('c1', undefined, NOW + 90_000),
      rest('x1', undefined, NOW - 1),
    ]
    putStandings(JSON.stringify({ standings: rows }))
    expect(await run({})).toBe(0)
    expect(printed).toMatchInlineSnapshot(`
      "
      NAME                       PROVIDER              EMAIL            PLAN  PROJECT  EXPIRES  STANDING                   LAST ERROR
      broken                     ?                                                              broken                     holds no JSON object
      claude-me@example.com      claude                me@example.com   max            in 3h    rests 1m: quota            429 usage limit reached
      codex-me@example.com-plus  codex                 me@example.com   plus           2d ago   log in again               OpenAI refuses its refresh token; cliproxy login codex
      gemini-all                 gemini                you@example.com        one,two  in 40m   rests 2h: quota, 2 models  429 usage limit reached
      qwen-1                     qwen                                                  in 3d    disabled
      claude-api-key[0]          claude                                                         ready
      OPENAI_API_KEY             openai-compatibility                                           ready
      "
    `)
  })

  test.each([
    '',
    '{',
    '[1, null, {"accountId": "c1"}]',
    '{"standings": "x"}',
    '[{"accountId":"c1","standing":{"state":"cooling"}}]',
  ])('takes a file of standings that holds %j for none', async (content) => {
    putStandings(content)
    expect(await run({})).toBe(0)
    expect(printed).toMatch(/claude-me@example\.com +claude +me@example\.com +max +in 3h +ready\n/)
  })

  test('can be had as JSON', async () => {
    putStandings(JSON.stringify({ standings: [rest('c1', 'opus', NOW + 90_000)] }))
    expect(await run({ isJson: true })).toBe(0)
    const list: unknown = JSON.parse(printed)
    expect(list).toHaveLength(7)
    expect(list).toContainEqual({
      name: 'claude-me@example.com.json',
      provider: 'claude',
      source: 'login',
      email: 'me@example.com',
      plan: 'max',
      expired: '2026-01-02T03:30:00Z',
      last_refresh: '2026-01-01T23:00:00Z',
      standing: 'cooling',
      message: '429 usage limit\nreached',
      rests: [
        {
          account: 'c1',
          model: 'opus',
          reason: 'quota',
          status: 429,
          message: 'usage limit\nreached',
          until: '2026-01-02T00:01:30Z',
        },
      ],
    })
    expect(list).toContainEqual({
      name: 'OPENAI_API_KEY',
      provider: 'openai-compatibility',
      source: 'environment',
      standing: 'ready',
      rests: [],
    })
  })
})

describe('one account', () => {
  test.each(['claude-me@example.com.json', 'claude-me@example.com', 'Claude-Me@Example.com', 'claude-m'])(
    'is found as %j',
    async (name) => {
      expect(await run({ action: 'disable', name })).toBe(0)
      expect(printed).toBe('\ndisabled claude-me@example.com; a running proxy takes it in within 2 s\n')
      expect(folder.files.get('claude-me@example.com.json')).toEqual({
        type: 'claude',
        access_token: 'secret-1',
        unknown: [1],
        disabled: true,
      })
    },
  )

  test.each([
    ['claude-you', /^there is no account claude-you; did you mean claude-me@example\.com/],
    ['nobody-at-all', /^there is no account nobody-at-all; there are: broken, claude-me@example\.com, codex-/],
    ['c', /^c may be each of: claude-me@example\.com, codex-me@example\.com-plus, claude-api-key\[0\]\n$/],
    ['me@example.com', /^me@example\.com may be each of: claude-me@example\.com, codex-me@example\.com-plus\n$/],
  ])('is not guessed from %j', async (name, message) => {
    expect(await run({ action: 'remove', name, isSure: true })).toBe(1)
    expect(failed).toMatch(message)
    expect(folder.files.size).toBe(2)
  })

  test('is found by an email that no other account has', async () => {
    expect(await run({ action: 'test', name: 'you@example.com' })).toBe(0)
  })

  test('is enabled again, once', async () => {
    expect(await run({ action: 'enable', name: 'qwen-1' })).toBe(0)
    expect(folder.files.get('qwen-1.json')).toMatchObject({ disabled: false, access_token: 'secret-2' })
    expect(await run({ action: 'enable', name: 'qwen-1' })).toBe(0)
    expect(printed).toContain('qwen-1 is enabled already')
  })

  test('whose file is broken cannot be disabled', async () => {
    expect(await run({ action: 'disable', name: 'broken' })).toBe(1)
    expect(failed).toBe('broken.json holds no JSON object\n')
  })

  test.each([
    ['claude-api-key[0]', 'claude-api-key[0] stands in the config file: disable it there'],
    ['OPENAI_API_KEY', 'OPENAI_API_KEY is a variable of the environment: unset it there'],
  ])('that is the key %s is not changed here', async (name, message) => {
    expect(await run({ action: 'disable', name })).toBe(1)
    expect(failed).toStartWith(message)
  })

  test('is removed only when somebody says so', async () => {
    expect(await run({ action: 'remove', name: 'qwen-1' })).toBe(2)
    expect(failed).toContain('--yes')
    const asked: string[] = []
    tools = { ...tools, confirm: async (question) => asked.push(question) > 1 }
    expect(await run({ action: 'remove', name: 'qwen-1' })).toBe(1)
    expect(folder.files.has('qwen-1.json')).toBe(true)
    expect(await run({ action: 'remove', name: 'qwen-1' })).toBe(0)
    expect(folder.files.has('qwen-1.json')).toBe(false)
    expect(asked[0]).toStartWith('Remove qwen-1?')
    expect(await run({ action: 'remove', name: 'broken', isSure: true })).toBe(0)
    expect(folder.broken.size).toBe(0)
  })
})

describe('a test of an account', () => {
  test('asks for each project of a login, and fails with one of them', async () => {
    const asked: AccountTest[] = []
    tools = {
      ...tools,
      test: async (one) => {
        asked.push(one)
        return one.account.id === 'g2'
          ? { isGood: false, asked: 'list of models', outcome: '403: no\u001B[2J', latencyMs: 3 }
          : { isGood: true, asked: 'list of models', outcome: '3 models', latencyMs: 1200 }
      },
    }
    expect(await run({ action: 'test', name: 'gemini-all' })).toBe(1)
    expect(asked.map(({ account }) => account.id)).toEqual(['g1', 'g2'])
    expect(printed).toMatchInlineSnapshot(`
      "
      ok      gemini-all.json#g1  list of models  1200 ms  3 models
      FAILED  gemini-all.json#g2  list of models  3 ms     403: no
      "
    `)
  })

  test('works with a key', async () => {
    expect(await run({ action: 'test', name: 'claude-api-key[0]' })).toBe(0)
    expect(printed).toBe('\nok  claude-api-key[0]  list of models  12 ms  3 models\n')
  })

  test.each([
    ['qwen-1', 'qwen-1 is disabled; cliproxy accounts enable qwen-1 first\n'],
    ['codex-me', 'codex-me@example.com-plus cannot be used: OpenAI refuses its refresh token; cliproxy login codex\n'],
    ['broken', 'broken cannot be used: holds no JSON object\n'],
  ])('says why %s cannot be asked', async (name, message) => {
    expect(await run({ action: 'test', name })).toBe(1)
    expect(failed).toBe(message)
  })
})

describe('encryption of all files', () => {
  const KEY = 'auth-encryption: {env: KEY}'

  test('names what it changed and what it could not read', async () => {
    const files = join(home, 'auth')
    mkdirSync(files, { recursive: true })
    for (const name of ['a.json', 'c.json'])
      writeFileSync(join(files, name), '{"type":"claude","access_token":"secret"}')
    writeFileSync(join(files, 'b.json'), '{"type":"claude"')
    const made = tools
    tools = {
      ...made,
      recrypt: recryptFiles,
      openLogins: (options) => {
        const { authDir, authEncryption } = options.config()
        const real = openAuthFolder({ path: authDir, encryption: authEncryption, environment: { KEY: 'made-up' } })
        return { ...made.openLogins(options), folder: real }
      },
    }
    expect(await run({ action: 'encrypt' }, KEY)).toBe(1)
    expect(printed).toBe('\nencrypted a.json\nencrypted c.json\nencrypted 2 files\n')
    expect(failed).toBe('left as it is: b.json: it is no JSON object\n')
    rmSync(join(files, 'b.json'))
    expect(await run({ action: 'decrypt' }, KEY)).toBe(0)
    expect(printed).toContain('decrypted 2 files\nthe config still has auth-encryption')
  })

  test('needs a key', async () => {
    expect(await run({ action: 'encrypt' })).toBe(1)
    expect(failed).toContain('auth-encryption')
  })
})

test('a folder that cannot be opened is told', async () => {
  tools = {
    ...tools,
    openLogins: () => {
      throw new Error('the variable KEY of auth-encryption is not set')
    },
  }
  isClosed = true
  expect(await run({})).toBe(1)
  expect(failed).toBe('the variable KEY of auth-encryption is not set\n')
})
