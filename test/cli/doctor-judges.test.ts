import { describe, expect, test } from 'bun:test'
import type { LoginRow } from '../../src/accounts/login-book.ts'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeAccount, judgeLogin, judgeNumber, judgeWay, type Probe } from '../../src/cli/doctor/accounts.ts'
import { judgeClient, targetsOf } from '../../src/cli/doctor/clients.ts'
import { judgeConfig, judgeExposure } from '../../src/cli/doctor/config.ts'
import { judgeAuthFolder, judgeSecretFile, type AuthFolderFacts } from '../../src/cli/doctor/files.ts'
import { lookAtAuthFolder } from '../../src/cli/doctor/look.ts'
import { findingLine, summaryLine, type Finding } from '../../src/cli/doctor/finding.ts'
import { judgeClock, judgeMachine, judgePort, type MachineFacts, type PortFacts } from '../../src/cli/doctor/machine.ts'
import { accountAt } from '../kit/proxy.ts'

/** Levels and ways to mend, which is what a change of words must not change. */
function short(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ level, mend }) => (mend === undefined ? level : `${level}: ${mend}`))
}

describe('a finding', () => {
  test.each<[Finding, string]>([
    [{ level: 'ok', subject: 'port', text: 'free' }, 'ok       port: free\n'],
    [{ level: 'warning', subject: 'a', text: 'one\n  two', mend: 'do it' }, 'warning  a: one two; to mend it: do it\n'],
  ])('is one line', (finding, line) => {
    expect(findingLine(finding)).toBe(line)
  })

  test.each<[readonly Finding['level'][], string]>([
    [['ok', 'note'], 'all is well\n'],
    [['problem', 'ok'], '1 problem, 0 warnings\n'],
    [['warning', 'problem', 'problem'], '2 problems, 1 warning\n'],
  ])('%j are summed up as %j', (levels, line) => {
    expect(summaryLine(levels.map((level) => ({ level, subject: '', text: '' })))).toBe(line)
  })
})

describe('the config', () => {
  test('is valid with or without a file, and its warnings are told', () => {
    expect(short(judgeConfig({ problems: [], warnings: ['w'] }))).toEqual(['ok', 'warning'])
  })

  test('has a problem for each that it names, and its warnings', () => {
    const levels = judgeConfig({ problems: ['a', 'b'], warnings: ['w'] }).map(({ level }) => level)
    expect(levels).toEqual(['problem', 'problem', 'warning'])
  })

  test.each([
    ['127.0.0.1', true, false, 'ok'],
    ['', false, true, 'ok'],
    ['', false, false, 'warning'],
  ] as const)('at host %j (loopback %p, TLS %p) is %s', (host, isLoopback, hasTls, level) => {
    expect(judgeExposure({ host, isLoopback, hasTls })[0]?.level).toBe(level)
  })
})

const FOLDER: AuthFolderFacts = {
  path: '/a b',
  folder: { path: '/a b', mode: 0o700, isForeign: false },
  files: [{ path: '/a b/c.json', mode: 0o600, isForeign: false }],
}

describe('files', () => {
  test.each<[string, AuthFolderFacts, readonly string[]]>([
    ['all is this user’s alone', FOLDER, ['ok']],
    ['there is no folder', { path: '/a', files: [] }, ['note']],
    ['the folder cannot be read', { path: '/a', files: [], failure: 'EACCES' }, ['problem: give it to this user']],
    [
      'others may look into the folder',
      { ...FOLDER, folder: { path: '/a b', mode: 0o755, isForeign: false } },
      ["warning: chmod 700 '/a b'"],
    ],
    [
      'others may read a login',
      { ...FOLDER, files: [{ path: '/a/c.json', mode: 0o640, isForeign: false }] },
      ['problem: chmod 600 /a/c.json'],
    ],
    [
      'somebody else owns them',
      {
        ...FOLDER,
        folder: { path: '/a', mode: 0o700, isForeign: true },
        files: [{ path: '/a/c.json', mode: 0o600, isForeign: true }],
      },
      ['warning: chown it to the user that runs cliproxy', 'warning: chown it to the user that runs cliproxy'],
    ],
    [
      'the system has no modes',
      { path: 'C:\\a', folder: { path: 'C:\\a', isForeign: false }, files: [{ path: 'C:\\a\\c', isForeign: false }] },
      ['ok'],
    ],
  ])('of logins: %s', (_name, facts, expected) => {
    expect(short(judgeAuthFolder(facts))).toEqual([...expected])
  })

  test('are looked at although links among them point at nothing, or at a device', () => {
    const path = mkdtempSync(join(tmpdir(), 'cliproxy-doctor-'))
    try {
      symlinkSync(join(path, 'nothing'), join(path, 'a.json'))
      symlinkSync('/dev/zero', join(path, 'c.json'))
      writeFileSync(join(path, 'b.json'), '{}')
      chmodSync(join(path, 'b.json'), 0o666)
      // A name that the book of logins reads too.
      writeFileSync(join(path, 'D.JSON'), '{}')
      chmodSync(join(path, 'D.JSON'), 0o640)
      const { failure, files } = lookAtAuthFolder(path)
      expect([failure, files.map(({ mode }) => mode)]).toEqual([undefined, [0o640, 0o666]])
    } finally {
      rmSync(path, { recursive: true })
    }
  })

  test.each<[number | undefined, readonly string[]]>([
    [0o600, []],
    [undefined, []],
    [0o640, ['warning: chmod 600 c.yaml']],
    [0o644, ['problem: chmod 600 c.yaml']],
  ])('with keys and mode %p', (mode, expected) => {
    expect(short(judgeSecretFile({ subject: 'config', path: 'c.yaml', mode, isForeign: false }))).toEqual([...expected])
  })
})

