import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { say, streamOf } from '../kit/answers.ts'
import { accountAt, startProxy } from '../kit/proxy.ts'
import { ask, PATHS } from '../kit/requests.ts'
import { startUpstream } from '../kit/upstream.ts'

const CLIENTS = 300
/** Within it everything happens, so that clients leave at every point of it. */
const SPAN_MS = 40

/** Sends a request and hangs up after some time. */
function askAndLeave(port: number, body: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `POST ${PATHS.anthropic} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
      setTimeout(() => socket.destroy(), ms)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

test.each([
  [true, 0],
  [false, 0],
  [true, 0.01],
  [false, 0.01],
])(
  'clients that leave at any moment leave nothing behind (stream: %p, keep-alive after %p s)',
  async (stream, seconds) => {
    const upstream = await startUpstream(async (call) => {
      await Bun.sleep(Math.random() * SPAN_MS)
      if (!stream) {
        await say('openai-chat')(call)
        return
      }
      call.open()
      const [...events] = streamOf('openai-chat', undefined, call)
      await call.write(events.splice(0, 3).join(''))
      // Some never end: only the proxy can do that.
      if (Math.random() < 0.5) return
      await call.write(events.join(''))
      call.end()
    })
    const accounts = [accountAt(upstream.url, 'openai-chat')]
    const proxy = startProxy({ accounts, keepAliveSeconds: seconds, nonstreamKeepAliveSeconds: seconds })
    const body = JSON.stringify(ask('anthropic', { stream }))
    await Promise.all(
      Array.from({ length: CLIENTS }, () => askAndLeave(proxy.port, body, Math.random() * SPAN_MS * 1.5)),
    )
    while (proxy.context.inFlight.count > 0) await new Promise(setImmediate)
    // Each of the upstream's connections ends.
    await Promise.all(upstream.calls.map(({ closed }) => closed))
    // No leaving is held against the account.
    upstream.always(say('openai-chat'))
    expect((await proxy.post(PATHS.anthropic, ask('anthropic'))).status).toBe(200)
    await proxy.stop()
    await upstream.stop()
  },
)
