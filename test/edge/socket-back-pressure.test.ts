import { expect, test } from 'bun:test'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { streamOf } from '../kit/answers.ts'
import { accountAt, startProxy } from '../kit/proxy.ts'
import { MODEL } from '../kit/requests.ts'
import { BUFFERED_MAX, MORE_THAN_BUFFERED } from '../kit/socket-buffers.ts'
import { startUpstream, type UpstreamCall } from '../kit/upstream.ts'

/** A frame of a client's: shorter than 64 KB, masked with zeros. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
function maskedFrame(text: string): Buffer {
  const head = Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 0xff, 0, 0, 0, 0])
  return Buffer.concat([head, Buffer.from(text)])
}

/** A socket whose client reads nothing. */
async function openUnread(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.write(
    'GET /v1/responses HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await once(socket, 'data')
  socket.pause()
  return socket
}

test.each(['openai-responses', 'openai-chat'] as const)(
  'a socket’s client that does not read holds the upstream up, and gets everything when it reads (from %s)',
  async (vendor) => {
    let sent = 0
    const stalled = Promise.withResolvers<void>()
    const upstream = await startUpstream(async (call: UpstreamCall) => {
      call.open()
      const [...events] = streamOf(vendor, { text: 'Hello there, friend.' }, call)
      const at = events.findIndex((event) => event.includes('"Hello"'))
      const piece = events[at]?.replace('Hello', 'x'.repeat(64 * 1024)) ?? ''
      for (const event of events.slice(0, at + 1)) await call.write(event)
      while (sent < MORE_THAN_BUFFERED) {
        sent += piece.length
        // Nothing went out for a while: the connection is full.
        const timer = setTimeout(stalled.resolve, 300)
        await call.write(piece)
        clearTimeout(timer)
      }
      await call.write(events.slice(at + 1).join(''))
      call.end()
    })
    const proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
    const socket = await openUnread(proxy.port)
    socket.write(maskedFrame(JSON.stringify({ type: 'response.create', model: MODEL, store: false, input: 'Hi' })))
    await stalled.promise
    expect(sent).toBeLessThan(BUFFERED_MAX)
    let received = 0
    const completed = new Promise<void>((resolve) => {
      let tail = ''
      socket.on('data', (bytes: Buffer) => {
        received += bytes.length
        const text = tail + bytes.toString('latin1')
        if (text.includes('"type":"response.completed"')) resolve()
        tail = text.slice(-100)
      })
    })
    socket.resume()
    await completed
    expect(received).toBeGreaterThan(MORE_THAN_BUFFERED * 0.99)
    socket.destroy()
    await proxy.stop()
    await upstream.stop()
  },
  30_000,
)

test('a socket’s client that asks on and on and reads nothing is cut off', async () => {
  const upstream = await startUpstream(() => undefined)
  const proxy = startProxy({ accounts: [accountAt(upstream.url, 'openai-chat')] })
  const socket = await openUnread(proxy.port)
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  const frame = maskedFrame(JSON.stringify({ type: 'response.create', model: MODEL, store: false, input: 'Hi' }))
  const many = Buffer.concat(Array.from({ length: 1000 }, () => frame))
  let isCut = false
  while (!isCut && !socket.destroyed) {
    const isTaken = socket.write(many)
    if (!isTaken) await Promise.race([once(socket, 'drain').catch(() => undefined), closed])
    isCut = proxy.context.inFlight.count === 0 && upstream.calls.length > 0
    await new Promise(setImmediate)
  }
  expect(upstream.calls.length).toBe(1)
  socket.destroy()
  await proxy.stop()
  await upstream.stop()
}, 20_000)
