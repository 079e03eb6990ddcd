import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readAuthSettings, readTime, timeText } from '../../src/accounts/files/auth-fields.ts'
import { baseUrlOf, composeAuthFile, kindFor, projectsOf } from '../../src/accounts/files/auth-kinds.ts'
import type { TokenSet, VendorId } from '../../src/accounts/oauth/vendor.ts'
import type { Fields } from '../../src/lib/json.ts'
import { jwt, kindOf, MADE_UP } from './made-up.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const VENDORS = Object.keys(MADE_UP) as VendorId[]
const CENTURY = Date.parse('2100-01-01T00:00:00Z')

const idToken = (plan: string): string =>
  jwt({ 'https://api.openai.com/auth': { chatgpt_plan_type: plan, chatgpt_account_id: 'acc-1' } })

describe('a file of CPA', () => {
  test.each([
    ['claude', 'sk-ant-oat01-made-up-access', 'sk-ant-ort01-made-up-refresh', CENTURY - 8 * 3600_000],
    ['gemini', 'ya29.made-up-access', '1//made-up-refresh', CENTURY + 123],
    ['qwen', 'qwen-made-up-access', 'qwen-made-up-refresh', CENTURY],
    ['kimi', 'kimi-made-up-access', 'kimi-made-up-refresh', CENTURY],
    ['xai', 'xai-made-up-access', 'xai-made-up-refresh', CENTURY],
  ] as const)('of %s gives its tokens', (vendor, accessToken, refreshToken, expiresAt) => {
    const tokens = kindFor(MADE_UP[vendor])?.readTokens(MADE_UP[vendor])
    expect(tokens).toMatchObject({ accessToken, refreshToken, expiresAt })
  })

  test.each([
    ['claude', { accountId: '11111111-2222-3333-4444-555555555555', plan: undefined }],
    ['codex', { accountId: 'acc-bob', plan: 'plus' }],
    ['gemini', { plan: undefined }],
    ['qwen', { plan: undefined }],
    ['kimi', { deviceId: 'device-1' }],
    ['vertex', { projectId: 'fox-project', location: 'europe-west4' }],
  ] as const)('of %s gives what the provider must know', (vendor, facts) => {
    expect(kindOf(vendor).facts(MADE_UP[vendor])).toEqual(facts)
  })

  test.each([
    ['claude', {}, 'https://api.anthropic.com'],
    ['codex', {}, 'https://chatgpt.com/backend-api/codex'],
    ['gemini', {}, 'https://cloudcode-pa.googleapis.com'],
    ['qwen', {}, 'https://portal.example.ai/v1'],
    ['qwen', { resource_url: 'https://other.example/api/v1/' }, 'https://other.example/api/v1'],
    ['qwen', { resource_url: 'http://other.example:80/v1' }, 'https://other.example/v1'],
    ['qwen', { resource_url: 'http://127.0.0.1:9/v1' }, 'http://127.0.0.1:9/v1'],
    ['qwen', { resource_url: undefined }, 'https://portal.qwen.ai/v1'],
    ['kimi', {}, 'https://api.kimi.com/coding/v1'],
    ['xai', {}, 'https://cli-chat-proxy.grok.com/v1'],
    ['xai', { using_api: true }, 'https://api.x.ai/v1'],
    ['xai', { base_url: 'https://own.example/v1' }, 'https://own.example/v1'],
    ['vertex', {}, 'https://europe-west4-aiplatform.googleapis.com'],
    ['vertex', { location: 'global' }, 'https://aiplatform.googleapis.com'],
    ['vertex', { location: undefined }, 'https://us-central1-aiplatform.googleapis.com'],
    ['vertex', { location: 'evil.example/' }, 'https://us-central1-aiplatform.googleapis.com'],
    ['claude', { 'base-url': 'https://own.example/' }, 'https://own.example'],
  ] as const)('of %s with %j is used at its own base URL', (vendor, own, expected) => {
    const fields = { ...MADE_UP[vendor], ...own }
    const settings = readAuthSettings(fields)
    if ('problem' in settings) throw new Error(settings.problem)
    expect(baseUrlOf(kindOf(vendor), fields, settings.baseUrl, undefined)).toBe(expected)
  })

  test('is used at the config’s base URL unless it names one itself', () => {
    expect(baseUrlOf(kindOf('qwen'), MADE_UP.qwen, undefined, 'https://config.example')).toBe('https://config.example')
    expect(baseUrlOf(kindOf('claude'), {}, 'https://own.example', 'https://config.example')).toBe('https://own.example')
  })

  test.each([
    ['gemini-cli', 'gemini'],
    [' Claude ', 'claude'],
    ['antigravity', undefined],
    [undefined, undefined],
    ['toString', undefined],
  ])('of the type %j is of the kind %j', (type, vendor) => {
    expect(kindFor({ type })?.vendor).toBe(vendor as VendorId)
  })

  test.each([
    ['a', ['a']],
    [' a , b,,a ', ['a', 'b']],
    ['ALL', []],
    ['', []],
  ])('of Gemini with the projects %j makes one account for each', (project_id, projects) => {
    expect(projectsOf(kindOf('gemini'), { project_id })).toEqual(projects)
  })

  test('without a refresh token or an end is one that is never refreshed', () => {
    const tokens = kindOf('claude').readTokens({ type: 'claude', access_token: 'sk-ant-oat01-setup' })
    expect(tokens).toEqual({
      accessToken: 'sk-ant-oat01-setup',
      refreshToken: undefined,
      expiresAt: undefined,
      idToken: undefined,
    })
  })

  test.each([
    [{ expires_in: 60, last_refresh: '2026-03-01T12:00:00Z' }, NOW + 60_000],
    [{ expired: '0001-01-01T00:00:00Z' }, undefined],
    [{ expired: 'soon' }, undefined],
    [{ access_token: jwt({ exp: 1772366400 }) }, NOW],
  ])('that says %j ends then', (own, expiresAt) => {
    const tokens = kindOf('codex').readTokens({ type: 'codex', access_token: 'a', ...own })
    expect(tokens?.expiresAt).toBe(expiresAt)
  })

  test.each(VENDORS)('of %s without tokens is none', (vendor) => {
    expect(kindOf(vendor).readTokens({ type: vendor, email: 'a@example.com', token: {} })).toBeUndefined()
  })
})

