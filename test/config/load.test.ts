import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import { accountsOf, loadText, makeFolder } from './load-text.ts'

const folder = makeFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the defaults', () => {
  test('count where there is no file', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'))
    const { config, warnings, path } = await loadConfig(undefined, { HOME: empty }, { folder: empty })
    expect({ warnings, path }).toEqual({ warnings: [], path: undefined })
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 8317,
      tls: undefined,
      authDir: join(empty, '.cli-proxy-api'),
      apiKeys: [],
      debug: false,
      logFolder: undefined,
      logsTotalMbMax: 0,
      requestRetry: 0,
      maxRetryCredentials: 0,
      maxRetryIntervalSeconds: 0,
      disableCooling: false,
      transientErrorCooldownSeconds: 0,
      routing: { strategy: 'round-robin' },
      forceModelPrefix: false,
      passthroughHeaders: false,
      keepAliveSeconds: 15,
      nonstreamKeepAliveSeconds: 0,
      shutdownGraceSeconds: 30,
      bodyBytesMax: 64 * 1024 * 1024,
      demo: false,
      proxyUrl: undefined,
      authEncryption: undefined,
      oauthClients: {},
      oauthModels: {},
      refreshWorkers: 16,
      quotaExceeded: { switchProject: false, switchPreviewModel: false },
      isGeminiCliServed: false,
      responsesStore: { ttlHours: 72, megabytesMax: 256 },
      management: { secretKey: undefined, password: undefined, isRemoteAllowed: false },
      accounts: [],
    })
  })

  test.each(['', '# nothing yet\n', '{}', 'null\n', 'api-keys:\nproxy-url: ""\nclaude-api-key:\n  -\n'])(
    'count for a file that says nothing: %j',
    async (text) => {
      const { config, warnings } = await loadText(folder, text)
      expect({ port: config.port, accounts: config.accounts, warnings }).toEqual({
        port: 8317,
        accounts: [],
        warnings: [],
      })
    },
  )

  test('are what the example file writes out', async () => {
    const environment = { HOME: '/users/ann' }
    const example = await loadConfig(join(import.meta.dir, '../../config.example.yaml'), environment, { folder })
    const { config } = await loadText(folder, '{}')
    expect(example.warnings).toEqual([])
    expect(example.config).toEqual(config)
  })

  test('leave every key known that the example file shows in comments', async () => {
    const text = await Bun.file(join(import.meta.dir, '../../config.example.yaml')).text()
    const entries =
      /^# ((?:tls|api-keys|remote-management|proxy-url|auth-encryption|oauth-[a-z-]+|openai-compatibility|\w+-api-key):| {2})/gm
    const shown = text.replaceAll(entries, '$1').replaceAll(/\$\{\w+\}/g, 'word')
    const { config, warnings } = await loadText(
      folder,
      shown.replace('enable: true', 'enable: false').replace('disabled: true', ''),
    )
    expect(warnings).toEqual([])
    expect(config.apiKeys).toEqual(['word'])
    expect(config.accounts.map(({ label }) => label)).toEqual([
      'gemini-api-key[0]',
      'claude-api-key[0]',
      'codex-api-key[0]',
      'vertex-api-key[0]',
      'openrouter[0]',
      'openrouter[1]',
      'local',
    ])
  })
})

