import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { parseObject, type Fields } from '../../src/lib/json.ts'

/** One request as the upstream got it, and the means to answer it. */
export interface UpstreamCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Empty when the text is no JSON object. */
  readonly body: Fields
  /** Resolves when the connection is done with this call; true when the answer was not written to its end. */
  readonly closed: Promise<boolean>
  json(value: unknown, status?: number, headers?: Record<string, string>): void
  text200(text: string, contentType: string): void
  html(status: number, text: string): void
  bytes(body: Uint8Array, headers: Record<string, string>): void
  /** Begins a stream. */
  open(headers?: Record<string, string>): void
  /** Writes to a stream that was opened; resolves when the system took it. */
  write(text: string): Promise<void>
  readonly end: () => void
  /** Breaks the connection. */
  readonly destroy: () => void
}

export type Script = (call: UpstreamCall) => unknown

/** A server that answers as the test says, and remembers what it was asked. */
export interface Upstream {
  /** Without a trailing slash. */
  readonly url: string
  readonly calls: readonly UpstreamCall[]
  /** Answers the next call that nothing is planned for yet. */
  next(...scripts: readonly Script[]): void
  /** Answers every call that nothing else is planned for. */
  always(script: Script): void
  /** The call of this index, once it has come. */
  call(index: number): Promise<UpstreamCall>
  stop(): Promise<void>
}

export async function startUpstream(fallback?: Script): Promise<Upstream> {
  const calls: UpstreamCall[] = []
  const planned: Script[] = []
  const waiting = new Map<number, (call: UpstreamCall) => void>()
  let always = fallback ?? ((call: UpstreamCall) => call.json({ error: { message: 'nothing is planned' } }, 418))
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const call = callFor(request, response, Buffer.concat(chunks).toString())
      waiting.get(calls.length)?.(call)
      calls.push(call)
      void (planned.shift() ?? always)(call)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the upstream has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    next: (...scripts) => void planned.push(...scripts),
    always: (script) => {
      always = script
    },
    call: (index) => {
      const known = calls[index]
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.set(index, resolve))
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function callFor(request: IncomingMessage, response: ServerResponse, text: string): UpstreamCall {
  const closed = new Promise<boolean>((resolve) => {
    response.on('close', () => resolve(!response.writableFinished))
  })
  const send = (status: number, headers: Record<string, string>, body: string | Uint8Array): void => {
    response.writeHead(status, headers)
    response.end(body)
  }
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    text,
    body: parseObject(text) ?? {},
    closed,
    json: (value, status = 200, headers = {}) =>
      send(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value) ?? ''),
    text200: (body, contentType) => send(200, { 'content-type': contentType }, body),
    html: (status, body) => send(status, { 'content-type': 'text/html' }, body),
    bytes: (body, headers) => send(200, headers, body),
    open: (headers = {}) => void response.writeHead(200, { 'content-type': 'text/event-stream', ...headers }),
    write: async (chunk) => {
      if (!response.write(chunk)) await Promise.race([once(response, 'drain'), closed])
    },
    end: () => void response.end(),
    destroy: () => void response.destroy(),
  }
}
