import { afterEach, describe, expect, test } from 'bun:test'
import type { Account } from '../../src/accounts/account.ts'
import type { Protocol } from '../../src/ir/protocol.ts'
import { readObject, type Fields } from '../../src/lib/json.ts'
import { errorOf, say } from '../kit/answers.ts'
import { accountAt, startProxy, type Read, type TestProxy } from '../kit/proxy.ts'
import { ask, MODEL, turns } from '../kit/requests.ts'
import { startUpstream, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function start(vendor: Protocol, account: Partial<Account> = {}): Promise<void> {
  upstream = await startUpstream(say(vendor))
  proxy = startProxy({ accounts: [accountAt(upstream.url, vendor, account)] })
}

/** Chat has no endpoint that counts. */
type Counting = Exclude<Protocol, 'openai-chat'>
const CLIENTS: readonly Counting[] = ['anthropic', 'openai-responses', 'gemini']
const PAIRS = CLIENTS.flatMap((client) => CLIENTS.map((vendor) => [client, vendor] as const)).filter(
  // Of Responses upstreams only OpenAI itself is known to count; their own clients ask for it by name.
  ([client, vendor]) => vendor !== 'openai-responses' || client === vendor,
)

const PATHS: Readonly<Record<Counting, string>> = {
  anthropic: '/v1/messages/count_tokens',
  'openai-responses': '/v1/responses/input_tokens',
  gemini: `/v1beta/models/${MODEL}:countTokens`,
}

const UPSTREAM_PATHS: Readonly<Record<Counting, string>> = {
  ...PATHS,
  gemini: '/v1beta/models/upstream-model:countTokens',
}

function question(client: Protocol): Fields {
  return ask(client, turns(client, 'How many tokens are these?'))
}

/** A vendor's answer. */
function countOf(vendor: Counting, tokens: number): Fields {
  switch (vendor) {
    case 'anthropic':
      return { input_tokens: tokens }
    case 'openai-responses':
      return { object: 'response.input_tokens', input_tokens: tokens }
    case 'gemini':
      return { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] }
  }
}

function tokensIn({ body }: Read): number {
  return Number(body['input_tokens'] ?? body['totalTokens'])
}

function asked(): UpstreamCall {
  const call = upstream.calls.at(-1)
  if (!call) throw new Error('the upstream was not asked')
  return call
}

describe.each(PAIRS)('a count for %s', (client, vendor) => {
  test(`is asked of ${vendor}, and told in the client’s form`, async () => {
    await start(vendor)
    upstream.always((call) => call.json(countOf(vendor, 4711)))
    const read = await proxy.post(PATHS[client], question(client))
    expect(read.body).toEqual(countOf(client, 4711))
    expect(asked().path).toBe(UPSTREAM_PATHS[vendor])
    if (vendor !== 'gemini') expect(asked().body['model']).toBe('upstream-model')
    for (const refused of ['max_tokens', 'stream', 'max_output_tokens', 'store'])
      expect(client === vendor ? undefined : asked().body[refused]).toBeUndefined()
    expect(asked().text).toContain('How many tokens are these?')
  })

  test.each([404, 405, 501])(`is estimated where ${vendor} has no such endpoint (%d)`, async (status) => {
    await start(vendor)
    upstream.next((call) => call.json(errorOf(vendor, 'not_found_error', 'Not found'), status))
    const read = await proxy.post(PATHS[client], question(client))
    expect(read.status).toBe(200)
    expect(tokensIn(read)).toBeWithin(5, 20)
    expect(read.body).toEqual(countOf(client, tokensIn(read)))
    // That costs the account nothing.
    expect((await proxy.ask(client)).status).toBe(200)
  })

  test('an answer without a count is a failure', async () => {
    await start(vendor)
    upstream.always((call) => call.text200('<html></html>', 'text/html'))
    const read = await proxy.post(PATHS[client], question(client))
    expect(read.status).toBe(502)
    expect(readObject(read.body['error'])).toMatchObject({ message: expect.stringContaining('input_tokens') })
  })

  test('an answer that breaks off is a failure, and the next account is asked', async () => {
    await start(vendor)
    proxy.change({ accounts: ['first', 'second'].map((id) => accountAt(upstream.url, vendor, { id })) })
    upstream.next(async (call) => {
      call.open({ 'content-type': 'application/json' })
      await call.write('{"input_tokens":')
      call.destroy()
    })
    upstream.always((call) => call.json(countOf(vendor, 4711)))
    const read = await proxy.post(PATHS[client], question(client))
    expect(read.body).toEqual(countOf(client, 4711))
    expect(upstream.calls).toHaveLength(2)
  })

  test('a refusal is the client’s, if it is the client’s own words that are refused', async () => {
    await start(vendor)
    upstream.always((call) => call.json(errorOf(vendor, 'invalid_request_error', 'messages: bad'), 400))
    const read = await proxy.post(PATHS[client], question(client))
    expect(read.status).toBe(client === vendor ? 400 : 200)
    if (client === vendor) expect(read.body).toMatchObject({ error: { message: 'messages: bad' } })
  })
})

