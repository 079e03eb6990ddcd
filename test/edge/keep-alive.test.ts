import { afterEach, describe, expect, test } from 'bun:test'
import { SERVED, errorOf, say, streamOf, type Served } from '../kit/answers.ts'
import { accountAt, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { ask, PATHS } from '../kit/requests.ts'
import { eventsOf, readStream, type StreamReading } from '../kit/sse.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const PAIRS = SERVED.flatMap((client) => SERVED.map((vendor) => [client, vendor] as const))
const SHORT: ProxyOptions = { keepAliveSeconds: 0.02, nonstreamKeepAliveSeconds: 0.02 }

/** The one form that every client of the protocol survives. */
const FORMS: Readonly<Record<Served, string>> = {
  anthropic: 'event: ping\ndata: {"type": "ping"}\n\n',
  'openai-chat': ': keep-alive\n\n',
}

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function open(client: Served, vendor: Served, script: Script, stream = true): Promise<StreamReading> {
  upstream = await startUpstream(script)
  proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)], ...SHORT })
  return readStream(await proxy.fetch(PATHS[client], { method: 'POST', body: JSON.stringify(ask(client, { stream })) }))
}

/** Something that the test lets happen. */
function signal(): { readonly given: Promise<void>; give: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { given: promise, give: resolve }
}

describe.each(PAIRS)('%s from %s', (client, vendor) => {
  const form = FORMS[client]

  test('a stream is kept alive before the upstream answers at all', async () => {
    const go = signal()
    const stream = await open(client, vendor, async (call) => {
      await go.given
      await say(vendor)(call)
    })
    expect(stream.response.status).toBe(200)
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    expect(await stream.until(form.repeat(3))).toBe(form.repeat(3))
    go.give()
    const text = await stream.rest()
    expect(text).toContain('Hello')
    expect(text).toEndWith(client === 'anthropic' ? 'data: {"type":"message_stop"}\n\n' : 'data: [DONE]\n\n')
  })

  test('a stream is kept alive between the upstream’s headers and its first event', async () => {
    const go = signal()
    const stream = await open(client, vendor, async (call) => {
      call.open()
      await call.write(': hello\n\n')
      await go.given
      for (const event of streamOf(vendor, undefined, call)) await call.write(event)
      call.end()
    })
    await stream.until(form.repeat(2))
    go.give()
    expect(await stream.rest()).toContain('Hello')
  })

  test('a stream is kept alive in the middle, between events', async () => {
    const go = signal()
    const stream = await open(client, vendor, async (call) => {
      call.open()
      const [...events] = streamOf(vendor, undefined, call)
      const last = events.splice(4).join('')
      // Half an event waits for its other half: what keeps alive must not come between.
      await call.write(events.join('') + last.slice(0, 20))
      await go.given
      await call.write(last.slice(20))
      call.end()
    })
    await stream.until(form.repeat(2))
    go.give()
    const text = await stream.rest()
    for (const { data } of eventsOf(text)) if (data !== '[DONE]') expect(() => JSON.parse(data)).not.toThrow()
    expect(text.replaceAll(form, '')).not.toContain('error')
    expect(wordsOf(text)).toBe('Hello there, friend.')
  })

  test('a failure after that is told inside the stream', async () => {
    const go = signal()
    const stream = await open(client, vendor, async (call) => {
      await go.given
      call.json(errorOf(vendor, 'api_error', 'It fell over'), 500)
    })
    await stream.until(form)
    const line = proxy.nextLine()
    go.give()
    const events = eventsOf(await stream.rest()).filter(({ event }) => event !== 'ping')
    expect(events).toHaveLength(1)
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ error: { message: 'It fell over' } })
    expect(events[0]?.event).toBe(client === 'anthropic' ? 'error' : undefined)
    expect(await line).toMatchObject({ status: 200, fault: 'server: It fell over' })
  })

  test('a client that leaves a kept stream takes the upstream with it', async () => {
    upstream = await startUpstream(() => undefined)
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)], ...SHORT })
    const leaving = new AbortController()
    const body = JSON.stringify(ask(client, { stream: true }))
    const response = await proxy.fetch(PATHS[client], { method: 'POST', body, signal: leaving.signal })
    await readStream(response).until(form)
    const line = proxy.nextLine()
    leaving.abort()
    expect(await (await upstream.call(0)).closed).toBe(true)
    expect(await line).toMatchObject({ fault: 'cancelled: The client closed the request.' })
  })

  test('a whole answer is kept alive with blank lines', async () => {
    const go = signal()
    const stream = await open(
      client,
      vendor,
      async (call) => {
        await go.given
        await say(vendor)(call)
      },
      false,
    )
    expect(stream.response.headers.get('content-type')).toBe('application/json')
    await stream.until('\n\n')
    go.give()
    const text = await stream.rest()
    expect(text.trimStart()).toStartWith('{')
    expect(JSON.stringify(JSON.parse(text))).toContain('Hello there, friend.')
  })

  test('a whole answer that fails after that holds the error', async () => {
    const go = signal()
    const stream = await open(
      client,
      vendor,
      async (call) => {
        await go.given
        call.json(errorOf(vendor, 'api_error', 'It fell over'), 500)
      },
      false,
    )
    await stream.until('\n')
    go.give()
    expect(JSON.parse(await stream.rest())).toMatchObject({ error: { message: 'It fell over' } })
  })
})

/** The text that the events of a stream say, of either protocol. */
function wordsOf(text: string): string {
  return eventsOf(text)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => {
      const { delta, choices } = JSON.parse(data)
      return delta?.text ?? choices?.[0]?.delta?.content ?? ''
    })
    .join('')
}
