import { afterEach, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { beginningOf, PAIRS, streamOf, SUCCESS } from '../kit/answers.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { ask, pathFor } from '../kit/requests.ts'
import { BUFFERED_MAX, MORE_THAN_BUFFERED } from '../kit/socket-buffers.ts'
import { startUpstream, type Upstream, type UpstreamCall } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy
let socket: Socket

afterEach(async () => {
  socket.destroy()
  await proxy.stop()
  await upstream.stop()
})

/** A client that asks for a stream and reads only the beginning of it. */
async function askAndStall(client: Protocol): Promise<void> {
  socket = connect({ port: proxy.port, host: '127.0.0.1' })
  await once(socket, 'connect')
  const body = JSON.stringify(ask(client, { stream: true }))
  socket.write(
    `POST ${pathFor(client, { stream: true })} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  await once(socket, 'data')
  socket.pause()
}

describe.each(PAIRS)('%s from %s', (client, vendor) => {
  test('a client that does not read holds the upstream up, and gets everything when it reads', async () => {
    let sent = 0
    let call: UpstreamCall | undefined
    const stalled = Promise.withResolvers<void>()
    upstream = await startUpstream(async (one) => {
      call = one
      one.open()
      const [...events] = streamOf(vendor, { text: 'Hello there, friend.' }, one)
      const end = events.splice(beginningOf(vendor).length).join('')
      const piece = events.find((event) => event.includes('"Hello'))?.replace('Hello', 'x'.repeat(64 * 1024)) ?? ''
      for (const event of events) await one.write(event)
      while (sent < MORE_THAN_BUFFERED) {
        sent += piece.length
        // Nothing went out for a while: the connection is full.
        const timer = setTimeout(stalled.resolve, 300)
        await one.write(piece)
        clearTimeout(timer)
      }
      await one.write(end)
      one.end()
    })
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
    await askAndStall(client)
    await stalled.promise
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(BUFFERED_MAX)
    const line = proxy.nextLine()
    let tail = ''
    let read = 0
    let isWhole = false
    socket.on('data', (chunk: Buffer) => {
      read += chunk.byteLength
      const text = tail + chunk.toString('latin1')
      // The last events of some protocols hold all of the text once more.
      isWhole ||= SUCCESS[client].test(text)
      tail = text.slice(-2000)
    })
    socket.resume()
    expect(await line).toMatchObject({ status: 200, level: 'info' })
    expect(await call?.closed).toBe(false)
    while (!tail.endsWith('0\r\n\r\n')) await once(socket, 'data')
    expect(sent).toBeGreaterThanOrEqual(MORE_THAN_BUFFERED)
    expect(read).toBeGreaterThan(MORE_THAN_BUFFERED * 0.9)
    expect(isWhole).toBe(true)
  })

  test('a client that leaves while it does not read takes the upstream with it', async () => {
    upstream = await startUpstream(async (one) => {
      one.open()
      const events = beginningOf(vendor)
      for (const event of events) await one.write(event)
      const closed = one.closed.then(() => true)
      const write = (): Promise<boolean> => one.write((events.at(-1) ?? '').repeat(500)).then(() => false)
      while (!(await Promise.race([write(), closed])));
    })
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
    await askAndStall(client)
    const line = proxy.nextLine()
    socket.destroy()
    expect(await (await upstream.call(0)).closed).toBe(true)
    expect(await line).toMatchObject({ fault: 'cancelled: The client closed the request.' })
    expect(proxy.context.inFlight.count).toBe(0)
  })
})