describe('the file', () => {
  test('is the one named, else ./config.yaml, else the one in the home folder', async () => {
    const home = mkdtempSync(join(folder, 'home-'))
    const work = mkdtempSync(join(folder, 'work-'))
    mkdirSync(join(home, '.cli-proxy-api'))
    writeFileSync(join(home, '.cli-proxy-api/config.yaml'), 'port: 1')
    const found = async (path?: string) => (await loadConfig(path, { HOME: home }, { folder: work })).config.port
    expect(await found()).toBe(1)
    writeFileSync(join(work, 'config.yaml'), 'port: 2')
    expect(await found()).toBe(2)
    writeFileSync(join(work, 'other.yaml'), 'port: 3')
    expect(await found('other.yaml')).toBe(3)
    expect(found('none.yaml')).rejects.toThrow('none.yaml: there is no such file; allowed: a readable YAML file')
  })

  test('means the same as JSON and as YAML of any kind', async () => {
    const plain = 'port: 1234\napi-keys:\n  - abc\nclaude-api-key:\n  - api-key: k\n    models:\n      - name: m\n'
    const flow = 'port: 0x4D2\n"api-keys": [abc]\nclaude-api-key: [{api-key: k, models: [{name: m}]}]\n'
    const json = '{"port":1234,"api-keys":["abc"],"claude-api-key":[{"api-key":"k","models":[{"name":"m"}]}]}'
    const configs = [plain, plain.replaceAll('\n', '\r\n'), flow, json, `\uFEFF${json}`].map(
      async (text) => (await loadText(folder, text)).config,
    )
    const [first, ...others] = await Promise.all(configs.map(async (config) => await config))
    expect(first?.port).toBe(1234)
    for (const other of others) expect(other).toEqual(first!)
  })

  test('may use anchors and merge keys', async () => {
    const text = 'claude-api-key:\n  - &a {api-key: k1, priority: 3}\n  - <<: *a\n    api-key: k2\n'
    expect((await accountsOf(folder, text)).map(({ secret, priority }) => [secret, priority])).toEqual([
      ['k1', 3],
      ['k2', 3],
    ])
  })

  test.each([
    ['debug: yes', true],
    ['debug: off', false],
    ['debug: "true"', true],
    ['debug: ${FLAG}', true],
  ])('takes %j for the flag it is to CPA', async (text, flag) => {
    expect((await loadText(folder, text, { FLAG: 'on' })).config.debug).toBe(flag)
  })

  test('takes a key of digits as it is spelt', async () => {
    const { config } = await loadText(
      folder,
      'api-keys: [0123, 12345678901234567890, 1e3]\nclaude-api-key: [{api-key: 42}]',
    )
    expect(config.apiKeys).toEqual(['0123', '12345678901234567890', '1e3'])
    expect(config.accounts[0]?.secret).toBe('42')
  })

  test('takes a password of the environment for the management API, which opens it to other machines', async () => {
    const { config } = await loadText(folder, '{}', { MANAGEMENT_PASSWORD: ' p ' })
    expect(config.management).toEqual({ password: 'p', isRemoteAllowed: true })
  })

  test('takes every key of the reference, those of older versions too', async () => {
    const text = `
remote-management: {allow-remote: true, secret-key: x}
auth: {providers: [{name: default, type: config-api-key, api-keys: [old-key]}]}
api-keys: [new-key, new-key, ""]
pprof: {enable: false, addr: ""}
ws-auth: false
request-retry: -1
max-retry-interval: -5
quota-exceeded: {switch-project: true}
disable-claude-cloak-mode: true
codex: {identity-confuse: true, stream-bootstrap-buffering: true}
routing: {strategy: weighted, session-affinity: true}
streaming: {keepalive-seconds: -1, bootstrap-retries: 2}
payload: {default: [{models: [{name: "*"}], params: {"a.b": "\${NOT_LOOKED_AT}"}}]}
claude-api-key: [{api-key: k, cloak: {mode: never}, weight: 5, models: [{name: a, thinking: {levels: [low]}}, {name: b, thinking: {levels: [low]}}]}]
`
    const { config, warnings } = await loadText(folder, text)
    expect(config.apiKeys).toEqual(['new-key', 'old-key'])
    expect([config.requestRetry, config.maxRetryIntervalSeconds, config.keepAliveSeconds]).toEqual([0, 0, 0])
    expect(config.routing.strategy).toBe('round-robin')
    expect(config.management).toEqual({ secretKey: 'x', isRemoteAllowed: true })
    expect(warnings).toEqual([
      'c.yaml: accepted and not served yet: codex.stream-bootstrap-buffering, ' +
        'routing.session-affinity, streaming.bootstrap-retries, payload, claude-api-key[].weight, claude-api-key[].models[].thinking',
      'c.yaml: accepted and not served, since clients are never disguised here: disable-claude-cloak-mode, ' +
        'codex.identity-confuse, claude-api-key[].cloak',
      'routing.strategy: weighted-round-robin is not served yet; round-robin is used',
    ])
  })

  test.each([
    ['rr', 'round-robin'],
    ['RoundRobin', 'round-robin'],
    ['ff', 'fill-first'],
    ['fill-first', 'fill-first'],
  ] as const)('takes the strategy %s for %s', async (word, strategy) => {
    expect((await loadText(folder, `routing: {strategy: ${word}}`)).config.routing.strategy).toBe(strategy)
  })

  test('warns of unknown keys with their place and the nearest known one', async () => {
    const { warnings } = await loadText(
      folder,
      'prot: 1\nclaude-api-key:\n  - api-key: k\n    base_url: x\n    constructor: 1\n    qqqqqq: 1\n',
    )
    expect(warnings).toEqual([
      'c.yaml:1:1: prot: is no known key and is ignored; did you mean port?',
      'c.yaml:4:5: claude-api-key[0].base_url: is no known key and is ignored; did you mean base-url?',
      'c.yaml:5:5: claude-api-key[0].constructor: is no known key and is ignored',
      'c.yaml:6:5: claude-api-key[0].qqqqqq: is no known key and is ignored',
    ])
  })

  test('puts logs and relative paths where CPA puts them', async () => {
    expect((await loadText(folder, 'logging-to-file: true')).config.logFolder).toBe(join(folder, 'logs'))
    expect((await loadText(folder, 'logging-to-file: true', { WRITABLE_PATH: '/var/x' })).config.logFolder).toBe(
      '/var/x/logs',
    )
    expect((await loadText(folder, 'auth-dir: auths')).config.authDir).toBe(join(folder, 'auths'))
    expect((await loadText(folder, 'auth-dir: ~/a')).config.authDir).toBe('/users/ann/a')
  })

  test('of 20,000 models loads, which a square would not within the time of a test', async () => {
    const models = Array.from({ length: 20_000 }, (_, index) => ({ name: `model-${index}`, alias: `m${index}` }))
    const text = JSON.stringify({ 'claude-api-key': [{ 'api-key': 'k', models }] }, null, 2)
    expect((await loadText(folder, text)).config.accounts[0]?.models).toHaveLength(20_000)
  })
})
