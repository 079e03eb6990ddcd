import { afterEach, describe, expect, test } from 'bun:test'
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type Content } from '@google/genai'
import type { Protocol } from '../../src/ir/protocol.ts'
import { errorOf, say, SERVED } from '../kit/answers.ts'
import { brokenStream, failingStream, thrownBy } from '../kit/failing.ts'
import { accountAt, CLIENT_KEY, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const WEATHER = {
  name: 'weather',
  description: 'The weather of a place',
  parametersJsonSchema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
}
const TOOLS = [{ functionDeclarations: [WEATHER] }]
const CALL = { id: 'call_01', name: 'weather', input: { place: 'Zürich' } }
const question = { model: MODEL, contents: 'Hi' }

let upstream: Upstream | undefined
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream?.stop()
  upstream = undefined
})

interface Own {
  readonly apiKey?: string
  readonly apiVersion?: string
  readonly vertexai?: boolean
}

function client({ apiVersion, ...own }: Own = {}): GoogleGenAI {
  return new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: proxy.url, apiVersion }, ...own })
}

async function start(vendor: Protocol, script: Script, options: ProxyOptions = {}): Promise<Upstream> {
  upstream = await startUpstream(script)
  proxy = startProxy({ apiKeys: [CLIENT_KEY], accounts: [accountAt(upstream.url, vendor)], ...options })
  return upstream
}

async function readAll(own?: Own): Promise<{ text: string; pieces: number; reason: unknown; tokens: unknown }> {
  let text = ''
  let pieces = 0
  let reason: unknown
  let tokens: unknown
  for await (const chunk of await client(own).models.generateContentStream(question)) {
    const piece = chunk.candidates?.[0]?.content?.parts?.map((part) => part.text ?? '').join('') ?? ''
    if (piece !== '') pieces++
    text += piece
    reason = chunk.candidates?.[0]?.finishReason ?? reason
    tokens = chunk.usageMetadata?.candidatesTokenCount ?? tokens
  }
  return { text, pieces, reason, tokens }
}

