import { afterEach, describe, expect, test } from 'bun:test'
import { type Fields, readObjects } from '../../src/lib/json.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { HELLO, say, SERVED, streamOf } from '../kit/answers.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { eventsOf } from '../kit/sse.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const KEY = { authorization: `Bearer ${CLIENT_KEY}` }
const PATH = '/v1/responses/compact'
const TOOLS = [{ type: 'function', name: 'weather', parameters: { type: 'object' } }]
const INPUT = [
  { role: 'user', content: 'What is the weather in Zürich?' },
  { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
  { type: 'function_call_output', call_id: 'call_1', output: 'It is raining' },
]
const TRIGGER = { type: 'compaction_trigger' }
const NATIVE = {
  id: 'resp_compacted',
  object: 'response.compaction',
  created_at: 1,
  output: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'vendors-own' }],
  usage: { input_tokens: 5, output_tokens: 6, total_tokens: 11 },
}

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function start(
  vendor: Protocol,
  script: Script = withoutEndpoint(vendor),
  own: ProxyOptions = {},
): Promise<void> {
  upstream = await startUpstream(script)
  proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(upstream.url, vendor)], ...own })
}

/** A vendor that knows nothing of compaction. */
function withoutEndpoint(vendor: Protocol): Script {
  return (call) => (call.path.endsWith('/compact') ? call.json({ detail: 'Not Found' }, 404) : say(vendor)(call))
}

describe.each(SERVED)('a conversation with %s', (vendor) => {
  test('is compacted to what the user said and a summary by the model', async () => {
    await start(vendor)
    const line = proxy.nextLine()
    const { status, body } = await proxy.post(PATH, { model: MODEL, tools: TOOLS, input: INPUT }, KEY)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      object: 'response.compaction',
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is the weather in Zürich?' }] },
        { type: 'compaction', id: expect.stringMatching(/^cmp_/) },
      ],
      usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
    })
    expect(upstream.calls.at(-1)?.text).toContain('It is raining')
    expect(await line).toMatchObject({ message: `POST ${PATH}`, status: 200, input: 11, output: 7 })
  })

  test('goes on from the summary, whoever is asked', async () => {
    await start(vendor)
    const { body } = await proxy.post(PATH, { model: MODEL, input: INPUT }, KEY)
    const output = readObjects(body['output'])
    for (const next of SERVED) {
      proxy.change({ accounts: [accountAt(upstream.url, next)] })
      upstream.next(say(next))
      const input = [...output, { role: 'user', content: 'And tomorrow?' }]
      expect((await proxy.post('/v1/responses', { model: MODEL, input }, KEY)).status).toBe(200)
      const text = upstream.calls.at(-1)?.text ?? ''
      const places = ['What is the weather', 'Hello there, friend.', 'And tomorrow?'].map((words) =>
        text.indexOf(words),
      )
      expect(places.every((place, at) => place > (places[at - 1] ?? -1))).toBe(true)
      expect(text).not.toContain('seal.v1.')
    }
  })
})

describe.each(SERVED.filter((protocol) => protocol !== 'openai-responses'))(
  'a trigger in a request to %s',
  (vendor) => {
    test.each([false, true])('is answered with one compaction item and nothing else (stream: %p)', async (stream) => {
      await start(vendor)
      const asked = { model: MODEL, stream, tools: TOOLS, input: [...INPUT, TRIGGER] }
      const read = await proxy.post('/v1/responses', asked, KEY)
      expect(read.status).toBe(200)
      const events = eventsOf(read.text).map(({ data }): Fields => JSON.parse(data))
      const answer = stream ? JSON.parse(JSON.stringify(events.at(-1))).response : read.body
      expect(answer).toMatchObject({ object: 'response', status: 'completed', usage: { input_tokens: 11 } })
      expect(answer.output).toEqual([
        { type: 'compaction', id: expect.stringMatching(/^cmp_/), encrypted_content: expect.any(String) },
      ])
      if (stream) {
        const done = events.filter(({ type }) => type === 'response.output_item.done')
        expect(done.map(({ item }) => item)).toEqual(answer.output)
      }
      expect(upstream.calls.at(-1)?.text).not.toContain('compaction_trigger')
      const input = [...answer.output, { role: 'user', content: 'Go on' }]
      await proxy.post('/v1/responses', { model: MODEL, input }, KEY)
      expect(upstream.calls.at(-1)?.text).toContain('Hello there, friend.')
    })
  },
)

