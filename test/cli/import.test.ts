import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { timeText } from '../../src/accounts/files/auth-fields.ts'
import { createImportHome, HOUR_MS, jwt, NOW, type ImportHome } from '../kit/import-home.ts'

let home: ImportHome
beforeEach(() => {
  home = createImportHome()
})
afterEach(() => home.remove())

describe('cliproxy import', () => {
  test('takes over the login of each program and says who owns it now', async () => {
    home.putAll()
    const { code, printed } = await home.import()
    expect(code).toBe(0)
    expect(printed).toMatchInlineSnapshot(`
      "
      Claude Code: ~/.claude/.credentials.json
        me@example.com, plan max, token expires in 3h
        wrote claude-me@example.com.json
      Codex: ~/.codex/auth.json
        me@example.com, plan plus, token expired 5m ago
        it holds an API key, which is not imported: set OPENAI_API_KEY, or codex-api-key in the config
        wrote codex-me@example.com-plus.json
      Gemini CLI: ~/.gemini/oauth_creds.json
        me@gmail.example, token expires in 1h
        wrote gemini-me@gmail.example.json
        its project is not known (nobody answers); if Google wants one: cliproxy login gemini --project-id ID
      Qwen Code: ~/.qwen/oauth_creds.json
        an account that the file does not name, token expires in 1h
        wrote qwen-1767312000000.json
      Kimi CLI: ~/.kimi/credentials/kimi-code.json
        an account that the file does not name, token expires in 15m
        wrote kimi-1767312000000.json

      A refresh token that rotates has one owner: whoever uses it first logs the other one out.
      cliproxy owns these now; point each program at it, or log in there anew:
        Claude Code: cliproxy run claude, or log in there anew
        Codex: cliproxy run codex, or log in there anew
        Qwen Code: cliproxy run qwen, or log in there anew
        Kimi CLI: log in there anew
      "
    `)
    const last_refresh = timeText(NOW)
    expect(Object.fromEntries(home.folder.files)).toEqual({
      'claude-me@example.com.json': {
        type: 'claude',
        access_token: 'secret-a1',
        refresh_token: 'secret-a1-refresh',
        id_token: '',
        expired: timeText(NOW + 3 * HOUR_MS),
        last_refresh,
        email: 'me@example.com',
        account_uuid: 'u-1',
        organization_uuid: 'o-1',
        organization_name: 'Mine',
        subscription_type: 'max',
        imported_from: join(home.path, '.claude/.credentials.json'),
      },
      'codex-me@example.com-plus.json': {
        type: 'codex',
        access_token: expect.stringContaining('eyJ'),
        refresh_token: 'secret-c2',
        id_token: expect.stringContaining('eyJ'),
        expired: timeText(NOW - 5 * 60_000),
        last_refresh,
        email: 'me@example.com',
        account_id: 'acc-1',
        plan_type: 'plus',
        imported_from: join(home.path, '.codex/auth.json'),
      },
      'gemini-me@gmail.example.json': {
        type: 'gemini',
        token: {
          access_token: 'secret-g1',
          refresh_token: 'secret-g2',
          token_type: 'Bearer',
          expiry: timeText(NOW + HOUR_MS),
        },
        last_refresh,
        email: 'me@gmail.example',
        scope: 'cloud-platform',
        token_type: 'Bearer',
        auto: false,
        checked: false,
        imported_from: join(home.path, '.gemini/oauth_creds.json'),
      },
      [`qwen-${NOW}.json`]: {
        type: 'qwen',
        access_token: 'secret-q1',
        refresh_token: 'secret-q2',
        expired: timeText(NOW + HOUR_MS),
        last_refresh,
        resource_url: 'portal.qwen.example',
        imported_from: join(home.path, '.qwen/oauth_creds.json'),
      },
      [`kimi-${NOW}.json`]: {
        type: 'kimi',
        access_token: 'secret-k1',
        refresh_token: 'secret-k2',
        expired: timeText(NOW + 900_000),
        last_refresh,
        timestamp: NOW,
        scope: 'kimi',
        token_type: 'Bearer',
        device_id: 'device-1',
        imported_from: join(home.path, '.kimi/credentials/kimi-code.json'),
      },
    })
  })

  test('writes nothing in a dry run, and says what it would write', async () => {
    home.putAll()
    const { code, printed } = await home.import({ isDryRun: true })
    expect(code).toBe(0)
    expect(printed).toContain('would write claude-me@example.com.json')
    expect(printed).toContain('cliproxy would own these now')
    expect(home.folder.files.size).toBe(0)
  })

  test('leaves everything as it is the second time', async () => {
    home.putAll()
    await home.import()
    const files = new Map(home.folder.files)
    const { code, printed } = await home.import()
    expect(code).toBe(0)
    expect(printed.match(/kept .*: it has this token already/g)).toHaveLength(5)
    expect(printed).not.toContain('one owner')
    expect(home.folder.files).toEqual(files)
  })

  test('finds nothing where there is nothing', async () => {
    const { code, printed } = await home.import()
    expect(code).toBe(0)
    expect(printed).toMatchInlineSnapshot(`
      "
      no login of Claude Code, Codex, Gemini CLI, Qwen Code, Kimi CLI
      nothing to import; cliproxy login VENDOR makes a login
      "
    `)
  })

  test('looks where the variables of the programs say', async () => {
    home.put('a/.credentials.json', { claudeAiOauth: { accessToken: 'secret-1' } })
    home.put('a/.claude.json', { oauthAccount: { emailAddress: 'a@example.com' } })
    home.put('b/auth.json', { tokens: { access_token: 'secret-2', id_token: jwt({ email: 'b@example.com' }) } })
    home.put('c/.gemini/oauth_creds.json', {
      access_token: 'secret-3',
      id_token: jwt({ email: 'c@example.com', azp: 'client-1' }),
    })
    home.put('d/credentials/kimi-code.json', { access_token: 'secret-4', expires_at: 0 })
    await home.import({
      environment: {
        CLAUDE_CONFIG_DIR: join(home.path, 'a'),
        CODEX_HOME: join(home.path, 'b'),
        GEMINI_CLI_HOME: join(home.path, 'c'),
        KIMI_SHARE_DIR: join(home.path, 'd'),
        GOOGLE_CLOUD_PROJECT: 'project-1',
      },
    })
    expect([...home.folder.files.keys()]).toEqual([
      'claude-a@example.com.json',
      'codex-b@example.com.json',
      'gemini-c@example.com-project-1.json',
      `kimi-${NOW}.json`,
    ])
    expect(home.folder.files.get('gemini-c@example.com-project-1.json')).toMatchObject({
      project_id: 'project-1',
      token: { client_id: 'client-1' },
    })
  })

  test.each([
    ['.claude/.credentials.json', '{"claudeAiOauth": {"accessToken": "secret', 'the file holds no JSON object'],
    [
      '.claude/.credentials.json',
      '{"claudeAiOauth": {"refreshToken": "secret"}}',
      'the file has no claudeAiOauth.accessToken',
    ],
    ['.codex/auth.json', '["secret"]', 'the file holds no JSON object'],
    ['.codex/auth.json', '{}', 'the file has neither tokens nor a key'],
    ['.codex/auth.json', '{"tokens": {"refresh_token": "secret"}}', 'the file has no tokens.access_token'],
    ['.gemini/oauth_creds.json', '{"refresh_token": "secret"}', 'the file has no access_token'],
    ['.qwen/oauth_creds.json', '', 'the file holds no JSON object'],
    ['.kimi/credentials/kimi-code.json', '{"access_token": 3}', 'the file has no access_token'],
  ])('names %s when it holds %s, and takes over the others', async (path, content, problem) => {
    home.putAll()
    home.put(path, content)
    const { code, printed } = await home.import()
    expect(code).toBe(1)
    expect(printed).toContain(`~/${path}\n  not imported: ${problem}\n`)
    expect(home.folder.files.size).toBe(4)
  })

  test('says so when a file cannot be read', async () => {
    home.put('.claude/.credentials.json/inside', '')
    const { code, printed } = await home.import()
    expect(code).toBe(1)
    expect(printed).toContain('not imported: the file cannot be read (it is a folder, a pipe or a device)')
  })

  test('names what it does not read: keys, keychains, encrypted files', async () => {
    home.put('.codex/auth.json', { auth_mode: 'apikey', OPENAI_API_KEY: 'secret-key', tokens: null })
    home.put('.claude.json', { oauthAccount: { emailAddress: 'me@example.com' } })
    const { code, printed } = await home.import({
      platform: 'darwin',
      environment: { GEMINI_FORCE_ENCRYPTED_FILE_STORAGE: 'true' },
    })
    expect(code).toBe(0)
    expect(printed).toMatchInlineSnapshot(`
      "
      Claude Code
        its login is in the keychain ('Claude Code-credentials'), which is not read; make one of your own: cliproxy login claude
      Codex
        it holds an API key, which is not imported: set OPENAI_API_KEY, or codex-api-key in the config
      Gemini CLI
        its login is in an encrypted file or the keychain, which is not read; make one of your own: cliproxy login gemini
      no login of Claude Code, Codex, Gemini CLI, Qwen Code, Kimi CLI
      nothing to import; cliproxy login VENDOR makes a login
      "
    `)
    expect(home.folder.files.size).toBe(0)
  })
})

test('a failure to write is told for the login it hits', async () => {
  home.putAll()
  const write = home.folder.write.bind(home.folder)
  home.folder.write = async (name, fields) => {
    if (name.startsWith('codex')) throw new Error('the disk is full')
    await write(name, fields)
  }
  const { code, printed } = await home.import()
  expect(code).toBe(1)
  expect(printed).toContain('not imported: the disk is full')
  expect(home.folder.files.size).toBe(4)
})
