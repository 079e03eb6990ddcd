import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { beginningOf, errorEvent, PAIRS, streamOf, SUCCESS } from '../kit/answers.ts'
import { faultIn, FAULT_EVENTS } from '../kit/client.ts'
import { accountAt, startProxy, type ProxyOptions, type TestProxy } from '../kit/proxy.ts'
import { ask, pathFor } from '../kit/requests.ts'
import { eventsOf, readStream, type StreamReading } from '../kit/sse.ts'
import { startUpstream, type Script, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

async function open(
  client: Protocol,
  vendor: Protocol,
  script: Script,
  options: ProxyOptions = {},
): Promise<StreamReading> {
  upstream = await startUpstream(script)
  proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)], ...options })
  return readStream(await proxy.fetch(pathFor(client, { stream: true }), post(client, { stream: true })))
}

function post(client: Protocol, own: object, signal?: AbortSignal): RequestInit {
  return { method: 'POST', body: JSON.stringify(ask(client, { ...own })), signal }
}

/** It has begun to speak. */
function beginning(vendor: Protocol): string {
  return beginningOf(vendor, { text: 'Hello there, friend. More to come.' }).join('')
}

function expectFailure(client: Protocol, text: string, message: string | RegExp): void {
  expect(text).toContain('Hello')
  expect(text).not.toMatch(SUCCESS[client])
  const last = eventsOf(text).at(-1)
  expect(FAULT_EVENTS[client]).toContain(last?.event)
  expect(faultIn(last?.data ?? '{}')).toMatch(message)
}

describe.each(PAIRS)('%s from %s', (client, vendor) => {
  test('a stream that is whole arrives whole', async () => {
    const stream = await open(client, vendor, (call) => {
      call.open()
      void call.write(streamOf(vendor, undefined, call).join('')).then(call.end)
    })
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    expect(stream.response.headers.get('server-timing')).toMatch(/^select;dur=[\d.]+, translate;dur=/)
    const text = await stream.rest()
    expect(text).toMatch(SUCCESS[client])
    expect(text).not.toMatch(/"error":[^n]/)
  })

  const endings: readonly [string, (call: UpstreamCall) => unknown, RegExp][] = [
    ['its connection breaks', (call) => call.destroy(), /broke off/],
    ['it ends too early', (call) => call.end(), /broke off|ended its answer before/],
    [
      'its connection breaks in the middle of an event',
      async (call) => {
        await call.write((streamOf(vendor).at(-3) ?? '').slice(0, -9))
        call.destroy()
      },
      /broke off/,
    ],
    [
      'it ends in the middle of an event',
      async (call) => {
        await call.write((streamOf(vendor).at(-3) ?? '').slice(0, -9))
        call.end()
      },
      /broke off|ended its answer before|no JSON/,
    ],
    [
      'it tells an error',
      async (call) => {
        await call.write(errorEvent(vendor, 'overloaded_error', 'Overloaded, sorry'))
        call.end()
      },
      /^Overloaded, sorry$/,
    ],
    [
      'it tells an error and hangs',
      (call) => call.write(errorEvent(vendor, 'overloaded_error', 'Overloaded, sorry')),
      /^Overloaded, sorry$/,
    ],
  ]
  test.each(endings)('the upstream fails after it began: %s', async (_name, finish, message) => {
    let call: UpstreamCall | undefined
    const stream = await open(client, vendor, async (one) => {
      call = one
      one.open()
      await one.write(beginning(vendor))
    })
    await stream.until('Hello')
    const line = proxy.nextLine()
    if (call) await finish(call)
    expectFailure(client, await stream.rest(), message)
    expect(await line).toMatchObject({
      status: 200,
      level: 'warn',
      fault: expect.stringMatching(/^(upstream|overloaded|unavailable|server): /),
    })
    expect(proxy.context.inFlight.count).toBe(0)
  })

  test('all of it in one read: an error after content is told, not swallowed', async () => {
    const stream = await open(client, vendor, async (call) => {
      call.open()
      await call.write(beginning(vendor) + errorEvent(vendor, 'overloaded_error', 'Overloaded, sorry'))
      call.end()
    })
    const text = await stream.rest()
    expect(text).toContain('Overloaded, sorry')
    expect(text).not.toMatch(SUCCESS[client])
  })

  test('an event of 5 MB passes in pieces', async () => {
    const long = 'abcdefghij'.repeat(500_000)
    const stream = await open(client, vendor, async (call) => {
      call.open()
      for (const event of streamOf(vendor, { text: long }, call)) {
        for (let at = 0; at < event.length; at += 100_000) await call.write(event.slice(at, at + 100_000))
      }
      call.end()
    })
    const text = await stream.rest()
    expect(text).toContain(long)
    expect(text).toMatch(SUCCESS[client])
  })
})

const hang: Script = () => undefined

async function seeHello(answer: Promise<Response>): Promise<void> {
  await readStream(await answer).until('Hello')
}

describe.each(PAIRS)('%s from %s: the client leaves', (client, vendor) => {
  const leaveAfter = async (
    stream: boolean,
    script: Script,
    ready: (answer: Promise<Response>) => Promise<unknown>,
    prefix = '',
  ): Promise<void> => {
    upstream = await startUpstream(script)
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
    const leaving = new AbortController()
    const answer = proxy.fetch(prefix + pathFor(client, { stream }), post(client, { stream }, leaving.signal))
    const call = await upstream.call(0)
    await ready(answer)
    const line = proxy.nextLine()
    leaving.abort()
    await answer.catch(() => undefined)
    // The upstream sees that nobody wants its answer any more.
    expect(await call.closed).toBe(true)
    expect(await line).toMatchObject({ fault: 'cancelled: The client closed the request.' })
    expect(proxy.context.inFlight.count).toBe(0)
  }
  const begin: Script = (call) => {
    call.open()
    void call.write(beginning(vendor))
  }
  test('before the first byte of a stream', () => leaveAfter(true, hang, async () => undefined))
  test('before the first event of a stream', () =>
    leaveAfter(
      true,
      (call) => call.write(': wait\n\n'),
      async () => undefined,
    ))
  test('in the middle of a stream', () => leaveAfter(true, begin, seeHello))
  test('before a whole answer', () => leaveAfter(false, hang, async () => undefined))
  test('in the middle of a whole answer', () =>
    leaveAfter(
      false,
      (call) => call.write('{"id":'),
      async () => undefined,
    ))
  test('in the middle of a stream, by another spelling of the path', () => leaveAfter(true, begin, seeHello, '/'))

  test('and the account is none the worse for it', async () => {
    await leaveAfter(true, begin, seeHello)
    upstream.always((call) => {
      call.open()
      void call.write(streamOf(vendor, undefined, call).join('')).then(call.end)
    })
    const again = await proxy.fetch(pathFor(client, { stream: true }), post(client, { stream: true }))
    expect(await again.text()).toMatch(SUCCESS[client])
  })
})