describe('the machine', () => {
  test.each<[Partial<PortFacts>, Finding['level']]>([
    [{ listener: { kind: 'proxy', version: '1' } }, 'ok'],
    [{ listener: { kind: 'temporary' } }, 'note'],
    [{ listener: { kind: 'other' } }, 'problem'],
    [{ listener: { kind: 'nobody' } }, 'ok'],
    [{ listener: { kind: 'nobody' }, bindFailure: 'EACCES' }, 'problem'],
    [{ port: 0, listener: { kind: 'other' } }, 'ok'],
  ])('its port %j', (facts, level) => {
    const whole: PortFacts = { origin: 'http://127.0.0.1:8317', port: 8317, listener: { kind: 'nobody' }, ...facts }
    expect(judgePort(whole)[0]?.level).toBe(level)
  })

  test.each<[number | undefined, Finding['level'], string]>([
    [undefined, 'note', 'no upstream could be reached'],
    [0, 'ok', 'within 1 s'],
    [60_000, 'ok', 'within 60 s'],
    [61_000, 'warning', '61 s ahead of'],
    [-90_000, 'warning', '90 s behind'],
  ])('its clock ahead by %p ms', (skewMs, level, words) => {
    const [finding] = judgeClock({ asked: 1, skewMs })
    expect(finding?.level).toBe(level)
    expect(finding?.text).toContain(words)
  })

  test.each<[Partial<MachineFacts>, readonly Finding['level'][]]>([
    [{}, ['ok', 'ok', 'ok']],
    [{ hasProc: false }, ['problem', 'ok', 'ok']],
    [{ hasProc: false, platform: 'darwin' }, ['ok', 'ok']],
    [{ freeBytes: 200 * 1024 * 1024 }, ['ok', 'warning', 'ok']],
    [{ freeBytes: 1024 }, ['ok', 'problem', 'ok']],
    [{ freeBytes: undefined }, ['ok', 'ok']],
    [{ fetchLimit: undefined }, ['ok', 'ok', 'warning']],
    [{ fetchLimit: undefined, platform: 'win32' }, ['ok', 'note']],
    [{ fetchLimit: '256' }, ['ok', 'ok', 'warning']],
    [{ fetchLimit: 'many' }, ['ok', 'ok', 'warning']],
  ])('with %j', (facts, levels) => {
    const whole: MachineFacts = { platform: 'linux', hasProc: true, freeBytes: 1e12, fetchLimit: '65535', ...facts }
    expect(judgeMachine(whole).map(({ level }) => level)).toEqual([...levels])
  })
})

const ROW: LoginRow = { name: 'claude-ann.json', type: 'claude', accountIds: ['a'], state: 'ready' }

describe('accounts', () => {
  const account = accountAt('http://127.0.0.1:1', 'anthropic', { models: undefined })
  test.each<[string, Probe, LoginRow | undefined, string]>([
    ['that answers', { kind: 'answered', said: 'lists 3 models' }, undefined, 'ok'],
    ['that is not asked', { kind: 'unasked' }, undefined, 'note'],
    ['whose key is refused', { kind: 'refused', status: 401 }, undefined, 'problem: replace its key'],
    ['whose login is refused', { kind: 'refused', status: 403 }, ROW, 'problem: log in again: cliproxy login claude'],
    ['that rests', { kind: 'refused', status: 429 }, undefined, 'warning: wait; it is asked again by itself'],
    [
      'without a list of models',
      { kind: 'refused', status: 404 },
      undefined,
      'warning: check its base-url, or give it models in the config',
    ],
    [
      'that is away',
      { kind: 'failed', message: 'm' },
      undefined,
      'problem: check its base-url, proxy-url and the network',
    ],
  ])('one %s', (_name, probe, login, expected) => {
    expect(short([judgeAccount({ account, login, probe })])).toEqual([expected])
  })

  test.each([
    ['http://192.0.2.7:80/v1', 1],
    ['http://localhost:9', 0],
    ['https://api.example', 0],
  ])('a login whose token goes to %s makes %i warnings', (baseUrl, count) => {
    const login = { file: 'a.json', token: () => 't', replacementFor: () => Promise.resolve(undefined) }
    expect(judgeWay({ ...account, baseUrl, login })).toHaveLength(count)
    expect(judgeWay({ ...account, baseUrl })).toEqual([])
  })

  test('one whose models are in the config needs no list of its upstream', () => {
    const listed = accountAt('http://127.0.0.1:1', 'anthropic')
    expect(judgeAccount({ account: listed, probe: { kind: 'refused', status: 404 } }).level).toBe('note')
  })

  test.each<[Partial<LoginRow>, string, string]>([
    [{}, 'ok', 'ready'],
    [{ expiresAt: 30 * 60_000 }, 'ok', 'good for 30m'],
    [{ expiresAt: 5 * 3_600_000 }, 'ok', 'good for 5h'],
    [{ expiresAt: -1 }, 'ok', 'has expired and is refreshed'],
    [{ state: 'disabled' }, 'note: cliproxy accounts enable claude-ann.json', 'disabled'],
    [{ state: 'log-in-again', message: 'revoked' }, 'problem: cliproxy login claude', 'wants a new login: revoked'],
    [{ state: 'refresh-failed' }, 'warning: wait; it is tried again', 'could not be refreshed'],
    [
      { state: 'broken', type: '' },
      'problem: cliproxy accounts remove claude-ann.json, and log in again',
      'cannot be read',
    ],
  ])('a login with %j', (own, expected, words) => {
    const finding = judgeLogin({ ...ROW, ...own }, 0)
    expect(short([finding])).toEqual([expected])
    expect(finding.text).toContain(words)
  })

  test('none at all is a warning', () => {
    expect(judgeNumber(0)[0]?.level).toBe('warning')
    expect(judgeNumber(1)).toEqual([])
  })
})

