import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLIENT_NAMES } from '../../src/cli/run/clients/client.ts'
import { CLIENTS } from '../../src/cli/run/clients/table.ts'
import { REAL_WORLD, runClient, type RunCommand, type RunWorld } from '../../src/cli/run/run.ts'
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts'
import { parseObject, readString, type Fields } from '../../src/lib/json.ts'
import { startProxy } from '../kit/proxy.ts'

const KEY = 'client-key-90af3e'
const folder = mkdtempSync(join(tmpdir(), 'cliproxy-run-test-'))
const bin = join(folder, 'bin')
const home = join(folder, 'home')
const SEEN = join(folder, 'seen.json')

/** Every client's program: notes what it was started with, and reads what its folder for this run holds. */
const PROGRAM = `#!${process.execPath}
const { writeFileSync, readFileSync, statSync } = require('node:fs')
const at = process.argv.indexOf('--settings')
const given = at < 0 ? process.env.QWEN_CODE_SYSTEM_SETTINGS_PATH ?? (process.env.GEMINI_CLI_HOME && process.env.GEMINI_CLI_HOME + '/.gemini/settings.json') : process.argv[at + 1]
const settings = given && { path: given, text: readFileSync(given, 'utf8'), mode: statSync(given).mode & 0o777 }
writeFileSync(process.env.SEEN, JSON.stringify({ args: process.argv.slice(2), env: process.env, settings }))
if (process.env.END) process.kill(process.pid, process.env.END)
process.exit(3)
`

