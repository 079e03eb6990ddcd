import { afterEach, describe, expect, test } from 'bun:test'
import { beginningOf, SERVED, say, streamOf } from '../kit/answers.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { ask, pathFor } from '../kit/requests.ts'
import { readStream, type StreamReading } from '../kit/sse.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

let before: Upstream
let after: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await before.stop()
  await after.stop()
})

describe.each(SERVED)('%s: the config changes while a stream is in flight', (protocol) => {
  const body = JSON.stringify(ask(protocol, { stream: true }))

  /** A stream that has begun, and what lets it go on. */
  async function begin(): Promise<{ stream: StreamReading; goOn: () => void }> {
    const go = Promise.withResolvers<void>()
    before = await startUpstream(async (call) => {
      call.open()
      const [...events] = streamOf(protocol, undefined, call)
      await call.write(events.splice(0, beginningOf(protocol).length).join(''))
      await go.promise
      await call.write(events.join(''))
      call.end()
    })
    after = await startUpstream(say(protocol, { text: 'Hello from the new one.' }))
    proxy = startProxy({ apiKeys: ['old-key-5ac1'], accounts: [accountAt(before.url, protocol)] })
    const headers = { 'x-api-key': 'old-key-5ac1' }
    const stream = readStream(await proxy.fetch(pathFor(protocol, { stream: true }), { method: 'POST', body, headers }))
    await stream.until('Hello')
    return { stream, goOn: go.resolve }
  }

  test('other keys hold at once, and the stream goes on', async () => {
    const { stream, goOn } = await begin()
    proxy.change({ apiKeys: ['new-key-77e0'] })
    expect((await proxy.get('/v1/models', { 'x-api-key': 'old-key-5ac1' })).status).toBe(401)
    expect((await proxy.get('/v1/models', { 'x-api-key': 'new-key-77e0' })).status).toBe(200)
    proxy.change({ apiKeys: [] })
    expect((await proxy.get('/v1/models')).status).toBe(200)
    goOn()
    expect(await stream.rest()).toContain('friend.')
  })

  test('other accounts answer at once, and the stream goes on', async () => {
    const { stream, goOn } = await begin()
    proxy.change({ apiKeys: [], accounts: [accountAt(after.url, protocol)] })
    const read = await proxy.ask(protocol)
    expect(read.text).toContain('Hello from the new one.')
    proxy.change({ accounts: [] })
    expect((await proxy.ask(protocol)).status).toBe(404)
    const { data } = (await proxy.get('/v1/models')).body
    expect(data).toMatchObject([{ id: 'demo' }])
    goOn()
    const text = await stream.rest()
    expect(text).toContain('friend.')
    expect(text).not.toMatch(/"error":[^n]/)
  })

  test('an account that came back under another key is not held to the old one’s failures', async () => {
    const { stream, goOn } = await begin()
    goOn()
    await stream.rest()
    const account = accountAt(after.url, protocol)
    after.next((call) => call.json({ error: { message: 'invalid key' } }, 401))
    proxy.change({ apiKeys: [], accounts: [account] })
    expect((await proxy.ask(protocol)).status).toBe(401)
    expect((await proxy.ask(protocol)).status).toBe(503)
    proxy.change({ accounts: [{ ...account, id: 'ffffffffffffffff', secret: 'sk-secret-new-0c9d2e11' }] })
    expect((await proxy.ask(protocol)).status).toBe(200)
  })
})
