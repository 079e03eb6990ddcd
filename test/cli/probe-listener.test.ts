import { afterEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { modelsServedAt, probeListener } from '../../src/cli/probe-listener.ts'
import { freePort } from '../kit/free-port.ts'
import { CLIENT_KEY, startProxy } from '../kit/proxy.ts'

const started: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop()
})

function serveHere(answer: (request: Request) => Response): string {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
  started.push({ stop: () => server.stop(true) })
  return server.url.origin
}

function proxyHere(): string {
  const proxy = startProxy({ apiKeys: [CLIENT_KEY], demo: true })
  started.push(proxy)
  return proxy.url
}

/** Text without end. */
function endless(): Response {
  const text = new Uint8Array(1024 * 1024).fill(32)
  return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(text) }))
}

describe('who listens', () => {
  test('is a proxy of this program, which names its models', async () => {
    const origin = proxyHere()
    expect(await probeListener(origin)).toEqual({ kind: 'proxy', version: expect.any(String) })
    expect(await modelsServedAt(origin, CLIENT_KEY)).toEqual(['demo'])
    expect(await modelsServedAt(origin, 'another')).toEqual([])
  })

  test('is nobody where the connection is refused', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`
    expect(await probeListener(origin)).toEqual({ kind: 'nobody' })
    expect(await modelsServedAt(origin, CLIENT_KEY)).toEqual([])
  })

  test.each<[string, (request: Request) => Response]>([
    ['answers something else', () => new Response('{"message":"CLI Proxy API Server"}')],
    ['answers without end', endless],
    ['sends on to a proxy', () => Response.redirect(`${proxyHere()}/`)],
  ])('is another program when it %s', async (_name, answer) => {
    const origin = serveHere(answer)
    expect(await probeListener(origin)).toEqual({ kind: 'other' })
  })

  test('is asked without the proxy of the environment', async () => {
    const file = JSON.stringify(join(import.meta.dir, '../../src/cli/probe-listener.ts'))
    const script = `console.log((await (await import(${file})).probeListener('${proxyHere()}')).kind)`
    const env = { PATH: process.env['PATH'], HTTP_PROXY: serveHere(() => new Response('no')) }
    const child = Bun.spawn([process.execPath, '-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    expect(await child.stdout.text()).toBe('proxy\n')
  })
})
