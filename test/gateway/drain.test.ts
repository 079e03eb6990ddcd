import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { SERVED, say, streamOf, wholeOf } from '../kit/answers.ts'
import { startProcess, type ProxyProcess } from '../kit/process.ts'
import { sendRaw } from '../kit/raw.ts'
import { ask, MODEL, PATHS } from '../kit/requests.ts'
import { readStream, type StreamReading } from '../kit/sse.ts'
import { startUpstream, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: ProxyProcess

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

/** A config whose one account is the upstream. */
function configFor(vendor: Protocol, own: object = {}): object {
  const models = [{ name: 'upstream-model', alias: MODEL }]
  const key = { 'api-key': 'sk-upstream-8c1d' }
  switch (vendor) {
    case 'anthropic':
      return { 'claude-api-key': [{ ...key, 'base-url': upstream.url, models }], ...own }
    case 'openai-chat': {
      const entry = { name: 'up', 'base-url': `${upstream.url}/v1`, 'api-key-entries': [key], models }
      return { 'openai-compatibility': [entry], ...own }
    }
    case 'openai-responses':
      return { 'codex-api-key': [{ ...key, 'base-url': `${upstream.url}/v1`, models }], ...own }
    case 'gemini':
      return { 'gemini-api-key': [{ ...key, 'base-url': upstream.url, models }], ...own }
  }
}

/** Starts upstream and program, and a stream that has begun. */
async function begin(
  own: object = {},
): Promise<{ stream: StreamReading; call: UpstreamCall; finish: () => Promise<void> }> {
  upstream = await startUpstream(async (call) => {
    call.open()
    await call.write(streamOf('openai-chat', undefined, call).slice(0, 3).join(''))
  })
  proxy = await startProcess(configFor('openai-chat', own))
  const body = JSON.stringify(ask('anthropic', { stream: true }))
  const stream = readStream(await fetch(proxy.url + PATHS.anthropic, { method: 'POST', body }))
  await stream.until('Hello')
  const call = await upstream.call(0)
  const finish = async (): Promise<void> => {
    await call.write(streamOf('openai-chat', undefined, call).slice(3).join(''))
    call.end()
  }
  return { stream, call, finish }
}

describe('a signal to end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: nobody new comes in, and the stream in flight finishes',
    async (signal) => {
      const { stream, finish } = await begin()
      proxy.child.kill(signal)
      await proxy.logged(`${signal}: no new connections; answers in flight have 30 s`)
      expect(await sendRaw(proxy.port, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n').catch(() => '')).toBe('')
      await finish()
      const text = await stream.rest()
      expect(text).toEndWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')
      expect(await proxy.exited).toBe(0)
    },
  )

  test.each(SERVED)('a whole answer of 5 MB in flight arrives whole, from %s', async (vendor) => {
    const text = 'Hello there. '.repeat(400_000)
    const go = Promise.withResolvers<void>()
    upstream = await startUpstream(async (call) => {
      await go.promise
      call.json(wholeOf(vendor, { text }))
    })
    proxy = await startProcess(configFor(vendor))
    const answer = fetch(proxy.url + PATHS.anthropic, { method: 'POST', body: JSON.stringify(ask('anthropic')) })
    await upstream.call(0)
    proxy.child.kill('SIGTERM')
    await proxy.logged('SIGTERM')
    go.resolve()
    expect(await (await answer).json()).toMatchObject({ content: [{ type: 'text', text }] })
    expect(await proxy.exited).toBe(0)
  })

  test('without anything in flight the program ends at once, whatever connections stand open', async () => {
    upstream = await startUpstream()
    proxy = await startProcess(configFor('openai-chat'))
    expect((await fetch(`${proxy.url}/healthz`)).status).toBe(200)
    proxy.child.kill('SIGTERM')
    expect(await proxy.exited).toBe(0)
  })

  test('what is still in flight after the grace is cut off, and does not look whole', async () => {
    const { stream, call } = await begin({ 'shutdown-grace-seconds': 1 })
    proxy.child.kill('SIGTERM')
    const text = await stream.rest()
    expect(text).not.toContain('message_stop')
    expect(text).toMatch(/\[broken: |event: error/)
    expect(await call.closed).toBe(true)
    expect(await proxy.exited).toBe(0)
  })

  test('a second signal ends at once', async () => {
    const { stream } = await begin()
    proxy.child.kill('SIGTERM')
    await proxy.logged('SIGTERM: ')
    proxy.child.kill('SIGTERM')
    expect(await proxy.exited).toBe(1)
    const text = await stream.rest()
    expect(text).not.toContain('message_stop')
    expect(text).toMatch(/\[broken: |event: error/)
  })
})

test('a change of the file takes effect while a stream is in flight; one that is wrong does not', async () => {
  const { stream, finish } = await begin({ 'api-keys': [] })
  proxy.change(configFor('openai-chat', { 'api-keys': ['client-key-of-now'] }))
  await proxy.logged('read again; changed: apiKeys')
  expect((await fetch(`${proxy.url}/v1/models`)).status).toBe(401)
  proxy.change({ 'api-keys': 7 })
  const log = await proxy.logged('the change is not valid; the configuration stays as it was')
  expect(log).not.toContain('client-key-of-now')
  expect((await fetch(`${proxy.url}/v1/models?key=client-key-of-now`)).status).toBe(200)
  upstream.always(say('openai-chat'))
  await finish()
  expect(await stream.rest()).toContain('message_stop')
})
