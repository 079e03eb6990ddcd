import { afterEach, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import type { Protocol } from '../../src/ir/protocol.ts'
import { errorOf, say, SERVED } from '../kit/answers.ts'
import { brokenStream, failingStream, thrownBy } from '../kit/failing.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const WEATHER = {
  type: 'function' as const,
  name: 'weather',
  description: 'The weather of a place',
  parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  strict: false,
}
const CALL = { id: 'call_01', name: 'weather', input: { place: 'Zürich' } }
const question = { model: MODEL, input: 'Hi' }

let upstream: Upstream | undefined
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream?.stop()
  upstream = undefined
})

function client(own: { apiKey?: string } = {}): OpenAI {
  return new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0, ...own })
}

async function start(vendor: Protocol, script: Script, options: ProxyOptions = {}): Promise<Upstream> {
  upstream = await startUpstream(script)
  proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(upstream.url, vendor)], ...options })
  return upstream
}

async function readAll(): Promise<string> {
  let text = ''
  const events = await client().responses.create({ ...question, stream: true })
  for await (const event of events) {
    if (event.type === 'response.output_text.delta') text += event.delta
    if (event.type === 'error') throw new Error(event.message)
    if (event.type === 'response.failed') throw new Error(event.response.error?.message)
  }
  return text
}

function ask(input: string): OpenAI.Responses.ResponseCreateParamsNonStreaming {
  return { model: 'demo', input }
}

describe.each(SERVED)('OpenAI’s SDK asks for a response, over %s', (vendor) => {
  test('a text', async () => {
    await start(vendor, say(vendor))
    const response = await client().responses.create(question)
    expect(response.output_text).toBe('Hello there, friend.')
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
    })
  })

  test('a text in pieces', async () => {
    await start(vendor, say(vendor))
    const stream = client().responses.stream(question)
    const pieces: string[] = []
    stream.on('response.output_text.delta', ({ delta }) => void pieces.push(delta))
    const response = await stream.finalResponse()
    expect(pieces.join('')).toBe('Hello there, friend.')
    expect(pieces.length).toBeGreaterThan(1)
    expect(response.output_text).toBe('Hello there, friend.')
    expect(response.usage).toMatchObject({ input_tokens: 11, output_tokens: 7 })
  })

  test('a text that the client had to wait for', async () => {
    await start(
      vendor,
      async (call) => {
        await Bun.sleep(60)
        await say(vendor)(call)
      },
      { keepAliveSeconds: 0.01 },
    )
    const response = await client().responses.stream(question).finalResponse()
    expect(response.output_text).toBe('Hello there, friend.')
  })

  test('a tool, there and back', async () => {
    const up = await start(vendor, say(vendor, { text: 'It is sunny.' }))
    up.next(say(vendor, { text: 'I look it up.', call: CALL }))
    const first = await client()
      .responses.stream({ ...question, tools: [WEATHER] })
      .finalResponse()
    const call = first.output.find((item) => item.type === 'function_call')
    expect(call).toMatchObject({ name: 'weather', status: 'completed' })
    expect(JSON.parse(call?.arguments ?? '')).toEqual({ place: 'Zürich' })
    const second = await client().responses.create({
      ...question,
      tools: [WEATHER],
      input: [
        { role: 'user', content: 'Hi' },
        ...first.output.filter(({ type }) => type === 'message' || type === 'function_call'),
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: '21 °C' },
      ] as OpenAI.Responses.ResponseInput,
    })
    expect(second.output_text).toBe('It is sunny.')
    expect(up.calls[1]?.text).toContain('21 °C')
  })

  test('thinking, and the turn after it', async () => {
    const up = await start(vendor, say(vendor))
    up.next(say(vendor, { thinking: 'Let me see now.', text: 'Seen.' }))
    const wish = { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] } as const
    const first = await client()
      .responses.stream({ ...question, ...wish, include: [...wish.include], store: false })
      .finalResponse()
    expect(first.output_text).toBe('Seen.')
    const [reasoning] = first.output
    expect(reasoning).toMatchObject({ type: 'reasoning', summary: [{ text: 'Let me see now.' }] })
    const again = await client().responses.create({
      ...question,
      store: false,
      input: [
        { role: 'user', content: 'Hi' },
        ...first.output,
        { role: 'user', content: 'And?' },
      ] as OpenAI.Responses.ResponseInput,
    })
    expect(again.output_text).toBe('Hello there, friend.')
    const asked = up.calls[1]?.text
    expect(asked).not.toContain('seal.v1')
    expect(asked).toContain('Seen.')
    if (vendor !== 'openai-chat') expect(asked).toContain('c2lnbmF0dXJl')
  })

  const refusals: readonly (readonly [number, string, new (...args: never[]) => Error])[] = [
    [400, 'invalid_request_error', OpenAI.BadRequestError],
    [401, 'authentication_error', OpenAI.AuthenticationError],
    [403, 'permission_error', OpenAI.PermissionDeniedError],
    [404, 'not_found_error', OpenAI.NotFoundError],
    [429, 'rate_limit_error', OpenAI.RateLimitError],
    [500, 'api_error', OpenAI.InternalServerError],
  ]
  test.each([...refusals])('a refusal with %d', async (status, type, kind) => {
    await start(vendor, (call) => call.json(errorOf(vendor, type, 'No, because.'), status), { disableCooling: true })
    for (const stream of [true, false]) {
      const error = await thrownBy(client().responses.create({ ...question, stream }))
      expect(error).toBeInstanceOf(kind)
      if (!(error instanceof OpenAI.APIError)) throw new Error('it is no error of the SDK')
      expect(error.message).toContain('No, because.')
      expect(error.status).toBe(status)
    }
  })

  test('a stream that fails, and one that breaks off', async () => {
    const up = await start(vendor, failingStream(vendor), { disableCooling: true })
    expect(String(await thrownBy(readAll()))).toContain('Too busy')
    up.always(brokenStream(vendor))
    expect(String(await thrownBy(readAll()))).toMatch(/broke off|ended its answer before/)
  })

  test('tokens', async () => {
    await start(vendor, (call) => call.json({ object: 'response.input_tokens', input_tokens: 12, totalTokens: 12 }))
    const { input_tokens: count } = await client().responses.inputTokens.count(question)
    expect(count).toBeWithin(5, 20)
  })
})

