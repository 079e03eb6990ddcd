import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../src/accounts/account.ts'
import type { LoginBook } from '../../src/accounts/login-book.ts'
import { askDate, measureSkew, probeAccounts, type ListModels } from '../../src/cli/doctor/ask.ts'
import { runDoctor, type DoctorWorld } from '../../src/cli/doctor/doctor.ts'
import { loadConfig } from '../../src/config/load.ts'
import { listModels } from '../../src/gateway/list-models.ts'
import { NO_LOGINS } from '../kit/logins.ts'
import { accountAt } from '../kit/proxy.ts'
import { startUpstream } from '../kit/upstream.ts'

const folder = mkdtempSync(join(tmpdir(), 'cliproxy-doctor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NOW = Date.parse('2026-01-01T00:00:00Z')
const SECRETS = ['secret-client-1', 'secret-key-2', 'secret-token-3']

async function examine(config: object, world: Partial<DoctorWorld> = {}): Promise<{ code: number; printed: string }> {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, JSON.stringify({ 'env-accounts': false, 'auth-dir': join(folder, 'auth'), port: 0, ...config }))
  chmodSync(file, 0o644)
  let printed = '\n'
  const code = await runDoctor(
    { load: () => loadConfig(file, { HOME: folder, KEY: 'secret-key-2' }), print: (text) => (printed += text) },
    {
      environment: { BUN_CONFIG_MAX_HTTP_REQUESTS: '65535' },
      home: folder,
      openLogins: () => NO_LOGINS,
      list: listModels,
      askDate: () => Promise.resolve(new Date(NOW).toUTCString()),
      versionOf: () => Promise.resolve(undefined),
      clock: () => NOW,
      ...world,
    },
  )
  for (const secret of SECRETS) expect(printed).not.toContain(secret)
  return { code, printed: printed.replaceAll(folder, '~').replaceAll(/\d+ MB/g, 'N MB') }
}

function failToOpen(): never {
  throw new Error('the key is not there')
}

describe('cliproxy doctor', () => {
  test('tells all that is wrong and how to mend it, without a secret', async () => {
    const upstream = await startUpstream((call) => call.json({ error: SECRETS.join() }, 401))
    mkdirSync(join(folder, 'auth'), { mode: 0o700 })
    writeFileSync(join(folder, 'auth', 'claude-ann.json'), '{}')
    chmodSync(join(folder, 'auth', 'claude-ann.json'), 0o644)
    const login = accountAt(upstream.url, 'anthropic', {
      label: 'ann',
      secret: '',
      models: undefined,
      login: {
        file: 'claude-ann.json',
        token: () => 'secret-token-3',
        replacementFor: () => Promise.resolve(undefined),
      },
    })
    const book: LoginBook = {
      ...NO_LOGINS,
      accounts: () => [login],
      rows: () => [{ name: 'claude-ann.json', type: 'claude', accountIds: [login.id], state: 'ready' }],
    }
    const { code, printed } = await examine(
      {
        'api-keys': ['secret-client-1'],
        host: '0.0.0.0',
        'claude-api-key': [{ 'api-key': 'secret-key-2', 'base-url': upstream.url }],
      },
      {
        openLogins: () => book,
        askDate: () => Promise.resolve(new Date(NOW - 300_000).toUTCString()),
        versionOf: (program) => Promise.resolve(program === 'claude' ? '2.0' : undefined),
        environment: { ANTHROPIC_BASE_URL: 'http://other.example' },
      },
    )
    await upstream.stop()
    expect(code).toBe(1)
    expect(printed.replaceAll(/^ok {7}.*\n/gm, '')).toMatchInlineSnapshot(`
      "
      problem  config: everybody may read ~/config.yaml (0644), which holds keys; to mend it: chmod 600 ~/config.yaml
      problem  auth-dir: others may read ~/auth/claude-ann.json (0644), which holds a login; to mend it: chmod 600 ~/auth/claude-ann.json
      warning  host: 0.0.0.0 is open without TLS: keys and answers travel in the clear; to mend it: set tls, put a proxy with TLS before it, or host: 127.0.0.1
      warning  requests: at most 256 to upstreams at once; to mend it: set BUN_CONFIG_MAX_HTTP_REQUESTS=65535
      problem  claude-api-key[0]: its upstream refuses it (401); to mend it: replace its key
      problem  ann: its upstream refuses it (401); to mend it: log in again: cliproxy login claude
      warning  clock: 300 s ahead of an upstream’s; logins would be refreshed at the wrong time; to mend it: set the clock, by NTP at best
      note     claude: Claude Code 2.0 is sent elsewhere by ANTHROPIC_BASE_URL; cliproxy run claude starts it on this proxy
      note     codex: Codex is not installed (npm install -g @openai/codex)
      note     gemini: Gemini CLI is not installed (npm install -g @google/gemini-cli)
      note     qwen: Qwen Code is not installed (npm install -g @qwen-code/qwen-code)
      note     opencode: opencode is not installed (npm install -g opencode-ai)
      4 problems, 3 warnings
      "
    `)
  })

  test('is content with a machine where all is well', async () => {
    const upstream = await startUpstream((call) => call.json({ data: [{ id: 'm' }] }))
    const { code, printed } = await examine({
      'auth-dir': join(folder, 'none-yet'),
      'claude-api-key': [{ 'api-key': '${KEY}', 'base-url': upstream.url }],
    })
    await upstream.stop()
    expect(printed).toContain('ok       claude-api-key[0]: its upstream knows it and lists 1 models\n')
    expect([code, printed.trimEnd().split('\n').at(-1)]).toEqual([0, 'all is well'])
  })

  test('goes on as far as it can when the config does not load', async () => {
    const { code, printed } = await examine({ port: 'x' })
    expect(code).toBe(1)
    expect(printed).toContain('problem  config: ~/config.yaml:1:')
    expect(printed).toContain('note     codex: Codex is not installed')
  })

  test('says so when the logins cannot be read', async () => {
    const { code, printed } = await examine({}, { openLogins: failToOpen })
    expect(code).toBe(1)
    expect(printed).toContain('problem  logins: they cannot be read: the key is not there')
  })

  test('says who has the port', async () => {
    const other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('no') })
    const { port } = other
    const { printed } = await examine({ port })
    await other.stop(true)
    expect(printed).toContain(`problem  port: another program has http://127.0.0.1:${port}`)
  })
})