describe.each(CLIENTS)('a count for %s', (client) => {
  test.each((['openai-chat', 'openai-responses'] as const).filter((vendor) => vendor !== client))(
    'is estimated for an upstream of %s that does not count',
    async (vendor) => {
      await start(vendor)
      const read = await proxy.post(PATHS[client], question(client))
      expect(read.status).toBe(200)
      expect(read.body).toEqual(countOf(client, tokensIn(read)))
      expect(tokensIn(read)).toBeWithin(5, 20)
      expect(upstream.calls).toHaveLength(0)
    },
  )

  test('a model that nobody serves, and a body that is wrong', async () => {
    await start(client)
    const path = PATHS[client].replace(MODEL, 'nobody')
    expect((await proxy.post(path, { ...question(client), model: 'nobody' })).status).toBe(404)
    expect((await proxy.post(PATHS[client], '{')).status).toBe(400)
  })
})

describe('Gemini’s own count', () => {
  const { contents } = turns('gemini', 'How many?')
  const systemInstruction = { parts: [{ text: 'Be brief.' }] }
  const inner = { contents, systemInstruction }

  test.each<[string, Fields, Fields]>([
    ['contents alone go as they are', { contents }, { contents }],
    ['a whole request is wrapped', inner, { generateContentRequest: { ...inner, model: 'models/upstream-model' } }],
    [
      'one that is wrapped gets the upstream’s model',
      { generateContentRequest: { model: `models/${MODEL}`, ...inner } },
      { generateContentRequest: { ...inner, model: 'models/upstream-model' } },
    ],
    [
      'in the other spelling too',
      { generate_content_request: { model: `models/${MODEL}`, ...inner } },
      { generateContentRequest: { ...inner, model: 'models/upstream-model' } },
    ],
  ])('%s', async (_name, body, sent) => {
    await start('gemini')
    const told = { ...countOf('gemini', 7), cachedContentTokenCount: 3 }
    upstream.always((call) => call.json(told))
    expect((await proxy.post(PATHS.gemini, body)).body).toEqual(told)
    expect(asked().body).toEqual(sent)
  })

  test('is estimated from a wrapped request too', async () => {
    await start('openai-chat')
    const read = await proxy.post(PATHS.gemini, { generateContentRequest: inner })
    expect(tokensIn(read)).toBeWithin(5, 20)
  })

  test('of Vertex AI takes what it knows, without a wrapping', async () => {
    await start('gemini', { provider: 'vertex' })
    upstream.always((call) => call.json(countOf('gemini', 7)))
    const safetySettings = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }]
    const read = await proxy.post(PATHS.gemini, { generateContentRequest: { ...inner, safetySettings } })
    expect(tokensIn(read)).toBe(7)
    expect(asked().path).toBe('/v1/publishers/google/models/upstream-model:countTokens')
    expect(asked().body).toEqual(inner)
  })
})
