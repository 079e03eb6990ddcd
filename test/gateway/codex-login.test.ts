import { afterEach, beforeEach, expect, test } from 'bun:test'
import { parseObject, readArray, readObject } from '../../src/lib/json.ts'
import { say, streamOf } from '../kit/answers.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { eventsOf } from '../kit/sse.ts'
import { startUpstream, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

beforeEach(async () => {
  upstream = await startUpstream(say('openai-responses'))
  const models = [{ name: 'gpt-5.5', alias: 'gpt-5.5' }]
  const account = accountAt(upstream.url, 'openai-responses', {
    provider: 'codex-oauth',
    baseUrl: upstream.url,
    models,
  })
  proxy = startProxy({ accounts: [account] })
})

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

/** As the Codex CLI writes it, with a number that no re-serialising would keep. */
function cliBody(words: string, rest = ''): string {
  const item = `{"type":"message","role":"user","content":[{"type":"input_text","text":${JSON.stringify(words)}}],"n":12345678901234567890}`
  return (
    '{"model":"gpt-5.5","instructions":"Help.","input":[' +
    `{"type":"reasoning","id":"rs_1","summary":[],"content":null,"encrypted_content":"x"},${item}],` +
    '"tools":[{"type":"function","name":"f","parameters":{}}],"parallel_tool_calls":true,"store":false, "stream":true,' +
    `"include":["reasoning.encrypted_content"],"prompt_cache_key":"k"${rest}}`
  )
}

const LARGE = 'He wrote: {"role":"system", "id":"none"} and so on. '.repeat(2000)

test.each([
  ['small', 'Hi'],
  ['large', LARGE],
])('a %s request of the Codex CLI reaches the backend byte by byte', async (_size, words) => {
  const body = cliBody(words)
  const read = await proxy.post('/v1/responses', body)
  expect(read.status).toBe(200)
  expect(upstream.calls.at(-1)?.text).toBe(body)
  expect(read.headers.get('x-cliproxy-loss')).toBeNull()
})

test.each([
  ['small', 'Hi'],
  ['large', LARGE],
])('of a %s request only what the backend refuses is taken out, and told', async (_size, words) => {
  const body = cliBody(words, ',"temperature":0.5,"max_output_tokens":100')
  const read = await proxy.post('/v1/responses', body)
  const sent = upstream.calls.at(-1)?.text ?? ''
  expect(parseObject(sent)).toEqual(parseObject(cliBody(words)) ?? {})
  expect(sent).toContain('12345678901234567890')
  expect(read.headers.get('x-cliproxy-loss')?.split(', ').toSorted()).toEqual(['max-output-tokens', 'temperature'])
  expect(proxy.log()).toContain('codex-refused')
})

test('a stream is relayed without the backend’s own events, and its last event holds the answer', async () => {
  upstream.next(async (call: UpstreamCall) => {
    call.open()
    for (const event of streamOf('openai-responses')) {
      await call.write('event: codex.rate_limits\ndata: {"type":"codex.rate_limits"}\n\n')
      await call.write('data: {"type":"response.metadata","headers":{}}\n\n')
      await call.write(event.replace(/"output":\[.*\],"parallel/, '"output":[],"parallel'))
    }
    call.end()
  })
  const { text } = await proxy.post('/v1/responses', cliBody('Hi'))
  const events = eventsOf(text).map(({ data }) => parseObject(data) ?? {})
  expect(text).not.toMatch(/codex\.|response\.metadata/)
  const { output } = readObject(events.at(-1)?.['response']) ?? {}
  expect(readArray(output)).toMatchObject([{ type: 'message', content: [{ text: 'Hello there, friend.' }] }])
})

test('tokens are estimated: the backend counts none', async () => {
  const body = { model: 'gpt-5.5', input: 'How many tokens are these?' }
  const { status, body: counted } = await proxy.post('/v1/responses/input_tokens', body)
  expect({ status, calls: upstream.calls.length }).toEqual({ status: 200, calls: 0 })
  expect(Number(counted['input_tokens'])).toBeGreaterThan(4)
})

test('a spent plan says when it is good again', async () => {
  const error = { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 120 }
  upstream.next((call) => call.json({ error }, 429))
  const { status, headers } = await proxy.post('/v1/responses', cliBody('Hi'))
  expect([status, headers.get('retry-after')]).toEqual([429, '120'])
  const again = await proxy.post('/v1/responses', cliBody('Hi'))
  expect([again.status, upstream.calls.length]).toEqual([429, 1])
})

test('the backend’s short form of an error is told in the client’s words', async () => {
  upstream.next((call) => call.json({ detail: 'Unsupported parameter: foo' }, 400))
  const { status, text } = await proxy.ask('anthropic', { model: 'gpt-5.5' })
  expect(status).toBe(400)
  expect(text).toContain('Unsupported parameter: foo')
  expect(text).toContain('"type":"error"')
})
