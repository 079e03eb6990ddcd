import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VendorId } from '../../src/accounts/oauth/vendor.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { browse, leaksIn } from '../accounts/oauth/conversing.ts'
import { say } from '../kit/answers.ts'
import { startCommand } from '../kit/command.ts'
import { startProcess } from '../kit/process.ts'
import { startUpstream } from '../kit/upstream.ts'
import { makeServiceKey } from '../kit/vendors/grants.ts'
import { startVendor, type VendorStandIn } from '../kit/vendors/vendor.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What the vendor's API speaks, a model of it, and the file that its login makes. */
const VENDORS: readonly (readonly [VendorId, Protocol, model: string, file: RegExp])[] = [
  ['claude', 'anthropic', 'claude-sonnet-4-5', /^claude-ann@example\.com\.json$/],
  ['codex', 'openai-responses', 'gpt-5.5', /^codex-\S+@example\.com-\w+\.json$/],
  ['gemini', 'gemini', 'gemini-2.5-pro', /^gemini-ann@example\.com-assigned-1\.json$/],
  ['qwen', 'openai-chat', 'qwen3-coder-plus', /^qwen-\d+\.json$/],
  ['kimi', 'openai-chat', 'kimi-k2.5', /^kimi-\d+\.json$/],
  ['xai', 'openai-responses', 'grok-4.5', /^xai-\S+\.json$/],
  ['vertex', 'gemini', 'gemini-2.5-pro', /^vertex-\S+\.json$/],
]

test.each(VENDORS)(
  'a login with %s serves requests at once, and its token is used',
  async (id, protocol, model, file) => {
    const upstream = await startUpstream(say(protocol))
    const { pem, publicKey } = await makeServiceKey()
    const vendor = await startVendor(id, { rules: { interval: 0.05, publicKey } })
    const authDir = join(folder, 'auth')
    const client = {
      'auth-url': vendor.url,
      'base-url': upstream.url,
      ...(id === 'gemini' ? { 'client-id': vendor.clientId, 'client-secret': vendor.clientSecret } : {}),
    }
    const config = { 'auth-dir': authDir, 'env-accounts': false, 'oauth-clients': { [id]: client } }
    writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config))
    // It runs before anybody has logged in.
    const proxy = await startProcess(config)

    const printed = await logIn(vendor, pem)
    const names = readdirSync(authDir).filter((name) => name.endsWith('.json'))
    expect(names).toEqual([expect.stringMatching(file)])
    const path = join(authDir, names[0] ?? '')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ type: id })

    const answer = await askUntilServed(proxy.url, model)
    expect(answer).toContain('Hello there, friend.')
    const { authorization = '' } = upstream.calls.at(-1)?.headers ?? {}
    expect(vendor.isAccess(authorization.replace(/^Bearer /, ''))).toBe(true)
    expect(leaksIn([printed, answer, proxy.text()], vendor)).toEqual([])
    await proxy.stop()
    await vendor.stop()
    await upstream.stop()
  },
)

/** The command as a person runs it, to its end. @returns everything it printed */
async function logIn(vendor: VendorStandIn, pem: string): Promise<string> {
  const { id } = vendor
  const args = ['login', id, '--config', join(folder, 'config.yaml')]
  if (id === 'vertex') {
    const keyFile = join(folder, 'key.json')
    const account = { type: 'service_account', project_id: 'project-1', client_email: 'robot@p-1', private_key: pem }
    writeFileSync(keyFile, JSON.stringify(account))
    args.push('--key-file', keyFile)
  }
  const isByCallback = ['claude', 'codex', 'gemini'].includes(id)
  const command = startCommand(isByCallback ? [...args, '--callback-port', '0'] : args, folder)
  if (isByCallback) {
    const url = await command.until(/https?:\/\/\S+code_challenge=\S+/)
    const port = await command.until(/-L \d+:127\.0\.0\.1:(\d+)/)
    await browse(await vendor.consent(url), Number(port))
  } else if (id !== 'vertex') vendor.confirm(await command.until(/The code to confirm there: (\S+)/))
  expect([await command.exited, command.text()]).toEqual([0, expect.stringMatching(/Logged in|Imported/)])
  return command.text()
}

/** The proxy sees a new file within two seconds. */
async function askUntilServed(url: string, model: string): Promise<string> {
  for (;;) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
    const text = await response.text()
    if (response.status !== 404) return text
  }
}