const OURS = 'http://127.0.0.1:8317'

describe('clients', () => {
  test.each<[string, Parameters<typeof targetsOf>[0], Record<string, string>, Record<string, string>]>([
    ['Claude Code’s variable', 'claude', { ANTHROPIC_BASE_URL: OURS }, {}],
    [
      'Claude Code’s file',
      'claude',
      {},
      { '/h/.claude/settings.json': `{"env":{"ANTHROPIC_BASE_URL":"${OURS}"} /**/}` },
    ],
    [
      'Claude Code’s other folder',
      'claude',
      { CLAUDE_CONFIG_DIR: '/c' },
      { '/c/settings.json': `{"env":{"ANTHROPIC_BASE_URL":"${OURS}"}}` },
    ],
    [
      'Codex’s provider',
      'codex',
      {},
      { '/h/.codex/config.toml': `model_provider = "p"\n[model_providers.p]\nbase_url = "${OURS}/v1"` },
    ],
    ['Codex’s own address', 'codex', { CODEX_HOME: '/c' }, { '/c/config.toml': `openai_base_url = "${OURS}/v1"` }],
    [
      'Codex’s own folder when the variable of another one is empty',
      'codex',
      { CODEX_HOME: '' },
      { '/h/.codex/config.toml': `openai_base_url = "${OURS}/v1"` },
    ],
    ['Gemini CLI’s variable', 'gemini', { GOOGLE_GEMINI_BASE_URL: OURS }, {}],
    ['Gemini CLI’s file', 'gemini', {}, { '/h/.gemini/.env': `A=b\nexport CODE_ASSIST_ENDPOINT="${OURS}"\n` }],
    ['Qwen Code’s variable', 'qwen', { OPENAI_BASE_URL: `${OURS}/v1` }, {}],
    [
      'Qwen Code’s provider',
      'qwen',
      {},
      { '/h/.qwen/settings.json': `{"modelProviders":{"openai":[{"id":"m","baseUrl":"${OURS}/v1"},]}}` },
    ],
    [
      'opencode’s provider',
      'opencode',
      {},
      { '/h/.config/opencode/opencode.json': `{"provider":{"p":{"options":{"baseURL":"${OURS}/v1"}}}}` },
    ],
  ])('%s is found', (_name, client, environment, files) => {
    const targets = targetsOf(client, { environment, home: '/h', readFile: (path) => files[path] })
    const finding = judgeClient({ name: client, version: '1.0', targets, isOurs: (url) => url.startsWith(OURS) })
    expect(finding.level).toBe('ok')
  })

  test.each([['{'], ['[]'], ['model_provider = ']])('settings that cannot be read are as good as none: %j', (text) => {
    for (const name of ['claude', 'codex', 'gemini', 'qwen', 'opencode'] as const)
      expect(targetsOf(name, { environment: {}, home: '/h', readFile: () => text })).toEqual([])
  })

  test('one that goes elsewhere is told how to start here', () => {
    const targets = [{ url: 'https://other.example', from: 'X' }]
    const finding = judgeClient({ name: 'codex', version: '1.0', targets, isOurs: () => false })
    expect(finding.level).toBe('note')
    expect(finding.text).toBe('Codex 1.0 is sent elsewhere by X; cliproxy run codex starts it on this proxy')
  })

  test('one that is not installed is only noted', () => {
    const finding = judgeClient({ name: 'codex', targets: [], isOurs: () => false })
    expect(finding).toMatchObject({ level: 'note', text: 'Codex is not installed (npm install -g @openai/codex)' })
  })
})
