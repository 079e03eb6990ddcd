import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fields } from '../../src/lib/json.ts'
import { say, SERVED, wholeOf } from '../kit/answers.ts'
import { accountAt, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { openSocket } from '../kit/socket.ts'
import { eventsOf } from '../kit/sse.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const PATH = '/v1/responses'
const ALICE = { authorization: 'Bearer key-of-alice' }
const BOB = { authorization: 'Bearer key-of-bob' }

let folder: string
let upstream: Upstream
let proxy: TestProxy

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliproxy-conversation-'))
})

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
  rmSync(folder, { recursive: true, force: true })
})

function startWith(own: ProxyOptions): void {
  proxy = startProxy({
    authDir: folder,
    apiKeys: ['key-of-alice', 'key-of-bob'],
    responsesStore: { ttlHours: 1, megabytesMax: 16 },
    ...own,
  })
}

/** Two upstream models of two protocols. */
async function startBoth(script?: Script): Promise<void> {
  upstream = await startUpstream(script ?? ((call) => say(protocolOf(call.path))(call)))
  startWith({
    accounts: SERVED.map((protocol) =>
      accountAt(upstream.url, protocol, { models: [{ name: 'up', alias: protocol }] }),
    ),
  })
}

function protocolOf(path: string): (typeof SERVED)[number] {
  if (path.endsWith('/messages')) return 'anthropic'
  if (path.endsWith('/chat/completions')) return 'openai-chat'
  return path.endsWith('/responses') ? 'openai-responses' : 'gemini'
}

/** Asks and gives the answer's object, streamed or not. */
async function ask(body: Fields, headers = ALICE): Promise<Fields> {
  const read = await proxy.post(PATH, body, headers)
  expect(read.status).toBe(200)
  return body['stream'] === true ? JSON.parse(eventsOf(read.text).at(-1)?.data ?? '{}').response : read.body
}

const PAIRS = SERVED.flatMap((first) => SERVED.map((second) => [first, second] as const))

describe.each(PAIRS)('an answer of %s, and a question to %s', (first, second) => {
  test.each([false, true])('goes on from it (stream: %p)', async (stream) => {
    await startBoth()
    const { id } = await ask({ model: first, stream, input: 'First question' })
    const next = await ask({ model: second, stream, previous_response_id: id, input: 'Second question' })
    const { text } = await upstream.call(1)
    const places = ['First question', 'Hello there, friend.', 'Second question'].map((words) => text.indexOf(words))
    expect(places.every((place, at) => place > (places[at - 1] ?? -1))).toBe(true)
    expect(text).not.toContain('previous_response_id')
    if (second !== 'openai-responses') expect(next['previous_response_id']).toBe(id)
  })
})

