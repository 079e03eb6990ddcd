import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import Anthropic from '@anthropic-ai/sdk'
import { SERVED, errorEvent, errorOf, say, streamOf } from '../kit/answers.ts'
import { thrownBy } from '../kit/failing.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const WEATHER = {
  name: 'weather',
  description: 'The weather of a place',
  input_schema: { type: 'object' as const, properties: { place: { type: 'string' } }, required: ['place'] },
}
/** How each vendor is told which call a result belongs to. */
const RESULTS: Readonly<Record<Protocol, RegExp>> = {
  anthropic: /"tool_use_id":"toolu_01"/,
  'openai-chat': /"tool_call_id":"toolu_01"/,
  'openai-responses': /"call_id":"toolu_01"[^}]*21 °C/,
  gemini: /"functionResponse":\{[^}]*"name":"weather"/,
}
const CALL = { id: 'toolu_01', name: 'weather', input: { place: 'Zürich' } }

let upstream: Upstream | undefined
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream?.stop()
  upstream = undefined
})

function client(own: { apiKey?: string } = {}): Anthropic {
  return new Anthropic({ baseURL: proxy.url, apiKey: CLIENT_KEY, maxRetries: 0, ...own })
}

async function start(vendor: Protocol, script: Script, options: ProxyOptions = {}): Promise<Upstream> {
  upstream = await startUpstream(script)
  proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(upstream.url, vendor)], ...options })
  return upstream
}

const question = { model: MODEL, max_tokens: 2048, messages: [{ role: 'user' as const, content: 'Hi' }] }

async function run(input: unknown): Promise<string> {
  return `asked for ${JSON.stringify(input)}`
}

async function fail(): Promise<unknown> {
  return await thrownBy(client().messages.stream(question).finalMessage())
}

function ask(content: string): Anthropic.MessageCreateParamsNonStreaming {
  return { model: 'demo', max_tokens: 500, messages: [{ role: 'user', content }] }
}

