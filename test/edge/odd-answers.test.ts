import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { readObject } from '../../src/lib/json.ts'
import { beginningOf, errorEvent, errorOf, HELLO, PAIRS, SERVED, streamOf, SUCCESS, wholeOf } from '../kit/answers.ts'
import { textIn, wordsIn } from '../kit/client.ts'
import { accountAt, startProxy, type Read, type TestProxy } from '../kit/proxy.ts'
import { ask, PATHS } from '../kit/requests.ts'
import { eventsOf } from '../kit/sse.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function request(client: Protocol, vendor: Protocol, stream: boolean, script: Script): Promise<Read> {
  upstream = await startUpstream(script)
  proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
  return await proxy.ask(client, { stream })
}

/** The error of an answer in the client's shape. */
function errorIn(client: Protocol, { headers, body }: Read): Record<string, unknown> {
  expect(headers.get('content-type')).toBe('application/json')
  expect(body['type']).toBe(client === 'anthropic' ? 'error' : undefined)
  return readObject(body['error']) ?? {}
}

/** What the stream or the whole answer says. */
function saidIn(client: Protocol, { text, headers }: Read): string {
  return headers.get('content-type') === 'text/event-stream' ? wordsIn(client, text) : textIn(client, text)
}

/** What a client is told of an answer that is none. */
const NOTHING = /no JSON|ended its answer|broke off|empty/

/** The other two have no mark of the end that could stand alone. */
const MARKED: ReadonlySet<Protocol> = new Set<Protocol>(['anthropic', 'openai-chat'])

describe.each(PAIRS)('%s from %s: the upstream answers otherwise than it was asked', (client, vendor) => {
  // Gemini's streams end with their connection, and with nothing else.
  test.if(vendor !== 'gemini')(
    'a stream whose connection stays open after its end, to a wish for a whole answer',
    async () => {
      const read = await request(client, vendor, false, (call) => {
        call.open()
        void call.write(streamOf(vendor).join(''))
      })
      expect(read.status).toBe(200)
      expect(saidIn(client, read)).toBe('Hello there, friend.')
    },
  )

  test.each(['application/json', 'application/json; charset=utf-8', 'text/plain', 'text/event-stream'])(
    'a whole answer as %s to a wish for a stream',
    async (type) => {
      const read = await request(client, vendor, true, (call) => call.text200(JSON.stringify(wholeOf(vendor)), type))
      expect(read.headers.get('content-type')).toBe('text/event-stream')
      expect(saidIn(client, read)).toBe('Hello there, friend.')
      expect(read.text).toMatch(SUCCESS[client])
    },
  )

  test.each(['text/event-stream', 'text/event-stream; charset=utf-8'])(
    'a stream as %s to a wish for a whole answer',
    async (type) => {
      const read = await request(client, vendor, false, (call) => call.text200(streamOf(vendor).join(''), type))
      expect(read.headers.get('content-type')).toBe('application/json')
      expect(read.status).toBe(200)
      expect(saidIn(client, read)).toBe('Hello there, friend.')
    },
  )

  test('a stream under another name to a wish for a stream', async () => {
    const read = await request(client, vendor, true, (call) => call.text200(streamOf(vendor).join(''), 'text/plain'))
    expect(saidIn(client, read)).toBe('Hello there, friend.')
    expect(read.text).toMatch(SUCCESS[client])
  })

  test('a stream that breaks off to a wish for a whole answer is no answer', async () => {
    const read = await request(client, vendor, false, (call) =>
      call.text200(beginningOf(vendor).join(''), 'text/event-stream'),
    )
    expect(read.status).toBe(502)
    expect(errorIn(client, read)['message']).toMatch(/ended its answer before it was complete/)
  })

  describe.each([true, false])('stream: %p', (stream) => {
    const nothings: readonly [string, Script, RegExp][] = [
      ['a web page', (call) => call.text200('<!doctype html><html><body>Welcome</body></html>', 'text/html'), NOTHING],
      [
        'a web page that claims to be a stream',
        (call) => call.text200('<html><body>Welcome</body></html>', 'text/event-stream'),
        NOTHING,
      ],
      [
        'a web page that claims to be JSON',
        (call) => call.text200('<html><body>Welcome</body></html>', 'application/json'),
        NOTHING,
      ],
      ['nothing', (call) => call.text200('', 'application/json'), NOTHING],
      ['nothing as a stream', (call) => call.text200('', 'text/event-stream'), NOTHING],
      ['no body', (call) => call.json(undefined, 204), NOTHING],
      ['an array', (call) => call.text200('[]', 'application/json'), NOTHING],
      ['an empty object', (call) => call.text200('{}', 'application/json'), /./],
      [
        'half an object',
        (call) => call.text200(JSON.stringify(wholeOf(vendor)).slice(0, 90), 'application/json'),
        NOTHING,
      ],
    ]
    test.each(nothings)('%s is an error of the upstream', async (_name, script, message) => {
      const read = await request(client, vendor, stream, script)
      expect(read.status).toBe(502)
      expect(errorIn(client, read)['message']).toMatch(message)
    })

    test.each(['application/json', 'text/event-stream', 'text/plain'])(
      'an error under status 200 as %s',
      async (type) => {
        const body = JSON.stringify(errorOf(vendor, 'rate_limit_error', 'Slow down, please'))
        const read = await request(client, vendor, stream, (call) => call.text200(body, type))
        expect(errorIn(client, read)['message']).toBe('Slow down, please')
        expect(read.status).toBeGreaterThanOrEqual(400)
      },
    )

    test('a redirect is not followed', async () => {
      const read = await request(client, vendor, stream, (call) => call.json({}, 307, { location: '/elsewhere' }))
      expect(read.status).toBe(502)
      expect(upstream.calls).toHaveLength(1)
      expect(String(errorIn(client, read)['message'])).not.toBe('')
    })
  })

  test('an error as the first event of a stream', async () => {
    const read = await request(client, vendor, true, (call) =>
      call.text200(errorEvent(vendor, 'overloaded_error', 'Overloaded, sorry'), 'text/event-stream'),
    )
    expect(errorIn(client, read)['message']).toBe('Overloaded, sorry')
    expect(read.status).toBeGreaterThanOrEqual(500)
  })

  test('comments and blank lines before the first event do no harm', async () => {
    const read = await request(client, vendor, true, async (call) => {
      call.open()
      await call.write(': processing\n\n\n\r\n: more\n\n')
      await call.write(streamOf(vendor, undefined, call).join(''))
      call.end()
    })
    expect(saidIn(client, read)).toBe('Hello there, friend.')
  })

  test.if(MARKED.has(vendor))('a mark of the end and nothing before it', async () => {
    const read = await request(client, vendor, true, (call) =>
      call.text200(streamOf(vendor).at(-1) ?? '', 'text/event-stream'),
    )
    expect(read.status).toBe(502)
    expect(errorIn(client, read)['message']).toMatch(/without saying anything|before it began/)
  })

  test('a compressed answer', async () => {
    const packed = Bun.gzipSync(JSON.stringify(wholeOf(vendor)))
    const read = await request(client, vendor, false, (call) =>
      call.bytes(packed, { 'content-encoding': 'gzip', 'content-type': 'application/json' }),
    )
    expect(saidIn(client, read)).toBe('Hello there, friend.')
    expect(read.headers.get('content-encoding')).toBeNull()
  })
})

