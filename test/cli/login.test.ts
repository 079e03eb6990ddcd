import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthFolder } from '../../src/accounts/files/auth-folder.ts'
import type { VendorId } from '../../src/accounts/oauth/vendor.ts'
import { isHeadless, openBrowser, openerFor } from '../../src/cli/login/browser.ts'
import { runLogin, type LoginCommand, type LoginSurroundings } from '../../src/cli/login/login.ts'
import type { Terminal } from '../../src/cli/login/terminal.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Fields } from '../../src/lib/json.ts'
import { browse, leaksIn } from '../accounts/oauth/conversing.ts'
import { startCommand, type CommandProcess } from '../kit/command.ts'
import { freePort } from '../kit/free-port.ts'
import { makeServiceKey } from '../kit/vendors/grants.ts'
import { startVendor, type VendorStandIn } from '../kit/vendors/vendor.ts'

let folder: string
let vendor: VendorStandIn | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-test-'))
})
afterEach(async () => {
  await vendor?.stop()
  vendor = undefined
  rmSync(folder, { recursive: true, force: true })
})

const DESKTOP = { DISPLAY: ':0' }

describe('a login at a terminal', () => {
  test('opens the browser, waits for it, writes the file and says so', async () => {
    const { code, files, screen, errors } = await logIn('claude')
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(files.get('claude-ann@example.com.json')).toMatchObject({
      type: 'claude',
      email: 'ann@example.com',
      access_token: expect.stringMatching(/^access-/),
    })
    expect(screen).toContain('Waiting for Claude')
    expect(screen).toContain('Logged in: ann@example.com, plan max')
    expect(screen).toContain(`Saved as ${join(folder, 'auth', 'claude-ann@example.com.json')}`)
    expect(leaksIn([screen], vendor!)).toEqual([])
  })

  test('keeps what the user wrote to the file of the same account', async () => {
    const mine = { prefix: 'team', priority: 3, note: 'mine', base_url: 'https://gateway.example.com' }
    const { files } = await logIn('claude', {}, {}, { ...mine, access_token: 'old', expired: 'once' })
    const { access_token, ...rest } = files.get('claude-ann@example.com.json')!
    expect(rest).toMatchObject(mine)
    expect(rest['expired']).toMatch(/^\d{4}-/)
    expect(access_token).not.toBe('old')
  })

  test('of a disabled account says how to have it back', async () => {
    const { screen } = await logIn('claude', {}, {}, { disabled: true })
    expect(screen).toContain('cliproxy accounts enable claude-ann@example.com.json')
  })

  test('without a browser asks for a paste at once, and tells of the tunnel', async () => {
    const { code, screen, opened } = await logIn('codex', { noBrowser: true, callbackPort: 0 })
    expect({ code, opened }).toEqual({ code: 0, opened: 0 })
    expect(screen).toContain('Paste the address')
    // The browser knows one port; what listens here may be another.
    expect(screen).toMatch(/ssh -L 1455:127\.0\.0\.1:\d+ \S+@/)
  })

  test.each([
    ['over SSH', { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }],
    ['without a screen', {}],
  ])('%s opens nothing', async (_name, environment) => {
    const { code, opened } = await logIn('claude', {}, { environment })
    expect({ code, opened }).toEqual({ code: 0, opened: 0 })
  })

  test('whose browser does not open says so', async () => {
    const { screen } = await logIn('claude', {}, { openBrowser: () => Promise.resolve(false), timeoutMs: 50 })
    expect(screen).toContain('The browser could not be opened.')
    expect(screen).toContain('ssh -L 54545:')
  })

  test.each(['codex', 'qwen', 'kimi', 'xai'] as const)('with a device shows the code of %s', async (id) => {
    const { code, screen, files } = await logIn(id, { isDevice: true })
    expect(code).toBe(0)
    expect(screen).toMatch(/The code to confirm there: U[0-9A-F]{6}/)
    expect(files.size).toBe(1)
    expect(leaksIn([screen], vendor!)).toEqual([])
  })

  test('that fails says why, writes nothing and ends with 1', async () => {
    const { code, errors, files } = await logIn(
      'claude',
      {},
      { timeoutMs: 20, openBrowser: () => Promise.resolve(true) },
    )
    expect(code).toBe(1)
    expect(errors).toContain('Claude did not answer within 20 ms')
    expect(files.size).toBe(0)
  })

  test('that is interrupted ends with 130', async () => {
    const { code, errors } = await logIn('claude', {}, { openBrowser: () => Promise.resolve(true) }, {}, true)
    expect({ code, errors }).toEqual({ code: 130, errors: 'The login was cancelled.\n' })
  })

  test('whose file cannot be written says which', async () => {
    const { code, errors } = await logIn('claude', {}, { openFolder: () => folderOf(new Map(), refuseToWrite) })
    expect(code).toBe(1)
    expect(errors).toContain('claude-ann@example.com.json could not be written (EACCES)')
  })

  test('goes through the proxy of the config', async () => {
    const asked: string[] = []
    const proxy = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request) {
        asked.push(new URL(request.url).pathname)
        return new Response('no', { status: 502 })
      },
    })
    const { code } = await logIn('claude', {}, {}, {}, false, { 'proxy-url': `http://127.0.0.1:${proxy.port}` })
    await proxy.stop(true)
    expect(code).toBe(1)
    expect(asked).toContain('/v1/oauth/token')
  })
})