describe('a vendor of the Responses API', () => {
  test('compacts itself, and its answer goes on as it is', async () => {
    await start('openai-responses', (call) => call.json(NATIVE))
    const { status, body } = await proxy.post(PATH, { model: MODEL, stream: false, input: INPUT }, KEY)
    expect(status).toBe(200)
    expect(body).toEqual(NATIVE)
    const call = await upstream.call(0)
    expect(call.path).toBe('/v1/responses/compact')
    expect(call.body).toEqual({ model: 'upstream-model', input: INPUT })
  })

  test('by a login gets the conversation in the form of its answers', async () => {
    await start('openai-responses', (call) => call.json(NATIVE))
    await proxy.stop()
    const account = accountAt(upstream.url, 'openai-responses', { provider: 'codex-oauth', baseUrl: upstream.url })
    proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [account] })
    const foreign = { type: 'reasoning', summary: [], encrypted_content: 'zQ+8'.repeat(20) }
    const input = [{ role: 'system', content: 'Be kind.' }, foreign, ...INPUT]
    expect((await proxy.post(PATH, { model: MODEL, input, parallel_tool_calls: true }, KEY)).body).toEqual(NATIVE)
    const { path, body } = await upstream.call(0)
    expect(path).toBe('/responses/compact')
    const mended = [{ role: 'developer', content: 'Be kind.' }, ...INPUT]
    expect(body).toEqual({ model: 'upstream-model', instructions: '', input: mended })
  })

  test('gets a summary of ours as words', async () => {
    await start('openai-responses')
    const { body } = await proxy.post(PATH, { model: MODEL, input: INPUT }, KEY)
    upstream.next((call) => call.json(NATIVE))
    await proxy.post(PATH, { model: MODEL, input: body['output'] }, KEY)
    expect(upstream.calls.at(-1)?.path).toBe('/v1/responses/compact')
    expect(upstream.calls.at(-1)?.text).toContain('Hello there, friend.')
    expect(upstream.calls.at(-1)?.text).not.toContain('seal.v1.')
  })

  test('gets its own compaction and a trigger as they are', async () => {
    await start('openai-responses')
    const input = [...NATIVE.output, { role: 'user', content: 'Go on' }, TRIGGER]
    await proxy.post('/v1/responses', { model: MODEL, input }, KEY)
    expect((await upstream.call(0)).body['input']).toEqual(input)
  })

  test.each([false, true])('behind a login of Codex gets what its backend takes (large: %p)', async (isLarge) => {
    upstream = await startUpstream((call) => call.json(NATIVE))
    const account = accountAt(upstream.url, 'openai-responses', { provider: 'codex-oauth', baseUrl: upstream.url })
    proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [account] })
    const said = { role: 'user', content: isLarge ? 'Hi '.repeat(20_000) : 'Hi' }
    const asked = { store: false, stream: false, include: ['reasoning.encrypted_content'], temperature: 1 }
    const input = [{ role: 'system', content: 'Be brief' }, said]
    const { status } = await proxy.post(PATH, { model: MODEL, ...asked, input }, KEY)
    expect(status).toBe(200)
    const { path, body } = await upstream.call(0)
    expect(path).toBe('/responses/compact')
    expect(body).toEqual({
      model: 'upstream-model',
      instructions: '',
      input: [{ role: 'developer', content: 'Be brief' }, said],
    })
    const whole = { model: MODEL, instructions: 'Help', input: [said], tools: TOOLS, parallel_tool_calls: true }
    await proxy.post(PATH, whole, KEY)
    expect((await upstream.call(1)).body).toEqual({ ...whole, model: 'upstream-model' })
  })

  test('that is not known to compact is asked for a summary in place of a trigger', async () => {
    upstream = await startUpstream(say('openai-responses'))
    const account = accountAt(upstream.url, 'openai-responses', { provider: 'xai' })
    proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [account] })
    const { body } = await proxy.post('/v1/responses', { model: MODEL, input: [...INPUT, TRIGGER] }, KEY)
    expect(readObjects(body['output'])).toMatchObject([{ type: 'compaction' }])
    expect((await upstream.call(0)).text).not.toContain('compaction_trigger')
  })

  test('that refuses is not asked for a summary', async () => {
    await start('openai-responses', (call) =>
      call.json({ error: { message: 'No such image', type: 'invalid_request_error' } }, 400),
    )
    const read = await proxy.post(PATH, { model: MODEL, input: INPUT }, KEY)
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { message: 'No such image' } })
    expect(upstream.calls.length).toBe(1)
  })
})

describe('a compaction', () => {
  test('is not streamed', async () => {
    await start('anthropic')
    const read = await proxy.post(PATH, { model: MODEL, stream: true, input: INPUT }, KEY)
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { message: expect.stringContaining('Streaming not supported') } })
    expect(upstream.calls).toEqual([])
  })

  test('needs one of the proxy’s keys', async () => {
    await start('anthropic')
    expect((await proxy.post(PATH, { model: MODEL, input: INPUT })).status).toBe(401)
  })

  test.each(['/backend-api/codex/responses/compact', '/openai/v1/responses/compact'])(
    'is served at %s',
    async (path) => {
      await start('gemini')
      expect((await proxy.post(path, { model: MODEL, input: INPUT }, KEY)).status).toBe(200)
    },
  )

  test('of a model that says nothing fails, and the next account is asked', async () => {
    const silent = say('openai-chat', { ...HELLO, text: ' ' })
    await start('openai-chat', undefined)
    upstream.next(silent)
    proxy.change({ accounts: [accountAt(upstream.url, 'openai-chat'), accountAt(upstream.url, 'openai-chat')] })
    const read = await proxy.post(PATH, { model: MODEL, input: INPUT }, KEY)
    expect(read.status).toBe(200)
    expect(upstream.calls.length).toBe(2)
  })

  test('is made of a stream where the vendor has nothing else', async () => {
    await start('openai-chat', async (call) => {
      call.open()
      await call.write(streamOf('openai-chat', undefined, call).join(''))
      call.end()
    })
    const { body } = await proxy.post(PATH, { model: MODEL, input: INPUT }, KEY)
    expect(readObjects(body['output']).at(-1)).toMatchObject({ type: 'compaction' })
  })
})
