import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Account } from '../../src/accounts/account.ts'
import type { Login } from '../../src/accounts/login.ts'
import { wholeOf } from '../kit/answers.ts'
import { textIn } from '../kit/client.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

beforeEach(async () => {
  upstream = await startUpstream((call) => call.json({ response: wholeOf('gemini') }))
})

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

const MODEL = 'gemini-2.5-pro'
const ask = { model: MODEL }

/** Of two people: one has two projects, the other one. */
const ANN: Login = loginOf('ann.json')
const BOB: Login = loginOf('bob.json')

function loginOf(file: string): Login {
  return { file, token: () => `token-of-${file}`, replacementFor: () => Promise.resolve(undefined) }
}

function projectOf(login: Login, projectId: string): Account {
  const models = [{ name: MODEL, alias: MODEL }]
  const own = { provider: 'gemini-cli', facts: { projectId }, login, models, secret: '' }
  return accountAt(upstream.url, 'gemini', own)
}

function allProjects(): readonly Account[] {
  return [projectOf(ANN, 'a1'), projectOf(ANN, 'a2'), projectOf(BOB, 'b1')]
}

function oneOfEach(): readonly Account[] {
  return [projectOf(ANN, 'a1'), projectOf(BOB, 'b1')]
}

const spent: Script = (call) => call.json({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'no' } }, 429)
const broken: Script = (call) => call.json({ error: { code: 500, status: 'INTERNAL', message: 'no' } }, 500)

/** `project:model` of each call so far. */
function asked(): readonly string[] {
  return upstream.calls.map(({ body }) => `${String(body['project'])}:${String(body['model'])}`)
}

function start(
  switches: { switchProject?: boolean; switchPreviewModel?: boolean },
  accounts: readonly Account[],
): void {
  proxy = startProxy({
    quotaExceeded: { switchProject: false, switchPreviewModel: false, ...switches },
    accounts: [...accounts],
  })
}

describe('A project whose quota is used up', () => {
  test('is followed by the next login’s where projects are not switched', async () => {
    start({}, allProjects())
    upstream.next(spent)
    expect((await proxy.ask('openai-chat', ask)).status).toBe(200)
    expect(asked()).toEqual(['a1:gemini-2.5-pro', 'b1:gemini-2.5-pro'])
    // The next request may well ask the other project.
    await proxy.ask('openai-chat', ask)
    expect(asked().at(-1)).toBe('a2:gemini-2.5-pro')
  })

  test('ends the request where there is no other login and projects are not switched', async () => {
    start({}, allProjects().slice(0, 2))
    upstream.next(spent)
    expect((await proxy.ask('gemini', ask)).status).toBe(429)
    expect(asked()).toEqual(['a1:gemini-2.5-pro'])
  })

  test('is followed by the next project of the login where projects are switched', async () => {
    start({ switchProject: true }, allProjects())
    upstream.next(spent)
    expect((await proxy.ask('openai-chat', ask)).status).toBe(200)
    expect(asked()).toEqual(['a1:gemini-2.5-pro', 'a2:gemini-2.5-pro'])
  })

  test('is another matter than one that fails', async () => {
    start({}, allProjects())
    upstream.next(broken)
    expect((await proxy.ask('openai-chat', ask)).status).toBe(200)
    expect(asked()).toEqual(['a1:gemini-2.5-pro', 'a2:gemini-2.5-pro'])
  })
})

describe('A model whose quota is used up', () => {
  test('is followed by its preview on the same account, under the name that the client asked for', async () => {
    start({ switchPreviewModel: true }, oneOfEach())
    upstream.next(spent)
    const read = await proxy.ask('openai-chat', ask)
    expect(textIn('openai-chat', read.text)).toBe('Hello there, friend.')
    expect(read.body['model']).toBe(MODEL)
    expect(asked()).toEqual(['a1:gemini-2.5-pro', 'a1:gemini-3.1-pro-preview'])
    // It is known now.
    await proxy.ask('openai-chat', ask)
    expect(asked().at(-1)).toBe('a1:gemini-3.1-pro-preview')
  })

  test('names itself to Gemini’s own clients as well', async () => {
    start({ switchPreviewModel: true }, oneOfEach())
    upstream.next(spent)
    const { body } = await proxy.ask('gemini', ask)
    expect(body['modelVersion']).toBe(MODEL)
  })

  test('is followed by another account when the preview’s is used up too', async () => {
    start({ switchPreviewModel: true }, oneOfEach())
    upstream.next(spent, spent)
    expect((await proxy.ask('openai-chat', ask)).status).toBe(200)
    expect(asked()).toEqual(['a1:gemini-2.5-pro', 'a1:gemini-3.1-pro-preview', 'b1:gemini-2.5-pro'])
  })

  test('is not followed by its preview where that is not switched, nor when it only failed', async () => {
    start({}, oneOfEach())
    upstream.next(spent)
    await proxy.ask('openai-chat', ask)
    expect(asked()).toEqual(['a1:gemini-2.5-pro', 'b1:gemini-2.5-pro'])
    proxy.change({ quotaExceeded: { switchProject: false, switchPreviewModel: true } })
    upstream.next(broken)
    await proxy.ask('openai-chat', ask)
    // The first account's quota is still used up, which is known; that of the other one is not.
    expect(asked().slice(2)).toEqual(['a1:gemini-3.1-pro-preview', 'b1:gemini-2.5-pro'])
  })
})

test('the portal of Qwen that says 403 for a spent quota is asked no more, and another account answers', async () => {
  const models = [{ name: 'coder-model', alias: MODEL }]
  const own = { provider: 'qwen', baseUrl: `${upstream.url}/v1`, models }
  start({}, [accountAt(upstream.url, 'openai-chat', own), projectOf(BOB, 'b1')])
  upstream.next((call) => call.json({ error: { code: 'insufficient_quota', message: 'Free quota exceeded' } }, 403))
  expect((await proxy.ask('openai-chat', ask)).status).toBe(200)
  expect((await proxy.ask('openai-chat', ask)).status).toBe(200)
  expect(upstream.calls.map(({ path }) => path)).toEqual([
    '/v1/chat/completions',
    '/v1internal:generateContent',
    '/v1internal:generateContent',
  ])
})

test('alone, it tells the client 429', async () => {
  const models = [{ name: 'coder-model', alias: MODEL }]
  start({}, [accountAt(upstream.url, 'openai-chat', { provider: 'qwen', baseUrl: `${upstream.url}/v1`, models })])
  upstream.next((call) => call.json({ error: { code: 'insufficient_quota', message: 'Free quota exceeded' } }, 403))
  expect((await proxy.ask('openai-chat', ask)).status).toBe(429)
})