const askWith = (accounts: readonly Account[], list: ListModels) =>
  probeAccounts(accounts, { list, modelsOf: () => [{ name: 'm', alias: 'm' }], clock: () => NOW })

describe('asking', () => {
  test('a vendor without a list of models is asked for a count of tokens, which costs nothing', async () => {
    const upstream = await startUpstream()
    const account = accountAt(upstream.url, 'gemini', { provider: 'vertex', models: undefined })
    const ask = () => askWith([account], () => undefined)
    upstream.next(
      (call) => call.json({ totalTokens: 1 }),
      (call) => call.json({ error: { code: 403, message: 'no', status: 'PERMISSION_DENIED' } }, 403),
    )
    expect(await ask()).toEqual([{ kind: 'answered', said: 'counts tokens of m' }])
    expect(await ask()).toEqual([{ kind: 'refused', status: 403 }])
    expect(upstream.calls.map(({ path }) => path)).toEqual(Array(2).fill('/v1/publishers/google/models/m:countTokens'))
    await upstream.stop()
  })

  test('at most eight upstreams are asked at once, and the answers keep their order', async () => {
    const accounts = Array.from({ length: 20 }, (_, index) =>
      accountAt('http://127.0.0.1:1', 'anthropic', { label: String(index) }),
    )
    let running = 0
    let most = 0
    const probes = await askWith(accounts, async ({ label }) => {
      running++
      most = Math.max(most, running)
      await Promise.resolve()
      running--
      return Array.from({ length: Number(label) }, (_, index) => ({ name: String(index), alias: '' }))
    })
    expect(most).toBe(8)
    expect(probes).toEqual(accounts.map((_, index) => ({ kind: 'answered', said: `lists ${index} models` })))
  })

  test('a message stays as it is where any word stands in for a key', async () => {
    const account = accountAt('http://127.0.0.1:1', 'anthropic', { secret: 'x' })
    const [probe] = await askWith([account], () => Promise.reject(new Error('no express answer')))
    expect(probe).toEqual({ kind: 'failed', message: 'no express answer' })
  })

  test('the clock is compared with the first upstream that answers, without a key', async () => {
    const upstream = await startUpstream((call) => call.json({}, 404, { date: new Date(NOW).toUTCString() }))
    const accounts = [accountAt('http://127.0.0.1:1', 'anthropic'), accountAt(upstream.url, 'openai-chat')]
    const measured = await measureSkew(accounts, askDate, () => NOW + 5000)
    expect(measured).toEqual({ asked: 2, skewMs: 5000 })
    expect(upstream.calls[0]?.headers['authorization']).toBeUndefined()
    await upstream.stop()
  })
})
