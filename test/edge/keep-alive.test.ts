import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { beginningOf, errorEvent, errorOf, PAIRS, say, SERVED, streamOf } from '../kit/answers.ts'
import { faultIn, FAULT_EVENTS, wordsIn } from '../kit/client.ts'
import { accountAt, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { ask, MODEL, pathFor } from '../kit/requests.ts'
import { eventsOf, readStream, type StreamReading } from '../kit/sse.ts'
import { startUpstream, type Script, type Upstream } from '../kit/upstream.ts'

const SHORT: ProxyOptions = { keepAliveSeconds: 0.02, nonstreamKeepAliveSeconds: 0.02 }

/** The one form that every client of the protocol survives; Responses' events differ from each other. */
const FORMS: Readonly<Record<Protocol, RegExp>> = {
  anthropic: /event: ping\ndata: {"type": "ping"}\n\n/g,
  'openai-chat': /: keep-alive\n\n/g,
  'openai-responses': /event: response\.(?:created|in_progress)\ndata: {.*}\n\n|: keep-alive\n\n/g,
  gemini: /(?<=^|\n|\r\n)\r\n/g,
}

/** How each stream ends when it is whole. */
const ENDS: Readonly<Record<Protocol, RegExp>> = {
  anthropic: /data: {"type":"message_stop"}\n\n$/,
  'openai-chat': /data: \[DONE\]\n\n$/,
  'openai-responses': /event: response\.completed\ndata: {.*}\n\n$/,
  gemini: /data: {.*"finishReason":"STOP".*}\n\n$/,
}

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function open(client: Protocol, vendor: Protocol, script: Script, stream = true): Promise<StreamReading> {
  upstream = await startUpstream(script)
  proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)], ...SHORT })
  return readStream(
    await proxy.fetch(pathFor(client, { stream }), { method: 'POST', body: JSON.stringify(ask(client, { stream })) }),
  )
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
    expect((await stream.until(times(form, 3))).replaceAll(form, '')).toBe('')
    go.give()
    const text = await stream.rest()
    expect(text).toContain('Hello')
    expect(text).toMatch(ENDS[client])
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
    await stream.until(times(form, 2))
    go.give()
    expect(await stream.rest()).toContain('Hello')
  })

  test('a stream is kept alive in the middle, between events', async () => {
    const go = signal()
    const stream = await open(client, vendor, async (call) => {
      call.open()
      const [...events] = streamOf(vendor, undefined, call)
      const last = events.splice(beginningOf(vendor).length).join('')
      // Half an event waits for its other half: what keeps alive must not come between.
      await call.write(events.join('') + last.slice(0, 20))
      await go.given
      await call.write(last.slice(20))
      call.end()
    })
    await stream.until(times(form, 2))
    go.give()
    const text = await stream.rest()
    for (const { data } of eventsOf(text)) if (data !== '[DONE]') expect(() => JSON.parse(data)).not.toThrow()
    expect(text.replaceAll(form, '')).not.toMatch(/"error":[^n]/)
    expect(wordsIn(client, text)).toBe('Hello there, friend.')
  })

  test('a failure after that is told inside the stream', async () => {
    const go = signal()
    const stream = await open(client, vendor, async (call) => {
      await go.given
      call.json(errorOf(vendor, 'api_error', 'It fell over'), 500)
    })
    await stream.until(times(form, 1))
    const line = proxy.nextLine()
    go.give()
    const events = eventsOf((await stream.rest()).replaceAll(form, ''))
    for (const { data } of events) expect(faultIn(data)).toBe('It fell over')
    expect(events.length).toBeWithin(1, 3)
    expect(FAULT_EVENTS[client]).toContain(events.at(-1)?.event)
    expect(await line).toMatchObject({ status: 200, fault: 'server: It fell over' })
  })

  test('a client that leaves a kept stream takes the upstream with it', async () => {
    upstream = await startUpstream(() => undefined)
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)], ...SHORT })
    const leaving = new AbortController()
    const body = JSON.stringify(ask(client, { stream: true }))
    const response = await proxy.fetch(pathFor(client, { stream: true }), {
      method: 'POST',
      body,
      signal: leaving.signal,
    })
    await readStream(response).until(times(form, 1))
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

/** What the events of a Responses stream say of themselves. */
function responsesEvents(
  text: string,
): readonly { type: string; sequence_number: number; response?: { id: string } }[] {
  return eventsOf(text).map(({ data }) => JSON.parse(data))
}