describe.each(SERVED)('Google’s SDK over %s', (vendor) => {
  test.each<[string, Own]>([
    ['as it is', {}],
    ['of the older version', { apiVersion: 'v1beta' }],
    ['of Vertex AI', { vertexai: true }],
  ])('a text, whole and in pieces: %s', async (_name, own) => {
    await start(vendor, say(vendor))
    const answer = await client(own).models.generateContent(question)
    expect(answer.text).toBe('Hello there, friend.')
    expect(String(answer.candidates?.[0]?.finishReason)).toBe('STOP')
    expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 })
    const { text, pieces, reason, tokens } = await readAll(own)
    expect([text, reason, tokens]).toEqual(['Hello there, friend.', 'STOP', 7])
    expect(pieces).toBeGreaterThan(1)
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
    expect((await readAll()).text).toBe('Hello there, friend.')
  })

  test('a tool, there and back', async () => {
    const up = await start(vendor, say(vendor, { text: 'It is sunny.' }))
    up.next(say(vendor, { text: 'I look it up.', call: CALL }))
    const config = {
      tools: TOOLS,
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
    }
    const first = await client().models.generateContent({ ...question, config })
    const [call] = first.functionCalls ?? []
    expect(call).toMatchObject({ name: 'weather', args: { place: 'Zürich' } })
    const said = first.candidates?.[0]?.content
    if (!said) throw new Error('there is no content')
    const contents: Content[] = [
      { role: 'user', parts: [{ text: 'Hi' }] },
      said,
      { role: 'user', parts: [{ functionResponse: { id: call?.id, name: 'weather', response: { output: '21 °C' } } }] },
    ]
    const second = await client().models.generateContent({ model: MODEL, contents, config })
    expect(second.text).toBe('It is sunny.')
    expect(up.calls[1]?.text).toContain('21 °C')
  })

  test('the SDK’s own chat: thinking, and the turn after it', async () => {
    const up = await start(vendor, say(vendor))
    up.next(say(vendor, { thinking: 'Let me see now.', text: 'Seen.' }))
    const config = { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } }
    const chat = client().chats.create({ model: MODEL, config })
    let thought = ''
    let text = ''
    for await (const chunk of await chat.sendMessageStream({ message: 'Hi' })) {
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
        if (part.thought === true) thought += part.text ?? ''
        else text += part.text ?? ''
      }
    }
    expect([thought, text]).toEqual(['Let me see now.', 'Seen.'])
    const again = await chat.sendMessage({ message: 'And?' })
    expect(again.text).toBe('Hello there, friend.')
    const asked = up.calls[1]?.text
    expect(asked).not.toContain('seal.v1')
    expect(asked).not.toContain('c2VhbC52MS')
    expect(asked).toContain('Seen.')
    if (vendor !== 'openai-chat') expect(asked).toContain('c2lnbmF0dXJl')
  })

  test.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
  ])('a refusal with %d', async (status, type) => {
    await start(vendor, (call) => call.json(errorOf(vendor, type, 'No, because.'), status), { disableCooling: true })
    for (const ask of [() => client().models.generateContent(question), () => readAll()]) {
      const error = await thrownBy(ask())
      expect(error).toBeInstanceOf(ApiError)
      expect(error).toMatchObject({ status })
      expect(String(error)).toContain('No, because.')
    }
  })

  test('a stream that fails, and one that breaks off', async () => {
    const up = await start(vendor, failingStream(vendor), { disableCooling: true })
    expect(String(await thrownBy(readAll()))).toContain('Too busy')
    up.always(brokenStream(vendor))
    expect(String(await thrownBy(readAll()))).toMatch(/broke off|ended its answer before/)
  })

  test('tokens', async () => {
    await start(vendor, (call) => call.json({ input_tokens: 12, totalTokens: 12 }))
    const { totalTokens } = await client().models.countTokens(question)
    expect(totalTokens).toBeWithin(5, 20)
  })
})

describe('Google’s SDK and the proxy itself', () => {
  test('the list of models', async () => {
    await start('openai-chat', say('openai-chat'))
    for (const own of [{}, { apiVersion: 'v1beta' }, { vertexai: true }]) {
      const names: unknown[] = []
      for await (const { name } of await client(own).models.list({ config: { pageSize: 1 } })) names.push(name)
      expect(names).toEqual([`models/${MODEL}`])
      expect(await client(own).models.get({ model: MODEL })).toMatchObject({ name: `models/${MODEL}` })
    }
  })

  test('a wrong key, an unknown model, a wrong field, a method that is not served', async () => {
    await start('openai-chat', say('openai-chat'))
    const asked: readonly (readonly [number, () => Promise<unknown>])[] = [
      [401, () => client({ apiKey: 'wrong' }).models.generateContent(question)],
      [404, () => client().models.generateContent({ ...question, model: 'some-modle' })],
      [501, () => client().models.embedContent({ model: MODEL, contents: 'Hi' })],
    ]
    for (const [status, ask] of asked) expect(await thrownBy(ask())).toMatchObject({ status })
  })

  test('the demo: a text, a thought and a tool, through the whole path', async () => {
    proxy = startProxy({ apiKeys: [CLIENT_KEY] })
    const { models } = client()
    const text = await models.generateContent({ model: 'demo', contents: 'echo this' })
    expect(text.text).toContain('echo this')
    const thought = await models.generateContent({ model: 'demo', contents: 'think hard' })
    expect(thought.candidates?.[0]?.content?.parts?.[0]).toMatchObject({ thought: true })
    const call = await models.generateContent({ model: 'demo', contents: 'call weather', config: { tools: TOOLS } })
    expect(call.functionCalls).toMatchObject([{ name: 'weather', args: { place: 'demo' } }])
  })
})
