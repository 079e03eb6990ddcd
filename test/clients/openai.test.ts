import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import OpenAI from 'openai'
import { SERVED, errorEvent, errorOf, say, streamOf } from '../kit/answers.ts'
import { thrownBy } from '../kit/failing.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const WEATHER = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'The weather of a place',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
}
/** How each vendor is told which call a result belongs to. */
const RESULTS: Readonly<Record<Protocol, RegExp>> = {
  anthropic: /"tool_use_id":"call_01"/,
  'openai-chat': /"tool_call_id":"call_01"/,
  'openai-responses': /"call_id":"call_01"[^}]*21 °C/,
  gemini: /"functionResponse":\{[^}]*"name":"weather"/,
}
const CALL = { id: 'call_01', name: 'weather', input: { place: 'Zürich' } }

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

const question = { model: MODEL, messages: [{ role: 'user' as const, content: 'Hi' }] }

async function read(): Promise<string> {
  let text = ''
  const chunks = await client().chat.completions.create({ ...question, stream: true })
  for await (const { choices } of chunks) text += choices[0]?.delta.content ?? ''
  return text
}

function ask(content: string): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return { model: 'demo', messages: [{ role: 'user', content }] }
}

describe.each(SERVED)('OpenAI’s SDK over %s', (vendor) => {
  test('a text', async () => {
    await start(vendor, say(vendor))
    const answer = await client().chat.completions.create(question)
    expect(answer).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there, friend.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    })
  })

  test('a text in pieces, with its usage', async () => {
    await start(vendor, say(vendor))
    const stream = client().chat.completions.stream({ ...question, stream_options: { include_usage: true } })
    const pieces: string[] = []
    stream.on('content', (piece) => pieces.push(piece))
    const answer = await stream.finalChatCompletion()
    expect(pieces.join('')).toBe('Hello there, friend.')
    expect(pieces.length).toBeGreaterThan(1)
    expect(answer.choices[0]?.finish_reason).toBe('stop')
    expect(answer.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 })
  })

  test('a tool, there and back', async () => {
    const up = await start(vendor, say(vendor, { text: 'It is sunny.' }))
    up.next(say(vendor, { text: 'I look it up.', call: CALL }))
    const first = await client()
      .chat.completions.stream({ ...question, tools: [WEATHER] })
      .finalChatCompletion()
    const [choice] = first.choices
    expect(choice?.finish_reason).toBe('tool_calls')
    const [call] = choice?.message.tool_calls ?? []
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather' } })
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ place: 'Zürich' })
    if (!choice) throw new Error('there is no choice')
    const second = await client().chat.completions.create({
      ...question,
      tools: [WEATHER],
      messages: [
        ...question.messages,
        choice.message,
        { role: 'tool', tool_call_id: call?.id ?? '', content: '21 °C' },
      ],
    })
    expect(second.choices[0]?.message.content).toBe('It is sunny.')
    const asked = up.calls[1]?.text
    expect(asked).toContain('21 °C')
    expect(asked).toMatch(RESULTS[vendor])
  })

  test('the SDK’s own loop of tools', async () => {
    const up = await start(vendor, say(vendor, { text: 'It is sunny.' }))
    up.next(say(vendor, { call: CALL }))
    const runner = client().chat.completions.runTools({
      ...question,
      tools: [
        {
          ...WEATHER,
          function: {
            ...WEATHER.function,
            parse: (input: string): unknown => JSON.parse(input),
            function: (input: unknown) => `asked for ${JSON.stringify(input)}`,
          },
        },
      ],
    })
    expect(await runner.finalContent()).toBe('It is sunny.')
    expect(JSON.stringify(up.calls.at(-1)?.body)).toContain('asked for {\\"place\\":\\"Zürich\\"}')
  })

  test('thinking, and the turn after it', async () => {
    const up = await start(vendor, say(vendor))
    up.next(say(vendor, { thinking: 'Let me see now.', text: 'Seen.' }))
    let thought = ''
    let text = ''
    const chunks = await client().chat.completions.create({ ...question, reasoning_effort: 'low', stream: true })
    for await (const { choices } of chunks) {
      const { content, reasoning_content: piece } = { reasoning_content: '', ...choices[0]?.delta }
      text += content ?? ''
      thought += piece
    }
    expect([thought, text]).toEqual(['Let me see now.', 'Seen.'])
    const assistant = { role: 'assistant' as const, content: text, reasoning_content: thought }
    const again = await client().chat.completions.create({
      ...question,
      messages: [...question.messages, assistant, { role: 'user', content: 'And?' }],
    })
    expect(again.choices[0]?.message.content).toBe('Hello there, friend.')
    expect(up.calls[1]?.text).toContain('Seen.')
  })

  const refusals: readonly (readonly [number, string, new (...args: never[]) => Error])[] = [
    [400, 'invalid_request_error', OpenAI.BadRequestError],
    [401, 'authentication_error', OpenAI.AuthenticationError],
    [403, 'permission_error', OpenAI.PermissionDeniedError],
    [404, 'not_found_error', OpenAI.NotFoundError],
    [422, 'invalid_request_error', OpenAI.UnprocessableEntityError],
    [429, 'rate_limit_error', OpenAI.RateLimitError],
    [500, 'api_error', OpenAI.InternalServerError],
  ]
  test.each([...refusals])('a refusal with %d', async (status, type, kind) => {
    await start(vendor, (call) => call.json(errorOf(vendor, type, 'No, because.'), status), { disableCooling: true })
    for (const stream of [true, false]) {
      const error = await thrownBy(client().chat.completions.create({ ...question, stream }))
      expect(error).toBeInstanceOf(kind)
      if (!(error instanceof OpenAI.APIError)) throw new Error('it is no error of the SDK')
      expect(error.message).toContain('No, because.')
      expect(error.status).toBe(status)
      expect(typeof error.type).toBe('string')
    }
  })

  test('a stream that fails, and one that breaks off', async () => {
    const up = await start(vendor, async (call) => {
      call.open()
      await call.write(streamOf(vendor).slice(0, 4).join('') + errorEvent(vendor, 'overloaded_error', 'Too busy'))
      call.end()
    })
    expect(String(await thrownBy(read()))).toContain('Too busy')
    up.always(async (call) => {
      call.open()
      await call.write(streamOf(vendor).slice(0, 4).join(''))
      call.destroy()
    })
    expect(await thrownBy(read())).toBeInstanceOf(OpenAI.APIError)
  })

  test('the older completions', async () => {
    const up = await start(vendor, say(vendor))
    const whole = await client().completions.create({ model: MODEL, prompt: 'Say hello', max_tokens: 50 })
    expect(whole).toMatchObject({
      object: 'text_completion',
      choices: [{ index: 0, text: 'Hello there, friend.', finish_reason: 'stop' }],
      usage: { prompt_tokens: 11, completion_tokens: 7 },
    })
    expect(up.calls[0]?.text).toContain('Say hello')
    let text = ''
    const stream = await client().completions.create({ model: MODEL, prompt: 'Say hello', stream: true })
    for await (const { choices } of stream) text += choices[0]?.text ?? ''
    expect(text).toBe('Hello there, friend.')
  })
})