test.each([
  ['is not there', '/nowhere/k.json', 'no file that can be read'],
  ['is a folder', tmpdir(), 'it is a folder, a pipe or a device'],
])('the key file of a service account that %s is told', async (_name, keyFile, expected) => {
  const { code, errors } = await logIn('vertex', { keyFile })
  expect(code).toBe(1)
  expect(errors).toContain(expected)
  expect(vendor?.calls).toEqual([])
})

test('the key of a service account is imported', async () => {
  const path = join(folder, 'key.json')
  const { pem } = await makeServiceKey()
  const account = { type: 'service_account', project_id: 'p-1', client_email: 'robot@p-1', private_key: pem }
  // Editors on Windows begin a file with a mark of its byte order.
  writeFileSync(path, `\uFEFF${JSON.stringify(account)}`)
  const { code, files, screen } = await logIn('vertex', { keyFile: path, prefix: 'team' })
  expect(code).toBe(0)
  expect([...files.values()]).toMatchObject([{ project_id: 'p-1', prefix: 'team', location: 'us-central1' }])
  expect(screen).toContain('Imported: robot@p-1, project p-1')
  expect(screen).not.toContain(pem.split('\n')[1])
})

describe('the opener of pages', () => {
  const url = 'https://claude.ai/oauth/authorize?code=true&state=a%26b'

  test.each([
    ['darwin', ['open', url]],
    ['win32', ['rundll32', 'url.dll,FileProtocolHandler', url]],
    ['linux', ['xdg-open', url]],
  ] as const)('on %s gets the address as one argument', (platform, expected) => {
    expect(openerFor(url, platform)).toEqual([...expected])
  })

  test.each(['file:///etc/passwd', '--help', 'javascript:alert(1)'])('does not open %s', (address) => {
    expect(openerFor(address, 'linux')).toBeUndefined()
  })

  test('that is not there is told', async () => {
    // The program of another system.
    const platform = process.platform === 'win32' ? 'darwin' : 'win32'
    expect(await openBrowser(url, platform)).toBe(false)
  })

  test.each([
    ['linux', {}, true],
    ['linux', { DISPLAY: ':0' }, false],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, false],
    ['darwin', {}, false],
    ['win32', {}, false],
    ['darwin', { SSH_CONNECTION: 'a' }, true],
  ] as const)('on %s with %j: headless is %p', (platform, environment, expected) => {
    expect(isHeadless({ platform, environment })).toBe(expected)
  })
})