describe('Responses', () => {
  test.each(SERVED.filter((vendor) => vendor !== 'openai-responses'))(
    'an answer of %s goes on where the waiting ended: one id, one creation, one count',
    async (vendor) => {
      const go = signal()
      const more = signal()
      const stream = await open('openai-responses', vendor, async (call) => {
        await go.given
        call.open()
        const [...events] = streamOf(vendor, undefined, call)
        const rest = events.splice(beginningOf(vendor).length).join('')
        await call.write(events.join(''))
        await more.given
        await call.write(rest)
        call.end()
      })
      await stream.until(/in_progress[^]*in_progress/)
      go.give()
      await stream.until(/output_text\.delta[^]*response\.in_progress[^]*response\.in_progress/)
      more.give()
      const events = responsesEvents(await stream.rest())
      expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at))
      expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1)
      expect(new Set(events.flatMap(({ response }) => (response ? [response.id] : []))).size).toBe(1)
    },
  )

  test('of its own vendor’s answer, which may be stored, no id is told before the vendor tells it', async () => {
    const go = signal()
    const stream = await open('openai-responses', 'openai-responses', async (call) => {
      await go.given
      await say('openai-responses')(call)
    })
    await stream.until(': keep-alive\n\n: keep-alive\n\n')
    go.give()
    const text = await stream.rest()
    expect(text.replaceAll(': keep-alive\n\n', '')).toBe(streamOf('openai-responses').join(''))
  })

  test.each([true, false])(
    'of its own vendor’s answer that is not stored there is one id all the way (after the headers: %p)',
    async (isAfter) => {
      const go = signal()
      upstream = await startUpstream(async (call) => {
        if (isAfter) {
          call.open()
          await call.write(': hello\n\n')
        }
        await go.given
        if (!isAfter) call.open()
        await call.write(streamOf('openai-responses').join(''))
        call.end()
      })
      proxy = startProxy({ accounts: [accountAt(upstream.url, 'openai-responses')], ...SHORT })
      const body = JSON.stringify(ask('openai-responses', { stream: true, store: false }))
      const stream = readStream(await proxy.fetch('/v1/responses', { method: 'POST', body }))
      await stream.until(isAfter ? /keep-alive|in_progress/ : /in_progress[^]*in_progress/)
      go.give()
      const text = await stream.rest()
      const events = responsesEvents(text)
      expect(new Set(events.flatMap(({ response }) => (response ? [response.id] : []))).size).toBe(1)
      expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1)
      expect(wordsIn('openai-responses', text)).toBe('Hello there, friend.')
    },
  )

  test('in the middle of a relayed answer the keep-alive speaks of that answer', async () => {
    const go = signal()
    const stream = await open('openai-responses', 'openai-responses', async (call) => {
      call.open()
      await call.write(beginningOf('openai-responses').join(''))
      await go.given
      call.destroy()
    })
    await stream.until(/response\.in_progress[^]*response\.in_progress/)
    go.give()
    const events = responsesEvents(await stream.rest())
    expect(new Set(events.flatMap(({ response }) => (response ? [response.id] : [])))).toEqual(
      new Set(['resp_upstream']),
    )
    expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1)
    expect(events.at(-1)?.type).toBe('response.failed')
  })

  test('a first account that fails while the client waits leaves no trace in the stream', async () => {
    const go = signal()
    const failing = await startUpstream(async (call) => {
      await go.given
      call.text200(errorEvent('anthropic', 'overloaded_error', 'Too busy'), 'text/event-stream')
    })
    upstream = await startUpstream(say('anthropic'))
    const accounts = [accountAt(failing.url, 'anthropic'), accountAt(upstream.url, 'anthropic')]
    proxy = startProxy({ accounts, ...SHORT })
    const body = JSON.stringify(ask('openai-responses', { stream: true }))
    const stream = readStream(await proxy.fetch('/v1/responses', { method: 'POST', body }))
    await stream.until('response.in_progress')
    go.give()
    const text = await stream.rest()
    expect(text).not.toContain('Too busy')
    const events = responsesEvents(text)
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at))
    expect(events.at(-1)?.type).toBe('response.completed')
    await failing.stop()
  })
})

test('a stream as an array is kept alive with blank lines', async () => {
  const go = signal()
  upstream = await startUpstream(async (call) => {
    await go.given
    await say('gemini')(call)
  })
  proxy = startProxy({ accounts: [accountAt(upstream.url, 'gemini')], ...SHORT })
  const body = JSON.stringify(ask('gemini'))
  const stream = readStream(
    await proxy.fetch(`/v1beta/models/${MODEL}:streamGenerateContent`, { method: 'POST', body }),
  )
  expect(stream.response.headers.get('content-type')).toBe('application/json')
  expect((await stream.until('\n\n')).trim()).toBe('')
  go.give()
  expect(JSON.parse(await stream.rest())).toHaveLength(streamOf('gemini').length)
})

/** At least so many of these, wherever. */
function times(form: RegExp, count: number): RegExp {
  return new RegExp(`(?:${form.source}[^]*?){${count}}`)
}