describe('the settings of a file', () => {
  test('are read in both spellings, the one of the files first', () => {
    const settings = readAuthSettings({
      disabled: true,
      'proxy-url': 'none',
      proxy_url: 'http://proxy.example:8080',
      prefix: '/team/',
      priority: ' -3 ',
      'excluded-models': ['*-old', 3, ''],
      'model-aliases': [{ name: 'a', alias: 'b', fork: true, 'display-name': 'B' }, { name: 'x' }],
      'disable-cooling': true,
      'request-retry': 0,
      headers: { 'x-one': '1', 'x-two': 2 },
    })
    expect(settings).toEqual({
      isDisabled: true,
      email: undefined,
      baseUrl: undefined,
      proxyUrl: 'http://proxy.example:8080',
      headers: { 'x-one': '1' },
      prefix: 'team',
      priority: -3,
      excludedModels: ['*-old'],
      aliases: [{ name: 'a', alias: 'b', displayName: 'B', isFork: true }],
      disableCooling: true,
      requestRetry: 0,
    })
  })

  test.each([
    [{ proxy_url: 'socks5://user:secret@host' }, 'its proxy_url names a SOCKS proxy'],
    [{ base_url: 'ftp://secret' }, 'its base_url is no URL'],
    [{ headers: { 'bad name': 'secret' } }, 'its headers hold no name of a header'],
    [{ headers: { good: 'secret\n' } }, 'its headers holds characters that no header can carry'],
  ])('%j are refused without a word of their values', (fields, problem) => {
    const settings = readAuthSettings(fields)
    expect(settings).toEqual({ problem: expect.stringContaining(problem) })
    expect(JSON.stringify(settings)).not.toContain('secret')
  })
})

describe('new tokens', () => {
  const anyJson = fc.dictionary(fc.string(), fc.jsonValue())

  test.each(VENDORS)('of %s leave every other field as it was, and read back', (vendor) => {
    fc.assert(
      fc.property(anyJson, fc.string({ minLength: 1 }), fc.nat(), (unknown, word, life) => {
        const kind = kindOf(vendor)
        const before: Fields = { ...unknown, ...MADE_UP[vendor] }
        const expiresAt = NOW + life * 1000
        const tokens: TokenSet = { accessToken: `a${btoa(encodeURI(word))}`, refreshToken: 'r2', expiresAt }
        const after = kind.writeTokens(before, tokens, NOW)
        const written = ['access_token', 'refresh_token', 'expired', 'last_refresh', 'token', 'timestamp', 'expires_in']
        for (const [key, value] of Object.entries(before)) if (!written.includes(key)) expect(after[key]).toEqual(value)
        if (kind.isMadeAnew) expect(after).toEqual(before)
        else expect(kind.readTokens(after)).toMatchObject(tokens)
      }),
      { numRuns: 50 },
    )
  })

  test('of Gemini keep what else the token says, and follow where CPA wrote them twice', () => {
    const before = { ...MADE_UP.gemini, access_token: 'old', expiry: 'old' }
    const after = kindOf('gemini').writeTokens(before, { accessToken: 'new', expiresAt: NOW }, NOW)
    expect(after['token']).toMatchObject({
      access_token: 'new',
      refresh_token: '1//made-up-refresh',
      client_id: 'made-up.apps.example.com',
      expiry: '2026-03-01T12:00:00Z',
    })
    expect([after['access_token'], after['expiry']]).toEqual(['new', '2026-03-01T12:00:00Z'])
  })

  test('of Gemini that another client made come without the secret of the one before', () => {
    const fields = { token: { client_id: 'other' } }
    const before = { token: { client_id: 'one', client_secret: 'of-one', scope: 's' } }
    expect(kindOf('gemini').writeTokens(before, { accessToken: 'new', fields }, NOW)['token']).toEqual({
      token_type: 'Bearer',
      client_id: 'other',
      scope: 's',
      access_token: 'new',
    })
  })
})