describe.each(SERVED)('Anthropic’s SDK over %s', (vendor) => {
  test('a text', async () => {
    await start(vendor, say(vendor))
    const message = await client().messages.create(question)
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'Hello there, friend.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 11, output_tokens: 7 },
    })
  })

  test('a text in pieces', async () => {
    await start(vendor, say(vendor))
    const stream = client().messages.stream(question)
    const pieces: string[] = []
    stream.on('text', (piece) => pieces.push(piece))
    const message = await stream.finalMessage()
    expect(pieces.join('')).toBe('Hello there, friend.')
    expect(pieces.length).toBeGreaterThan(1)
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello there, friend.' }])
    expect(message.usage.output_tokens).toBe(7)
  })

  test('a tool, there and back', async () => {
    const up = await start(vendor, say(vendor, { text: 'It is sunny.' }))
    up.next(say(vendor, { text: 'I look it up.', call: CALL }))
    const first = await client()
      .messages.stream({ ...question, tools: [WEATHER] })
      .finalMessage()
    expect(first.stop_reason).toBe('tool_use')
    const call = first.content.find((block) => block.type === 'tool_use')
    expect(call).toMatchObject({ name: 'weather', input: { place: 'Zürich' } })
    const second = await client().messages.create({
      ...question,
      tools: [WEATHER],
      messages: [
        ...question.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: '21 °C' }] },
      ],
    })
    expect(second.content).toMatchObject([{ type: 'text', text: 'It is sunny.' }])
    const asked = up.calls[1]?.text
    expect(asked).toContain('21 °C')
    expect(asked).toMatch(RESULTS[vendor])
  })

  test('the SDK’s own loop of tools', async () => {
    const up = await start(vendor, say(vendor, { text: 'It is sunny.' }))
    up.next(say(vendor, { call: CALL }))
    const runner = client().beta.messages.toolRunner({
      ...question,
      tools: [{ ...WEATHER, type: 'custom', run, parse: (input: unknown) => input }],
    })
    const message = await runner
    expect(message.content).toMatchObject([{ type: 'text', text: 'It is sunny.' }])
    expect(JSON.stringify(up.calls.at(-1)?.body)).toContain('asked for {\\"place\\":\\"Zürich\\"}')
  })

  test('thinking, and the turn after it', async () => {
    const up = await start(vendor, say(vendor))
    up.next(say(vendor, { thinking: 'Let me see now.', text: 'Seen.' }))
    const thinking = { type: 'enabled', budget_tokens: 1024 } as const
    const first = await client()
      .messages.stream({ ...question, thinking })
      .finalMessage()
    expect(first.content.slice(0, 2)).toMatchObject([
      { type: 'thinking', thinking: 'Let me see now.' },
      { type: 'text', text: 'Seen.' },
    ])
    expect(first.content[0]?.type === 'thinking' && first.content[0].signature).toMatch(/./)
    const again = await client().messages.create({
      ...question,
      thinking,
      messages: [
        ...question.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: 'And?' },
      ],
    })
    expect(again.content).toMatchObject([{ type: 'text', text: 'Hello there, friend.' }])
    const asked = up.calls[1]?.text
    expect(asked).not.toContain('seal.v1')
    expect(asked).toContain('Seen.')
    if (vendor !== 'openai-chat') expect(asked).toContain('c2lnbmF0dXJl')
  })

  const refusals: readonly (readonly [number, string, new (...args: never[]) => Error])[] = [
    [400, 'invalid_request_error', Anthropic.BadRequestError],
    [401, 'authentication_error', Anthropic.AuthenticationError],
    [403, 'permission_error', Anthropic.PermissionDeniedError],
    [404, 'not_found_error', Anthropic.NotFoundError],
    [429, 'rate_limit_error', Anthropic.RateLimitError],
    [500, 'api_error', Anthropic.InternalServerError],
    [529, 'overloaded_error', Anthropic.InternalServerError],
  ]
  test.each([...refusals])('a refusal with %d', async (status, type, kind) => {
    await start(vendor, (call) => call.json(errorOf(vendor, type, 'No, because.'), status, { 'retry-after': '7' }))
    for (const stream of [true, false]) {
      const error = await thrownBy(client().messages.create({ ...question, stream }))
      expect(error).toBeInstanceOf(kind)
      if (!(error instanceof Anthropic.APIError)) throw new Error('it is no error of the SDK')
      // At its second time the account rests.
      if (stream) expect(error.message).toContain('No, because.')
      if (stream) expect(error.error).toMatchObject({ type: 'error', error: { type, message: 'No, because.' } })
      proxy.change({ disableCooling: true })
    }
  })

  test('a stream that fails, and one that breaks off', async () => {
    const up = await start(vendor, async (call) => {
      call.open()
      await call.write(streamOf(vendor).slice(0, 4).join('') + errorEvent(vendor, 'overloaded_error', 'Too busy'))
      call.end()
    })
    expect(String(await fail())).toContain('Too busy')
    up.always(async (call) => {
      call.open()
      await call.write(streamOf(vendor).slice(0, 4).join(''))
      call.destroy()
    })
    expect(await fail()).toBeInstanceOf(Anthropic.AnthropicError)
  })

  test('tokens', async () => {
    await start(vendor, (call) => call.json({ input_tokens: 12 }))
    const { input_tokens: count } = await client().messages.countTokens({ model: MODEL, messages: question.messages })
    expect(count).toBeWithin(5, 20)
  })
})

describe('Anthropic’s SDK and the proxy itself', () => {
  test('the list of models', async () => {
    await start('openai-chat', say('openai-chat'))
    const ids: string[] = []
    for await (const { id } of client().models.list({ limit: 1 })) ids.push(id)
    expect(ids).toEqual([MODEL])
    expect(await client().models.retrieve(MODEL)).toMatchObject({ id: MODEL, type: 'model' })
  })

  test('a wrong key, an unknown model, a wrong field', async () => {
    await start('openai-chat', say('openai-chat'))
    expect(await thrownBy(client({ apiKey: 'wrong' }).messages.create(question))).toBeInstanceOf(
      Anthropic.AuthenticationError,
    )
    const unknown = await thrownBy(client().messages.create({ ...question, model: 'some-modle' }))
    expect(unknown).toBeInstanceOf(Anthropic.NotFoundError)
    expect(String(unknown)).toContain("Did you mean 'some-model'?")
    const wrong = await thrownBy(client().messages.create({ ...question, messages: [] }))
    expect(wrong).toBeInstanceOf(Anthropic.BadRequestError)
  })

  test('the demo: a text, a thought and a tool, through the whole path', async () => {
    proxy = startProxy({ apiKeys: [CLIENT_KEY] })
    const text = await client().messages.stream(ask('echo this')).finalMessage()
    expect(JSON.stringify(text.content)).toContain('echo this')
    const thought = await client().messages.stream(ask('think hard')).finalMessage()
    expect(thought.content[0]).toMatchObject({ type: 'thinking' })
    const call = await client()
      .messages.stream({ ...ask('call weather'), tools: [WEATHER] })
      .finalMessage()
    expect(call.stop_reason).toBe('tool_use')
    expect(call.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'weather', input: { place: 'demo' } })
  })
})