function usageIn(text: string): readonly string[] {
  return eventsOf(text)
    .map(({ data }) => data)
    .filter((data) => data.includes('"usage":{'))
}

describe('the usage that only the proxy asked for', () => {
  test('is asked for, counted, and hidden from a client that did not', async () => {
    const read = await request('openai-chat', 'openai-chat', true, async (call) => {
      call.open()
      for (const event of streamOf('openai-chat', undefined, call)) await call.write(event)
      call.end()
    })
    expect(upstream.calls[0]?.body['stream_options']).toEqual({ include_usage: true })
    expect(usageIn(read.text)).toEqual([])
    expect(read.text).toBe(streamOf('openai-chat').join(''))
    expect(proxy.log()).toContain('"input":11,"output":7')
  })

  test('is hidden also when it comes in one read with everything else', async () => {
    const read = await request('openai-chat', 'openai-chat', true, (call) =>
      call.text200(streamOf('openai-chat', undefined, call).join(''), 'text/event-stream'),
    )
    expect(usageIn(read.text)).toEqual([])
    expect(eventsOf(read.text)).toEqual(eventsOf(streamOf('openai-chat').join('')))
  })

  test('is hidden also as the last thing of a stream without an end', async () => {
    const read = await request('openai-chat', 'openai-chat', true, (call) =>
      call.text200(streamOf('openai-chat', undefined, call).slice(0, -1).join('').trimEnd(), 'text/event-stream'),
    )
    expect(usageIn(read.text)).toEqual([])
    expect(saidIn('openai-chat', read)).toBe('Hello there, friend.')
  })

  test.each(SERVED)('reaches a Chat client that asked, from %s', async (vendor) => {
    upstream = await startUpstream((call) => call.text200(streamOf(vendor, HELLO, call).join(''), 'text/event-stream'))
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
    const body = ask('openai-chat', { stream: true, stream_options: { include_usage: true } })
    const read = await proxy.post(PATHS['openai-chat'], body)
    expect(usageIn(read.text)).toHaveLength(1)
    expect(JSON.parse(usageIn(read.text)[0] ?? '')).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    })
  })
})