beforeAll(() => {
  mkdirSync(bin)
  mkdirSync(join(home, '.gemini', 'commands'), { recursive: true })
  writeFileSync(
    join(home, '.gemini', 'settings.json'),
    '{"ui":{"theme":"mine"},"security":{"auth":{"selectedType":"oauth-personal"}} /* ! */}',
  )
  writeFileSync(join(home, '.gemini', 'GEMINI.md'), 'remember')
  for (const name of CLIENT_NAMES) writeFileSync(join(bin, name), PROGRAM, { mode: 0o755 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Variables that would lead a client astray. */
const ASTRAY = {
  ANTHROPIC_API_KEY: 'k',
  CLAUDE_CODE_USE_BEDROCK: '1',
  OPENAI_BASE_URL: 'http://x.example',
  OPENAI_API_KEY: 'k',
  GEMINI_API_KEY: 'k',
  GOOGLE_GENAI_USE_VERTEXAI: 'true',
}

interface Ran {
  readonly code: number
  readonly told: string
  readonly args: readonly unknown[]
  readonly env: Fields
  readonly settings: Fields
  /** How often the proxy was stopped. */
  readonly stops: number
}

const MODELS = ['text-embedding-3', 'gemini-2.5-pro', 'gpt-5', 'claude-sonnet-4-5', 'qwen3-coder']

async function load(text: object = { 'api-keys': [KEY] }): Promise<LoadedConfig> {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, JSON.stringify({ 'env-accounts': false, 'auth-dir': join(folder, 'auth'), port: 0, ...text }))
  return await loadConfig(file, { HOME: home })
}

async function run(
  command: Partial<RunCommand>,
  world: Partial<RunWorld> = {},
  models: readonly string[] = MODELS,
): Promise<Ran> {
  rmSync(SEEN, { force: true })
  let told = ''
  let stops = 0
  const environment = { PATH: `${bin}:/usr/bin:/bin`, HOME: home, SEEN, ...ASTRAY, ...world.environment }
  const stop = (): Promise<void> => {
    stops++
    return Promise.resolve()
  }
  const code = await runClient(
    { client: 'claude', isPrint: false, args: [], loaded: await load(), reload: load, ...command },
    {
      ...REAL_WORLD,
      findProxy: () => Promise.resolve({ base: 'http://127.0.0.1:8317', models, story: 'the proxy', stop }),
      tell: (text) => (told += text),
      print: (text) => (told += text),
      ...world,
      environment,
    },
  )
  const { args, env, settings } = existsSync(SEEN) ? (parseObject(readFileSync(SEEN, 'utf8')) ?? {}) : {}
  return { code, told, args: asList(args), env: asFields(env), settings: asFields(settings), stops }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function fail(): Promise<never> {
  return Promise.reject(new Error('no'))
}

function asFields(value: unknown): Fields {
  return parseObject(JSON.stringify(value ?? {})) ?? {}
}

describe('cliproxy run', () => {
  test.each(CLIENT_NAMES)(
    'starts %s with its key in the environment alone, and gives its exit code',
    async (client) => {
      const { code, args, env, stops } = await run({ client, args: ['--one', 'two words'] })
      expect(code).toBe(3)
      expect(args.slice(-2)).toEqual(['--one', 'two words'])
      expect(JSON.stringify(args)).not.toContain(KEY)
      expect(Object.values(env)).toContain(KEY)
      expect(CLIENTS[client].misleading.filter((name) => env[name] === 'k')).toEqual([])
      expect(stops).toBe(1)
    },
  )

  test('keeps from the client what only the proxy is to know', async () => {
    const own = { MANAGEMENT_PASSWORD: 'p', GEMINI_OAUTH_CLIENT_SECRET: 's', LOGINS_KEY: 'l' }
    const loaded = await load({ 'auth-encryption': { env: 'LOGINS_KEY' } })
    const { env } = await run({ loaded }, { environment: { ...own, MINE: 'm' } })
    expect(Object.keys(own).filter((name) => name in env)).toEqual([])
    expect(env['MINE']).toBe('m')
  })

  test('points Claude Code here, also against its own settings', async () => {
    const { args, env, settings } = await run({ client: 'claude', model: 'm' })
    expect(args.slice(2)).toEqual(['--model', 'm'])
    const wanted = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:8317', ANTHROPIC_AUTH_TOKEN: KEY }
    expect(env).toMatchObject(wanted)
    expect(env['ANTHROPIC_API_KEY']).toBeUndefined()
    expect(env['CLAUDE_CODE_USE_BEDROCK']).toBeUndefined()
    expect(settings).toMatchObject({ mode: 0o600 })
    const { env: set } = parseObject(readString(settings['text']) ?? '') ?? {}
    expect(set).toMatchObject({ ...wanted, CLAUDE_CODE_USE_BEDROCK: '', ANTHROPIC_DEFAULT_HAIKU_MODEL: 'm' })
    expect(asFields(set)['ANTHROPIC_DEFAULT_SONNET_MODEL']).toBeUndefined()
  })

  test('points Codex here with overrides of its settings', async () => {
    const { args, env } = await run({ client: 'codex' })
    expect(args.filter((arg) => arg !== '-c')).toEqual([
      'model="gpt-5"',
      'model_provider="cliproxy"',
      'model_providers.cliproxy.name="cliproxy"',
      'model_providers.cliproxy.base_url="http://127.0.0.1:8317/v1"',
      'model_providers.cliproxy.wire_api="responses"',
      'model_providers.cliproxy.env_key="CLIPROXY_KEY"',
    ])
    expect(env['CLIPROXY_KEY']).toBe(KEY)
  })

  test('gives Gemini CLI the user’s settings with another login, and all else of the user’s', async () => {
    let linked: unknown
    const look = (words: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> => {
      const own = join(environment['GEMINI_CLI_HOME'] ?? '', '.gemini')
      linked = [readFileSync(join(own, 'GEMINI.md'), 'utf8'), lstatSync(join(own, 'commands')).isSymbolicLink()]
      return REAL_WORLD.spawn(words, environment)
    }
    const { args, env, settings } = await run(
      { client: 'gemini' },
      // An empty variable is as good as none.
      { spawn: look, environment: { GEMINI_CLI_HOME: '' } },
    )
    expect(args).toEqual(['-m', 'gemini-2.5-pro'])
    expect(env).toMatchObject({ GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:8317', GEMINI_API_KEY: KEY })
    expect(env['GOOGLE_GENAI_USE_VERTEXAI']).toBeUndefined()
    expect(parseObject(readString(settings['text']) ?? '')).toEqual({
      ui: { theme: 'mine' },
      security: { auth: { selectedType: 'gemini-api-key' } },
    })
    expect(linked).toEqual(['remember', true])
    expect(readFileSync(join(home, '.gemini', 'GEMINI.md'), 'utf8')).toBe('remember')
    expect(statSync(join(home, '.gemini', 'commands')).isDirectory()).toBe(true)
    expect(readFileSync(join(home, '.gemini', 'settings.json'), 'utf8')).toContain('oauth-personal')
  })

  test('lists the model for Qwen Code, whose own list counts more than variables', async () => {
    const { args, env, settings } = await run({ client: 'qwen' })
    expect(args).toEqual(['--auth-type', 'openai', '-m', 'qwen3-coder'])
    expect(env).toMatchObject({ OPENAI_BASE_URL: 'http://127.0.0.1:8317/v1', OPENAI_API_KEY: KEY })
    expect(parseObject(readString(settings['text']) ?? '')).toMatchObject({
      modelProviders: {
        openai: [{ id: 'qwen3-coder', baseUrl: 'http://127.0.0.1:8317/v1', envKey: 'OPENAI_API_KEY' }],
      },
    })
  })

  test('merges opencode’s settings into those of the environment', async () => {
    const environment = { OPENCODE_CONFIG_CONTENT: '{"theme":"mine","provider":{"other":{}},"model":"other/m"}' }
    const { env } = await run({ client: 'opencode' }, { environment })
    const settings = parseObject(readString(env['OPENCODE_CONFIG_CONTENT']) ?? '')
    expect(settings).toMatchObject({
      theme: 'mine',
      model: 'cliproxy/claude-sonnet-4-5',
      provider: { other: {}, cliproxy: { options: { baseURL: 'http://127.0.0.1:8317/v1' }, models: { 'gpt-5': {} } } },
    })
    expect(JSON.stringify(settings)).not.toContain(KEY)
  })

  test('removes what it made for the run', async () => {
    const { settings } = await run({ client: 'claude' })
    expect(existsSync(readString(settings['path']) ?? folder)).toBe(false)
  })

  test('removes it and stops the proxy also when the client cannot be started', async () => {
    let stops = 0
    const findProxy = (): ReturnType<RunWorld['findProxy']> =>
      Promise.resolve({
        base: 'http://x',
        models: [],
        story: '',
        stop: () => {
          stops++
          return Promise.resolve()
        },
      })
    expect(await run({}, { spawn: fail, findProxy }).catch(String)).toBe('Error: no')
    expect(stops).toBe(1)
  })

  test('gives 128 and the signal that ended the client', async () => {
    expect((await run({}, { environment: { END: 'SIGTERM' } })).code).toBe(143)
  })

  test('hands a signal on to the client, and leaves those of the keyboard to it', async () => {
    const program = join(folder, 'waits')
    mkdirSync(program)
    const waiting = "process.on('SIGTERM', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000)"
    writeFileSync(join(program, 'codex'), `#!${process.execPath}\n${waiting}\n`, { mode: 0o755 })
    const source = JSON.stringify(join(import.meta.dir, '../../src/cli/run/run.ts'))
    const driver = `
      const { REAL_WORLD, runClient } = await import(${source})
      const proxy = { base: 'http://127.0.0.1:1', models: [], story: '', stop: () => Promise.resolve() }
      const command = { client: 'codex', isPrint: false, args: [], loaded: { config: { apiKeys: [] }, warnings: [] } }
      process.exit(await runClient(command, { ...REAL_WORLD, findProxy: () => Promise.resolve(proxy) }))`
    const env = { PATH: program, HOME: home }
    const child = Bun.spawn([process.execPath, '-e', driver], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    await child.stdout.getReader().read()
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await child.exited).toBe(9)
  })

  test('says how to install a client that is not there', async () => {
    const { code, told } = await run({ client: 'codex' }, { find: () => null })
    expect([code, told]).toEqual([
      127,
      'Codex is not installed: there is no codex in PATH. npm install -g @openai/codex\n',
    ])
  })

  test('says which model was chosen, and chooses none when the user names one behind --', async () => {
    expect((await run({ client: 'codex' })).told).toContain(', model gpt-5 (another: --model M)')
    const { args, told } = await run({ client: 'codex', args: ['-m', 'other'] })
    expect(args).not.toContain('model="gpt-5"')
    expect(told).toBe('cliproxy: Codex on the proxy\n')
  })

  test('keeps a proxy of the network from the way to this machine', async () => {
    const { env } = await run({}, { environment: { HTTPS_PROXY: 'http://proxy.example', NO_PROXY: 'intra.example' } })
    expect(env['NO_PROXY']).toBe('intra.example,127.0.0.1,localhost,::1')
  })

  test.each([
    ['claude', 'NODE_EXTRA_CA_CERTS'],
    ['codex', 'CODEX_CA_CERTIFICATE'],
  ] as const)('lets %s trust the certificate of a proxy with TLS', async (client, name) => {
    const loaded = await load()
    const tls = { cert: '/c/cert.pem', key: '/c/key.pem' }
    const proxy = { base: 'https://127.0.0.1:8317', models: MODELS, story: '', stop: () => Promise.resolve() }
    const world = { findProxy: () => Promise.resolve(proxy) }
    const { env } = await run({ client, loaded: { ...loaded, config: { ...loaded.config, tls } } }, world)
    expect(env[name]).toBe('/c/cert.pem')
  })

  test('shows a word where the proxy asks for no key', async () => {
    const { env } = await run({ loaded: await load({}) })
    expect(env['ANTHROPIC_AUTH_TOKEN']).toBe('any')
  })
})

function countHandlers(): number {
  return process.listenerCount('unhandledRejection')
}

describe('the proxy of a run', () => {
  test('is the one that listens', async () => {
    const proxy = startProxy({ demo: true })
    const loaded = await load({ port: proxy.port })
    const { env, told } = await run({ loaded }, { findProxy: REAL_WORLD.findProxy })
    expect(env['ANTHROPIC_BASE_URL']).toBe(proxy.url)
    expect(told).toContain(`on the proxy at ${proxy.url}, model demo`)
    await proxy.stop()
  })

  test('is one of its own when another program has the port, and ends with the client', async () => {
    const other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('no') })
    const loaded = await load({ port: other.port })
    let health: unknown
    let base = ''
    const { told } = await run(
      { loaded },
      {
        findProxy: REAL_WORLD.findProxy,
        spawn: async (_words, environment) => {
          base = environment['ANTHROPIC_BASE_URL'] ?? ''
          health = await (await fetch(`${base}/healthz`)).json()
          return 0
        },
      },
    )
    expect(health).toMatchObject({ status: 'ok' })
    expect(base).not.toBe(`http://127.0.0.1:${other.port}`)
    expect(told).toContain(`a proxy of its own at ${base}`)
    expect(await fetch(`${base}/healthz`).catch(() => 'gone')).toBe('gone')
    await other.stop(true)
  })

  test('is made once when its port turns out to be taken, and leaves nothing behind', async () => {
    const other = Bun.serve({ hostname: '127.0.0.1', port: 0, reusePort: false, fetch: () => new Response('no') })
    // Nobody answers where the config would listen, and the proxy of a run listens at 127.0.0.1 all the same.
    const loaded = await load({ host: '127.0.0.2', port: other.port })
    const before = countHandlers()
    const proxy = await REAL_WORLD.findProxy({ loaded, reload: load, key: KEY })
    expect([proxy.base === other.url.origin, countHandlers() - before]).toEqual([false, 1])
    await proxy.stop()
    await other.stop(true)
    expect(countHandlers()).toBe(before)
  })

  test('is not one that ends with another client', async () => {
    const seen: string[] = []
    const spawn = async (_words: readonly string[], outer: Readonly<Record<string, string>>): Promise<number> => {
      seen.push(outer['ANTHROPIC_BASE_URL'] ?? '')
      if (seen.length > 1) return 0
      const loaded = await load({ port: Number(new URL(seen[0] ?? '').port) })
      await run({ loaded }, { findProxy: REAL_WORLD.findProxy, spawn })
      return 0
    }
    await run({ loaded: await load() }, { findProxy: REAL_WORLD.findProxy, spawn })
    expect(new Set(seen).size).toBe(2)
  })
})

describe('the model of a client', () => {
  test.each<[(typeof CLIENT_NAMES)[number], readonly string[], string | undefined]>([
    ['claude', ['claude-opus-4', 'claude-sonnet-4', 'claude-haiku-4'], undefined],
    ['claude', ['gpt-5', 'claude-opus-4', 'claude-sonnet-4'], 'claude-sonnet-4'],
    ['claude', ['gpt-5', 'team/claude-sonnet-4'], 'team/claude-sonnet-4'],
    ['claude', ['text-embedding-3', 'mistral'], 'mistral'],
    ['gemini', ['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'], undefined],
    ['gemini', ['gpt-5', 'gemini-2.5-flash'], 'gemini-2.5-flash'],
    ['codex', ['claude-opus-4', 'gpt-image-1', 'gpt-5', 'gpt-5-codex'], 'gpt-5-codex'],
    ['qwen', ['gpt-5', 'qwen-image', 'qwen3-max', 'qwen3-coder-plus'], 'qwen3-coder-plus'],
    ['opencode', ['demo'], 'demo'],
    ['codex', [], undefined],
  ])('%s of %j', (name, models, model) => {
    expect(CLIENTS[name].chooseModel(models)).toBe(model)
  })
})

describe('cliproxy run --print', () => {
  test('prints what to export, without a key of the proxy', async () => {
    const { code, told } = await run({ client: 'claude', isPrint: true, model: 'my model' })
    expect(code).toBe(0)
    expect(told).not.toContain(KEY)
    expect(told).toContain(`# CLIPROXY_KEY: one of the api-keys in ${join(folder, 'config.yaml')}`)
    expect(told).toContain('unset ANTHROPIC_API_KEY\n')
    expect(told).toEndWith(
      'export ANTHROPIC_BASE_URL=http://127.0.0.1:0\nexport ANTHROPIC_AUTH_TOKEN="$CLIPROXY_KEY"\nclaude --model \'my model\'\n',
    )
  })
})
