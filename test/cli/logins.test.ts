import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bannerText } from '../../src/cli/serve/banner.ts'
import { runCheck } from '../../src/cli/check.ts'
import { openLogins } from '../../src/cli/open-logins.ts'
import { loadConfig } from '../../src/config/load.ts'
import { startProcess } from '../kit/process.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-logins-'))
  mkdirSync(join(folder, 'auth'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, text: string): void => writeFileSync(join(folder, 'auth', name), text)
const LOGIN = JSON.stringify({
  type: 'kimi',
  access_token: 'made-up',
  base_url: 'http://127.0.0.1:9/v1',
  prefix: 'team',
})

async function load(more = '') {
  writeFileSync(join(folder, 'c.yaml'), `auth-dir: auth\nenv-accounts: false\n${more}`)
  return await loadConfig('c.yaml', { HOME: folder }, { folder })
}

test('check prints the accounts of logins, and what is wrong with their files', async () => {
  put('kimi-1.json', LOGIN)
  put('kimi-2.json', '{"access_token":"made-up"')
  let printed = ''
  const code = await runCheck(load, (text) => (printed += text))
  expect(code).toBe(0)
  expect(printed).toContain('warning: kimi-2.json: the login is not used: it is no JSON object\n')
  expect(printed).toMatch(
    /kimi-1 +kimi +http:\/\/127\.0\.0\.1:9\/v1 +learned from the upstream, also as team\/… +login\n/,
  )
  expect(printed).not.toContain('made-up')
})

test('check says where the key of the encryption was looked for', async () => {
  let printed = ''
  const code = await runCheck(
    () => load('auth-encryption: {env: CLIPROXY_NO_SUCH_KEY}'),
    (text) => (printed += text),
  )
  expect(code).toBe(1)
  expect(printed).toContain('auth-encryption: there is no key in the environment variable CLIPROXY_NO_SUCH_KEY;')
})

test('the banner names the logins', async () => {
  put('kimi-1.json', LOGIN)
  const { config } = await load()
  const { book } = openLogins({ config: () => config, report: () => undefined, isLive: false })
  const url = new URL('http://127.0.0.1:1')
  const text = bannerText({ config, logins: book.accounts(), path: 'c.yaml', url, models: [], version: '0' })
  expect(text).toContain('accounts:\n  kimi-1  kimi, a login\n')
  await book.close()
})

test('a proxy that runs reports a broken file by name, when it starts and later', async () => {
  put('first.json', '[]')
  const proxy = await startProcess({ 'auth-dir': join(folder, 'auth') })
  try {
    await proxy.logged('first.json: the login is not used: it is no JSON object')
    put('second.json', '[]')
    await proxy.logged('second.json: the login is not used: it is no JSON object')
    proxy.child.kill('SIGTERM')
    expect(await proxy.exited).toBe(0)
  } finally {
    await proxy.stop()
  }
})