describe('OpenAI’s SDK and responses of the proxy itself', () => {
  test('a wrong key, an unknown model, a wrong field, a stored response', async () => {
    await start('anthropic', say('anthropic'))
    const key = await thrownBy(client({ apiKey: 'wrong' }).responses.create(question))
    expect(key).toBeInstanceOf(OpenAI.AuthenticationError)
    const unknown = await thrownBy(client().responses.create({ ...question, model: 'some-modle' }))
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect(unknown).toMatchObject({ code: 'model_not_found', param: 'model' })
    const wrong = await thrownBy(client().responses.create({ ...question, max_output_tokens: 0 }))
    expect(wrong).toBeInstanceOf(OpenAI.BadRequestError)
    expect(wrong).toMatchObject({ param: 'max_output_tokens' })
    const stored = await thrownBy(client().responses.retrieve('resp_1'))
    expect(stored).toMatchObject({ status: 404, code: 'response_not_found' })
  })

  test('the demo: a text, a thought and a tool, through the whole path', async () => {
    proxy = startProxy({ apiKeys: [CLIENT_KEY] })
    const text = await client().responses.create(ask('echo this'))
    expect(text.output_text).toContain('echo this')
    const thought = await client().responses.create(ask('think hard'))
    expect(thought.output[0]).toMatchObject({ type: 'reasoning' })
    const call = await client().responses.create({ ...ask('call weather'), tools: [WEATHER] })
    expect(call.output.at(-1)).toMatchObject({ type: 'function_call', name: 'weather', arguments: '{"place":"demo"}' })
  })
})