describe('an answer that was kept', () => {
  test('is the third’s to build on as well', async () => {
    await startBoth()
    const first = await ask({ model: 'anthropic', input: 'One' })
    const second = await ask({ model: 'openai-chat', previous_response_id: first['id'], input: 'Two' })
    await ask({ model: 'openai-chat', previous_response_id: second['id'], input: 'Three' })
    const said = [{ role: 'assistant', content: 'Hello there, friend.' }]
    expect((await upstream.call(2)).body['messages']).toEqual([
      { role: 'user', content: 'One' },
      ...said,
      { role: 'user', content: 'Two' },
      ...said,
      { role: 'user', content: 'Three' },
    ])
  })

  test('can be built on twice', async () => {
    await startBoth()
    const { id } = await ask({ model: 'anthropic', input: 'One' })
    await ask({ model: 'openai-chat', previous_response_id: id, input: 'Two' })
    await ask({ model: 'openai-chat', previous_response_id: id, input: 'Another two' })
    expect((await upstream.call(2)).text).not.toContain('"Two"')
  })

  test('of a vendor that names the one before, names it as the client did', async () => {
    await startBoth(async (call) => {
      const answer = { ...wholeOf('openai-responses'), id: `resp_${upstream.calls.length}`, previous_response_id: null }
      if (call.body['stream'] !== true) {
        call.json(answer)
        return
      }
      call.open()
      await call.write(`data: ${JSON.stringify({ type: 'response.created', response: answer })}\n\n`)
      await call.write(`data: ${JSON.stringify({ type: 'response.completed', response: answer })}\n\n`)
      call.end()
    })
    const { id } = await ask({ model: 'openai-responses', input: 'One' })
    for (const stream of [false, true]) {
      const next = await ask({ model: 'openai-responses', stream, previous_response_id: id, input: 'Two' })
      expect(next['previous_response_id']).toBe(id)
    }
  })

  test('of a vendor that gives all answers one id is the whole conversation', async () => {
    await startBoth()
    const { id } = await ask({ model: 'openai-responses', input: 'One' })
    for (const input of ['Two', 'Three'])
      expect(await ask({ model: 'openai-responses', previous_response_id: id, input })).toMatchObject({ id })
    const { text } = await upstream.call(2)
    expect(['One', 'Two', 'Three'].filter((word) => !text.includes(word))).toEqual([])
  })

  test('is made of its items where the last event has none', async () => {
    const item = {
      type: 'message',
      id: 'msg_9',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Told before' }],
    }
    await startBoth(async (call) => {
      const answer = { ...wholeOf('openai-responses'), output: [] }
      call.open()
      await call.write(`data: ${JSON.stringify({ type: 'response.created', response: answer })}\n\n`)
      await call.write(`data: ${JSON.stringify({ type: 'response.output_item.done', output_index: 0, item })}\n\n`)
      await call.write(`data: ${JSON.stringify({ type: 'response.completed', response: answer })}\n\n`)
      call.end()
    })
    const { id } = await ask({ model: 'openai-responses', stream: true, input: 'One' })
    await proxy.post(PATH, { model: 'openai-responses', stream: true, previous_response_id: id, input: 'Two' }, ALICE)
    expect((await upstream.call(1)).text).toContain('Told before')
  })

  test('is known after a restart', async () => {
    await startBoth()
    const { id } = await ask({ model: 'anthropic', input: 'One' })
    const { accounts } = proxy.context.config()
    await proxy.stop()
    startWith({ accounts })
    await ask({ model: 'openai-chat', previous_response_id: id, input: 'Two' })
    expect((await upstream.call(1)).text).toContain('"One"')
  })

  test('counts where tokens are counted', async () => {
    await startBoth()
    const { id } = await ask({ model: 'anthropic', input: 'word '.repeat(1000) })
    const question = { model: 'openai-chat', previous_response_id: id, input: 'Two' }
    const { body } = await proxy.post(`${PATH}/input_tokens`, question, ALICE)
    expect(Number(body['input_tokens'])).toBeGreaterThan(900)
  })

  test('is known on a socket, and an answer of a socket elsewhere unless it was not to be stored', async () => {
    await startBoth()
    const { id } = await ask({ model: 'anthropic', input: 'One' })
    const socket = await openSocket(proxy.url + PATH, ALICE)
    const events = await socket.ask({ model: 'openai-chat', previous_response_id: id, input: 'Two' })
    const stored = JSON.parse(JSON.stringify(events.at(-1))).response.id
    await ask({ model: 'openai-chat', previous_response_id: stored, input: 'Three' })
    expect((await upstream.call(2)).text).toContain('"One"')
    const [...others] = await socket.ask({ model: 'gemini', store: false, input: 'Secret' })
    const unstored = JSON.parse(JSON.stringify(others.at(-1))).response.id
    const read = await proxy.post(PATH, { model: 'anthropic', previous_response_id: unstored, input: 'Go' }, ALICE)
    expect(read.status).toBe(400)
  })

  test('lends its items to whoever names them', async () => {
    await startBoth()
    const { output } = await ask({ model: 'openai-responses', input: 'One' })
    const [item] = Array.isArray(output) ? output : []
    const input = [
      { role: 'user', content: 'One' },
      { type: 'item_reference', id: item.id },
      { role: 'user', content: 'Two' },
    ]
    await ask({ model: 'openai-chat', input })
    expect((await upstream.call(1)).body['messages']).toEqual([
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Hello there, friend.' },
      { role: 'user', content: 'Two' },
    ])
    const read = await proxy.post(PATH, { model: 'openai-chat', input }, BOB)
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { code: 'item_not_found' } })
  })
})