describe('a login in a process of its own', () => {
  test('prints plain lines without a terminal, and ends with the file written for its owner alone', async () => {
    const child = await startChild('claude')
    const url = await child.until(/https?:\/\/\S+\/oauth\/authorize\S+/)
    const port = await child.until(/-L \d+:127\.0\.0\.1:(\d+)/)
    await browse(await vendor!.consent(url), Number(port))
    expect(await child.exited).toBe(0)
    const path = join(folder, 'auth', 'claude-ann@example.com.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(vendor?.isAccess(JSON.parse(readFileSync(path, 'utf8')).access_token)).toBe(true)
    expect(child.text()).not.toContain('\u001b')
    expect(leaksIn([child.text()], vendor!)).toEqual([])
  })

  test('ends at once when it is interrupted', async () => {
    const child = await startChild('qwen')
    await child.until(/Waiting for (Qwen)/)
    child.interrupt()
    expect(await child.exited).toBe(130)
    expect(child.text()).toContain('The login was cancelled.')
  })
})

async function startChild(id: VendorId): Promise<CommandProcess> {
  vendor = await startVendor(id)
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    JSON.stringify({ 'auth-dir': join(folder, 'auth'), 'oauth-clients': { [id]: { 'auth-url': vendor.url } } }),
  )
  const port = id === 'claude' ? ['--callback-port', '0'] : []
  return startCommand(['login', id, '--config', config, ...port], folder)
}

/** A person who does what the screen says: opens the page that is shown, or confirms the code. */
async function logIn(
  id: VendorId,
  command: Partial<LoginCommand> = {},
  own: Partial<LoginSurroundings> = {},
  known: Fields = {},
  interrupts = false,
  config: object = {},
) {
  const standIn = await startVendor(id)
  vendor = standIn
  const path = join(folder, 'config.yaml')
  const clients = { [id]: { 'auth-url': standIn.url } }
  writeFileSync(path, JSON.stringify({ 'auth-dir': join(folder, 'auth'), 'oauth-clients': clients, ...config }))
  const files = new Map<string, Fields>(Object.keys(known).length > 0 ? [['claude-ann@example.com.json', known]] : [])
  const callbackPort = await freePort()
  let screen = ''
  let errors = ''
  let opened = 0
  const terminal: Terminal = {
    isInteractive: true,
    write(text) {
      screen += text
      const code = /confirm there: (\S+)/.exec(text)?.[1]
      if (code !== undefined) standIn.confirm(code)
    },
    ask(question, signal) {
      screen += question
      if (signal.aborted || !question.startsWith('Paste')) return Promise.resolve('a name')
      return standIn.consent(/https?:\/\/\S+authorize\S+/.exec(screen)?.[0] ?? '')
    },
    onInterrupt(listener) {
      if (interrupts) queueMicrotask(listener)
      return () => {}
    },
  }
  const code = await runLogin(
    {
      vendor: id,
      loaded: await loadConfig(path, {}),
      noBrowser: false,
      isDevice: false,
      ...(id === 'claude' ? { callbackPort } : {}),
      ...command,
    },
    {
      terminal,
      printError: (text) => (errors += text),
      environment: DESKTOP,
      platform: 'linux',
      openFolder: () => folderOf(files),
      sleep: () => Promise.resolve(),
      openBrowser: async (url) => {
        opened += 1
        if (url.includes('/authorize')) await browse(await standIn.consent(url), callbackPort)
        return true
      },
      ...own,
    },
  )
  return { code, files, screen, errors, opened }
}

function refuseToWrite(): Promise<void> {
  return Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
}

function folderOf(files: Map<string, Fields>, write?: AuthFolder['write']): AuthFolder {
  return {
    path: join(folder, 'auth'),
    list: () => [],
    read(name) {
      const fields = files.get(name)
      return fields && { name, fields, isEncrypted: false }
    },
    write: write ?? ((name, fields) => Promise.resolve(void files.set(name, fields))),
    update: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  }
}