describe('the file of a new login', () => {
  const tokens: TokenSet = { accessToken: 'a', refreshToken: 'r', expiresAt: NOW + 3600_000 }

  test.each<[VendorId, Fields, string, string]>([
    ['claude', { email: 'a@example.com' }, 'claude-a@example.com.json', ''],
    ['claude', { email: '../../a' }, 'claude-.._.._a.json', ''],
    ['codex', { email: 'a@example.com' }, 'codex-a@example.com-plus.json', idToken('plus')],
    ['codex', { email: 'a@example.com' }, 'codex-a@example.com-chatgpt-pro.json', idToken(' ChatGPT_Pro ')],
    ['codex', { email: 'a@example.com' }, 'codex-cf9df9b9-a@example.com-team.json', idToken('team')],
    ['codex', { email: 'a@example.com' }, 'codex-a@example.com.json', ''],
    ['gemini', { email: 'a@example.com', project_id: 'p-1' }, 'gemini-a@example.com-p-1.json', ''],
    ['gemini', { email: 'a@example.com', project_id: 'p-1,p-2' }, 'gemini-a@example.com-all.json', ''],
    ['gemini', { email: 'a@example.com', project_id: 'ALL' }, 'gemini-a@example.com-all.json', ''],
    ['qwen', { email: 'dan' }, 'qwen-dan.json', ''],
    ['qwen', {}, `qwen-${NOW}.json`, ''],
    ['kimi', { email: 'a@example.com' }, `kimi-${NOW}.json`, ''],
    ['xai', { email: 'a+b@example.com', sub: 's' }, 'xai-a-b@example.com.json', ''],
    ['xai', { sub: '-s|1-' }, 'xai-s-1.json', ''],
    ['vertex', { project_id: 'my project:1' }, 'vertex-my-project_1.json', ''],
    ['vertex', { project_id: 'p', prefix: 'team' }, 'vertex-team-p.json', ''],
  ])('of %s with %j is called %s', (vendor, profile, name, idTokenOf) => {
    const account = vendor === 'vertex' ? { service_account: { type: 'service_account' } } : {}
    const file = composeAuthFile(
      vendor,
      { tokens: { ...tokens, idToken: idTokenOf === '' ? undefined : idTokenOf }, profile: { ...profile, ...account } },
      NOW,
    )
    expect(file.name).toBe(name)
    expect(file.fields['type']).toBe(vendor)
    expect(kindFor(file.fields)?.readTokens(file.fields)).toBeDefined()
  })

  test('of xAI says of what kind it is, as CPA writes it', () => {
    expect(composeAuthFile('xai', { tokens, profile: {} }, NOW).fields).toMatchObject({ auth_kind: 'oauth' })
  })

  test('holds no token when it is made of a service account', () => {
    const { fields } = composeAuthFile('vertex', { tokens, profile: { service_account: {}, project_id: 'p' } }, NOW)
    expect(fields).toEqual({ service_account: {}, project_id: 'p', location: 'us-central1', type: 'vertex' })
  })
})

test.each([
  [1e300, '+275760-09-13T00:00:00Z'],
  [-1e300, '1970-01-01T00:00:00Z'],
  [1_767_312_000_999, '2026-01-02T00:00:00Z'],
])('the time %p is written as %s', (at, expected) => {
  expect(timeText(at)).toBe(expected)
})

test.each([[1e300], [-1], [0], [Number.NaN], ['soon'], ['0001-01-01T00:00:00Z'], [{}]])('%p is no time', (value) => {
  expect(readTime(value)).toBeUndefined()
})
