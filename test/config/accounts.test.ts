import { afterAll, describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { accountsOf, makeFolder } from './load-text.ts'

const folder = makeFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('accounts', () => {
  test('of every kind come out with their defaults', async () => {
    const accounts = await accountsOf(
      folder,
      `
generative-language-api-key: [AIza-old]
gemini-api-key: [{api-key: AIza-new, base-url: "https://g.example/"}]
claude-api-key:
  - {api-key: " sk-1 ", base-url: "", prefix: /team/, priority: 2, request-retry: -1}
  - {api-key: sk-2, request-retry: 0, disable-cooling: true, excluded-models: ["a-*"], headers: {X-A: $X-B, X-N: 5}}
  - {api-key: sk-3, disabled: true}
codex-api-key: [{api-key: sk-4, base-url: "https://c.example/v1//"}, {api-key: sk-5}]
vertex-api-key: [{api-key: AQ-1}, {api-key: AQ-2, base-url: "https://v.example/"}]
openai-compatibility:
  - {name: keyless, base-url: "http://127.0.0.1:1/v1"}
  - {name: legacy, base-url: "https://l.example/v1", api-keys: [k1, k2]}
  - {name: off, base-url: "https://o.example/v1", disabled: true}
  - {name: one, base-url: "https://n.example/v1", api-key-entries: [{api-key: "", proxy-url: none}]}
`,
    )
    const brief = accounts.map(({ provider, label, secret, baseUrl }) => [provider, label, secret, baseUrl].join(' | '))
    expect(brief).toEqual([
      'gemini | gemini-api-key[0] | AIza-new | https://g.example',
      'gemini | generative-language-api-key[0] | AIza-old | https://generativelanguage.googleapis.com',
      'claude | claude-api-key[0] | sk-1 | https://api.anthropic.com',
      'claude | claude-api-key[1] | sk-2 | https://api.anthropic.com',
      'codex | codex-api-key[0] | sk-4 | https://c.example/v1',
      'codex | codex-api-key[1] | sk-5 | https://api.openai.com/v1',
      'vertex | vertex-api-key[0] | AQ-1 | https://aiplatform.googleapis.com',
      'vertex | vertex-api-key[1] | AQ-2 | https://v.example',
      'openai-compatibility | keyless |  | http://127.0.0.1:1/v1',
      'openai-compatibility | legacy[0] | k1 | https://l.example/v1',
      'openai-compatibility | legacy[1] | k2 | https://l.example/v1',
      'openai-compatibility | one |  | https://n.example/v1',
    ])
    const [, , first, second] = accounts
    expect(first).toMatchObject({
      prefix: 'team',
      priority: 2,
      requestRetry: undefined,
      models: undefined,
      source: 'config',
    })
    expect(second).toMatchObject({ requestRetry: 0, disableCooling: true, excludedModels: ['a-*'] })
    expect(second?.headers).toEqual({ 'X-A': '$X-B', 'X-N': '5' })
    expect(accounts.at(-1)?.proxyUrl).toBe('direct')
  })

  test('have the models of the file: the name where there is no alias, pools, no doubles', async () => {
    const [account] = await accountsOf(
      folder,
      `
claude-api-key:
  - api-key: k
    models:
      - {name: a, alias: ""}
      - {name: b, alias: pool, display-name: B, max-context-length: 1000}
      - {name: c, alias: pool, max-context-length: 0}
      - {name: b, alias: pool}
`,
    )
    expect(account?.models).toEqual([
      { name: 'a', alias: 'a', displayName: undefined, contextTokens: undefined },
      { name: 'b', alias: 'pool', displayName: 'B', contextTokens: 1000 },
      { name: 'c', alias: 'pool', displayName: undefined, contextTokens: undefined },
    ])
    expect((await accountsOf(folder, 'claude-api-key: [{api-key: k, models: []}]'))[0]?.models).toBeUndefined()
  })

  test('keep their ids when the global proxy changes, and differ from their copies', async () => {
    const entries = 'claude-api-key: [{api-key: k}, {api-key: k}, {api-key: k, proxy-url: "http://own:1"}]'
    const before = await accountsOf(folder, entries)
    const after = await accountsOf(folder, `${entries}\nproxy-url: http://all:1`)
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(new Set(after.map(({ id }) => id)).size).toBe(3)
    expect(after.map(({ proxyUrl }) => proxyUrl)).toEqual(['http://all:1', 'http://all:1', 'http://own:1'])
    for (const { id } of after) expect(id).toMatch(/^[0-9a-f]{16}$/)
  })

  test('of one name have labels that differ', async () => {
    const one = '{name: x, base-url: "https://x/v1"}'
    expect((await accountsOf(folder, `openai-compatibility: [${one}, ${one}]`)).map(({ label }) => label)).toEqual([
      'x',
      'x (2)',
    ])
  })
})