describe('an answer that is not known', () => {
  test.each<[string, Fields, Record<string, string>]>([
    ['that was not to be stored', { store: false }, ALICE],
    ['that another key made', {}, BOB],
  ])('%s is refused where another vendor is asked', async (_name, own, headers) => {
    await startBoth()
    const { id } = await ask({ model: 'anthropic', input: 'One', ...own })
    const body = { model: 'openai-chat', previous_response_id: id, input: 'Two' }
    const read = await proxy.post(PATH, body, headers)
    expect(read.status).toBe(400)
    expect(read.body).toMatchObject({ error: { code: 'previous_response_not_found', param: 'previous_response_id' } })
    expect(upstream.calls.length).toBe(1)
  })

  test('may be known to the vendor that is asked', async () => {
    await startBoth()
    await ask({ model: 'openai-responses', previous_response_id: 'resp_of_the_vendor', input: 'Two' })
    expect((await upstream.call(0)).body).toMatchObject({ previous_response_id: 'resp_of_the_vendor' })
  })

  test('nothing is kept while the store is off, nor of an answer that failed', async () => {
    await startBoth((call) => call.json({ error: { message: 'no' } }, 500))
    expect((await proxy.post(PATH, { model: 'anthropic', input: 'One' }, ALICE)).status).toBe(500)
    proxy.change({ responsesStore: { ttlHours: 0, megabytesMax: 16 } })
    upstream.always(say('openai-chat'))
    await ask({ model: 'openai-chat', input: 'One' })
    await proxy.context.responses.close()
    expect(existsSync(join(folder, '.cliproxy'))).toBe(false)
  })

  test('a conversation that is too long is refused', async () => {
    await startBoth()
    const { id } = await ask({ model: 'anthropic', input: 'x'.repeat(10_000) })
    proxy.change({ bodyBytesMax: 5000 })
    const read = await proxy.post(PATH, { model: 'anthropic', previous_response_id: id, input: 'Two' }, ALICE)
    expect(read.status).toBe(413)
  })
})

describe('what is asked about an answer', () => {
  test('it is shown, its input is listed, and it is forgotten', async () => {
    await startBoth()
    const input = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }))
    const answer = await ask({ model: 'anthropic', input })
    const path = `${PATH}/${String(answer['id'])}`
    expect((await proxy.get(path, ALICE)).body).toEqual(answer)
    const page = await proxy.get(`${path}/input_items?order=asc&limit=2`, ALICE)
    expect(page.body).toMatchObject({ object: 'list', data: input.slice(0, 2), has_more: true })
    const rest = await proxy.get(`${path}/input_items?order=asc&after=${String(page.body['last_id'])}`, ALICE)
    expect(rest.body).toMatchObject({ data: input.slice(2), has_more: false })
    expect((await proxy.get(`${path}/input_items`, ALICE)).body).toMatchObject({ data: input.toReversed() })
    expect((await proxy.get(path, BOB)).status).toBe(404)
    const deleted = await proxy.fetch(path, { method: 'DELETE', headers: ALICE })
    expect(await deleted.json()).toEqual({ id: answer['id'], object: 'response', deleted: true })
    expect((await proxy.fetch(path, { method: 'DELETE', headers: ALICE })).status).toBe(404)
    const gone = await proxy.get(path, ALICE)
    expect(gone.status).toBe(404)
    expect(gone.body).toMatchObject({ error: { type: 'invalid_request_error', code: 'response_not_found' } })
    expect((await proxy.get(path)).status).toBe(401)
  })
})

test('a long question of a conversation is mended for a login of Codex as a short one is', async () => {
  upstream = await startUpstream(say('openai-responses'))
  const login = { provider: 'codex-oauth', baseUrl: upstream.url }
  startWith({ accounts: [accountAt(upstream.url, 'openai-responses', login)] })
  const { id } = await ask({ model: MODEL, input: 'One' })
  const input = [
    { role: 'user', content: 'Hi '.repeat(20_000) },
    { role: 'system', content: 'Be brief' },
  ]
  await ask({ store: false, model: MODEL, stream: true, previous_response_id: id, input })
  expect((await upstream.call(1)).text).toContain('"role":"developer","content":"Be brief"')
})

test('an answer that its vendor makes in the background is not taken for one', async () => {
  const queued = { id: 'resp_queued', object: 'response', status: 'queued', output: [] }
  await startBoth((call) => call.json(queued))
  expect(await ask({ model: 'openai-responses', background: true, input: 'One' })).toEqual(queued)
  expect((await proxy.get(`${PATH}/resp_queued`, ALICE)).status).toBe(404)
})

describe('an answer that nobody knows', () => {
  test.each(['codex-oauth', 'xai'])('is refused for %s, which keeps none', async (provider) => {
    upstream = await startUpstream(say('openai-responses'))
    startWith({ accounts: [accountAt(upstream.url, 'openai-responses', { provider })] })
    for (const stream of [false, true]) {
      const body = { model: MODEL, stream, previous_response_id: 'resp_of_nobody', input: 'Go on' }
      const { status, body: told } = await proxy.post(PATH, body, ALICE)
      expect(status).toBe(400)
      expect(told['error']).toMatchObject({
        type: 'invalid_request_error',
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      })
    }
    expect(upstream.calls).toEqual([])
  })

  test('is asked for where a vendor of Responses may know it', async () => {
    await startBoth()
    await ask({ model: 'openai-responses', previous_response_id: 'resp_of_the_vendor', input: 'Go on' })
    expect((await upstream.call(0)).body['previous_response_id']).toBe('resp_of_the_vendor')
  })
})