describe('OpenAI’s SDK and the proxy itself', () => {
  test('the list of models', async () => {
    await start('anthropic', say('anthropic'))
    const ids: string[] = []
    for await (const { id } of client().models.list()) ids.push(id)
    expect(ids).toEqual([MODEL])
    expect(await client().models.retrieve(MODEL)).toMatchObject({ id: MODEL, object: 'model' })
  })

  test('a wrong key, an unknown model, a wrong field', async () => {
    await start('anthropic', say('anthropic'))
    const key = await thrownBy(client({ apiKey: 'wrong' }).chat.completions.create(question))
    expect(key).toBeInstanceOf(OpenAI.AuthenticationError)
    const unknown = await thrownBy(client().chat.completions.create({ ...question, model: 'some-modle' }))
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect(unknown).toMatchObject({ code: 'model_not_found', param: 'model' })
    const wrong = await thrownBy(client().chat.completions.create({ ...question, messages: [] }))
    expect(wrong).toBeInstanceOf(OpenAI.BadRequestError)
    expect(wrong).toMatchObject({ param: 'messages' })
    const prompts = await thrownBy(client().completions.create({ model: MODEL, prompt: ['a', 'b'] }))
    expect(prompts).toBeInstanceOf(OpenAI.BadRequestError)
  })

  test('every account at rest is a limit that tells when to come back', async () => {
    await start('anthropic', (call) =>
      call.json(errorOf('anthropic', 'rate_limit_error', 'Slow down'), 429, { 'retry-after': '30' }),
    )
    for (let at = 0; at < 2; at++) {
      const error = await thrownBy(client().chat.completions.create(question))
      expect(error).toBeInstanceOf(OpenAI.RateLimitError)
      if (error instanceof OpenAI.APIError) expect(Number(error.headers?.get('retry-after'))).toBeWithin(29, 31)
    }
    expect(upstream?.calls).toHaveLength(1)
  })

  test('the demo: a text, a thought and a tool, through the whole path', async () => {
    proxy = startProxy({ apiKeys: [CLIENT_KEY] })
    const text = await client().chat.completions.create(ask('echo this'))
    expect(text.choices[0]?.message.content).toContain('echo this')
    const thought = await client().chat.completions.create(ask('think hard'))
    expect(thought.choices[0]?.message).toMatchObject({ reasoning_content: expect.stringContaining('10 characters') })
    const call = await client().chat.completions.create({ ...ask('call weather'), tools: [WEATHER] })
    expect(call.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'weather', arguments: '{"place":"demo"}' } },
    ])
  })
})
