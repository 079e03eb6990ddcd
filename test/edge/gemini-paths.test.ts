import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { beginningOf, HELLO, say, SERVED, streamOf } from '../kit/answers.ts'
import { accountAt, startProxy, type Read, type TestProxy } from '../kit/proxy.ts'
import { ask, MODEL } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

/** Chat behind it, so that the answers are the proxy's own. */
let upstream: Upstream
let proxy: TestProxy

beforeAll(async () => {
  upstream = await startUpstream(say('openai-chat'))
  const names = [MODEL, 'maker/model', 'model:free', 'a/models/b', 'odd (name)']
  const models = names.map((name) => ({ name, alias: name }))
  proxy = startProxy({ accounts: [accountAt(upstream.url, 'openai-chat', { models })] })
})

afterAll(async () => {
  await proxy.stop()
  await upstream.stop()
})

/** The text that an answer says. */
function said({ body }: Read): unknown {
  const { candidates } = JSON.parse(JSON.stringify(body))
  return candidates[0].content.parts[0].text
}

describe('a model in the path', () => {
  test.each([
    ['/v1beta/models/some-model:generateContent', MODEL],
    ['/v1/models/some-model:generateContent', MODEL],
    ['/v1alpha/models/some-model:generateContent', MODEL],
    ['/v1beta/models/some-model%3AgenerateContent', MODEL],
    ['/v1beta/models/models/some-model:generateContent', MODEL],
    ['/v1beta/models/models%2Fsome-model:generateContent', MODEL],
    ['/v1beta1/publishers/google/models/some-model:generateContent', MODEL],
    ['/v1/publishers/google/models/some-model:generateContent', MODEL],
    ['/v1beta1/projects/p/locations/global/publishers/google/models/some-model:generateContent', MODEL],
    ['/v1beta1/publishers/maker/models/model:generateContent', 'maker/model'],
    ['/v1beta/models/maker/model:generateContent', 'maker/model'],
    ['/v1beta/models/maker%2Fmodel:generateContent', 'maker/model'],
    ['/v1beta/models/model:free:generateContent', 'model:free'],
    ['/v1beta/models/a/models/b:generateContent', 'a/models/b'],
    ['/v1beta/models/some-model(high):generateContent', MODEL],
    ['/v1beta/models/some-model%28none%29:generateContent', MODEL],
    ['/v1beta/models/odd%20(name):generateContent', 'odd (name)'],
    ['//v1beta//models/some-model:generateContent/', MODEL],
  ])('%s', async (path, model) => {
    const read = await proxy.post(path, ask('gemini'))
    expect(said(read)).toBe('Hello there, friend.')
    expect(upstream.calls.at(-1)?.body['model']).toBe(model)
  })

  test('one that nobody serves', async () => {
    const read = await proxy.post('/v1beta/models/some-modle:generateContent', ask('gemini'))
    expect(read.status).toBe(404)
    expect(read.body).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } })
    expect(read.text).toContain("Did you mean 'some-model'?")
  })
})

describe('a method', () => {
  test.each(['embedContent', 'batchEmbedContents', 'predict', 'batchGenerateContent'])(
    '%s is not served, and says so',
    async (method) => {
      const read = await proxy.post(`/v1beta/models/some-model:${method}`, {})
      expect(read.status).toBe(501)
      expect(read.body).toMatchObject({ error: { code: 501, status: 'UNIMPLEMENTED' } })
      expect(read.text).toContain(`The method '${method}' is not served here`)
    },
  )

  test('none is asked for', async () => {
    const read = await proxy.post('/v1beta/models/some-model', ask('gemini'))
    expect(read.status).toBe(405)
    expect(read.text).toContain('name a method after a colon')
  })
})

function whole(events: readonly string[]): string {
  return events.join('')
}

describe.each(SERVED)('a stream from %s', (vendor) => {
  const path = `/v1beta/models/${MODEL}:streamGenerateContent`

  async function stream(query: string, events: (whole: readonly string[]) => string): Promise<Read> {
    const other = await startUpstream((call) =>
      call.text200(events(streamOf(vendor, HELLO, call)), 'text/event-stream'),
    )
    const through = startProxy({ accounts: [accountAt(other.url, vendor)] })
    const read = await through.post(path + query, ask('gemini'))
    await through.stop()
    await other.stop()
    return read
  }

  test.each(['?alt=sse', '?%24alt=sse', '?key=x&alt=sse'])('as events: %s', async (query) => {
    const read = await stream(query, whole)
    expect(read.headers.get('content-type')).toBe('text/event-stream')
    expect(read.text).toStartWith('data: {')
  })

  test.each(['', '?alt=json', '?key=x'])('as an array: %j', async (query) => {
    const read = await stream(query, whole)
    expect(read.headers.get('content-type')).toBe('application/json')
    const answers: { candidates: { finishReason?: string; content: { parts: { text: string }[] } }[] }[] = JSON.parse(
      read.text,
    )
    expect(answers.map(({ candidates }) => candidates[0]?.content?.parts[0]?.text ?? '').join('')).toBe(
      HELLO.text ?? '',
    )
    expect(answers.at(-1)?.candidates[0]?.finishReason).toBe('STOP')
    expect(read.text).toMatch(/^\[\{[^]*\}\n,\r\n\{[^]*\}\n\]$/)
  })

  test('as an array that breaks off: its last element is the error', async () => {
    const read = await stream('', () => beginningOf(vendor, { text: 'Hello there, friend.' }).join(''))
    const answers: readonly object[] = JSON.parse(read.text)
    expect(answers).toHaveLength(2)
    expect(answers.at(-1)).toMatchObject({
      error: { code: 502, message: expect.stringMatching(/broke off|ended its/) },
    })
  })

  test('as an array that never begins: an error like any other', async () => {
    const read = await stream('', () => '')
    expect(read.status).toBe(502)
    expect(read.body).toMatchObject({ error: { code: 502 } })
  })
})

describe('a Gemini upstream that streams an array', () => {
  const bodies = streamOf('gemini').map((event) => event.slice('data: '.length).trim())

  test.each([
    ['gemini', 'application/json'],
    ['gemini', 'text/event-stream'],
    ['anthropic', 'application/json; charset=UTF-8'],
    ['openai-chat', 'application/json'],
    ['openai-responses', 'application/json'],
  ] as const)('is read for a client of %s: %s', async (client, type) => {
    const array = `[${bodies.join('\n,\r\n')}\n]`
    const other = await startUpstream((call) => call.text200(array, type))
    const through = startProxy({ accounts: [accountAt(other.url, 'gemini')] })
    for (const isStream of [true, false]) {
      const read = await through.ask(client, { stream: isStream })
      expect(read.status).toBe(200)
      expect(read.text).toContain(isStream ? 'friend.' : 'Hello there, friend.')
    }
    await through.stop()
    await other.stop()
  })

  test('is passed on as it is to its own client, element by element', async () => {
    const seen = Promise.withResolvers<void>()
    const other = await startUpstream(async (call) => {
      call.open({ 'content-type': 'application/json' })
      await call.write(`[${bodies[0]}`)
      await seen.promise
      await call.write(`\n,\r\n${bodies.slice(1).join('\n,\r\n')}\n]`)
      call.end()
    })
    const through = startProxy({ accounts: [accountAt(other.url, 'gemini')] })
    const body = JSON.stringify(ask('gemini'))
    const response = await through.fetch(`/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`, {
      method: 'POST',
      body,
    })
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk)
      seen.resolve()
    }
    expect(text).toBe(bodies.map((json) => `data: ${json}\n\n`).join(''))
    await through.stop()
    await other.stop()
  })
})
