import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { ResponsesWS } from 'openai/resources/responses/ws'
import type { Protocol } from '../../src/ir/protocol.ts'
import { HELLO, say, SERVED } from '../kit/answers.ts'
import { thrownBy } from '../kit/failing.ts'
import { accountAt, CLIENT_KEY, startProxy, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

const CALL = { id: 'call_01', name: 'weather', input: { place: 'Zürich' } }
const WEATHER = {
  type: 'function' as const,
  name: 'weather',
  parameters: { type: 'object', properties: { place: { type: 'string' } } },
  strict: false,
}

let folder: string
let upstream: Upstream
let proxy: TestProxy
let client: OpenAI

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-sdk-'))
})

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(vendor: Protocol): Promise<void> {
  upstream = await startUpstream(say(vendor))
  proxy = startProxy({
    authDir: folder,
    responsesStore: { ttlHours: 1, megabytesMax: 16 },
    apiKeys: [CLIENT_KEY],
    accounts: [accountAt(upstream.url, vendor)],
  })
  client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 })
}

describe.each(SERVED)('OpenAI’s SDK and answers that are kept, over %s', (vendor) => {
  test('a conversation by the ids of its answers, with a tool', async () => {
    await start(vendor)
    upstream.next(say(vendor, { call: CALL }))
    const first = await client.responses.create({ model: MODEL, input: 'Weather?', tools: [WEATHER] })
    const [call] = first.output.filter((item) => item.type === 'function_call')
    const second = await client.responses.create({
      model: MODEL,
      previous_response_id: first.id,
      tools: [WEATHER],
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'It is raining' }],
    })
    expect(second.output_text).toBe('Hello there, friend.')
    const { text } = await upstream.call(1)
    expect(['Weather?', 'Zürich', 'It is raining'].filter((words) => !text.includes(words))).toEqual([])
  })

  test('a streamed answer is kept as well', async () => {
    await start(vendor)
    const stream = client.responses.stream({ model: MODEL, input: 'First question' })
    const first = await stream.finalResponse()
    const next = client.responses.stream({ model: MODEL, previous_response_id: first.id, input: 'And?' })
    expect((await next.finalResponse()).output_text).toBe('Hello there, friend.')
    expect((await upstream.call(1)).text).toContain('First question')
  })

  test('an answer is retrieved, its input listed, and both deleted', async () => {
    await start(vendor)
    const made = await client.responses.create({ model: MODEL, input: 'First question' })
    const retrieved = await client.responses.retrieve(made.id)
    expect(retrieved.output).toEqual(made.output)
    const items = await client.responses.inputItems.list(made.id)
    expect(items.data).toMatchObject([{ role: 'user', content: 'First question' }])
    await client.responses.delete(made.id)
    expect(await thrownBy(client.responses.retrieve(made.id))).toBeInstanceOf(OpenAI.NotFoundError)
  })

  test('a conversation is compacted and goes on', async () => {
    await start(vendor)
    upstream.next(
      // Where there is an endpoint for it, this vendor has none.
      ...(vendor === 'openai-responses'
        ? [(call: { json: (value: object, status: number) => void }) => call.json({}, 404)]
        : []),
      say(vendor, { ...HELLO, text: 'They greeted.' }),
    )
    const compacted = await client.responses.compact({ model: MODEL, input: [{ role: 'user', content: 'Hi' }] })
    expect(compacted.output.map(({ type }) => type)).toEqual(['message', 'compaction'])
    await client.responses.create({
      model: MODEL,
      input: [...compacted.output.map(asInput), { role: 'user', content: 'Go on' }],
    })
    expect(upstream.calls.at(-1)?.text).toContain('They greeted.')
  })

  test('a socket of the SDK’s: a question, and one that goes on from it', async () => {
    await start(vendor)
    const socket = new ResponsesWS(client)
    const answers: OpenAI.Responses.Response[] = []
    const done = new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('response.completed', ({ response }) => {
        answers.push(response)
        if (answers.length === 2) return resolve()
        socket.send({ type: 'response.create', model: MODEL, previous_response_id: response.id, input: 'And?' })
      })
    })
    socket.send({ type: 'response.create', model: MODEL, store: false, input: 'First question' })
    await done
    socket.close()
    expect(answers.map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect((await upstream.call(1)).text).toContain('First question')
  })
})

/** Answers' items are inputs' as well, but the SDK's types have more of them. */
function asInput(item: OpenAI.Responses.ResponseOutputItem): OpenAI.Responses.ResponseInputItem {
  if (item.type === 'compaction') return item
  if (item.type === 'message') return item
  throw new Error(`unexpected item '${item.type}'`)
}
