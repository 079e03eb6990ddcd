import { Elysia, type AnyElysia } from 'elysia'
import { Fault } from '../ir/fault.ts'
import { CODE_ASSIST, CODECS, COMPLETIONS } from '../protocols/index.ts'
import { anthropicRoutes } from './anthropic.ts'
import { codeAssistRoutes } from './code-assist.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { clientProtocolFor } from './client-protocol.ts'
import { geminiRoutes } from './gemini.ts'
import { readGeminiPath } from './gemini-path.ts'
import { ENDPOINTS, infoRoutes } from './info.ts'
import { openaiRoutes } from './openai.ts'
import { responsesRoutes } from './responses.ts'
import type { ResponsesSockets } from './responses-socket.ts'
import { pathOf, plainPath, queryOf } from './path.ts'
import { reportDefect } from './serve-model.ts'

/** Seconds without a byte after which a connection is closed: the most that Bun takes. Keep-alives come far sooner. */
const IDLE_SECONDS = 255

/** What paths are read against when a request's own host is of no use. */
const OWN_ORIGIN = 'http://localhost'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** A server that listens. */
export interface ListeningServer {
  readonly url: URL
  /** Takes no new connections; resolves when nothing is in flight, or after `graceMs` with what is left cut off. */
  drain(graceMs: number): Promise<void>
  stop(): Promise<void>
}

/** All routes, without a socket. @param more routes of others, such as the management API's */
export function createApp(context: EdgeContext, more: readonly AnyElysia[] = []): AnyElysia {
  const app = new Elysia({ normalize: false })
  app
    .use(infoRoutes(context))
    .use(openaiRoutes(context, CODECS['openai-chat'], COMPLETIONS))
    .use(anthropicRoutes(context, CODECS.anthropic))
    .use(responsesRoutes(context, CODECS['openai-responses']))
    .use(geminiRoutes(context, CODECS.gemini))
    .use(codeAssistRoutes(context, CODE_ASSIST))
  for (const routes of more) app.use(routes)
  const methods = methodsByPath(app)
  app.onError(({ code, request, error }) => {
    if (code === 'NOT_FOUND') return notFound(app, methods, request)
    const fault = asFault(error)
    reportDefect(context, error, fault)
    return faultResponse(fault, clientProtocolFor(request))
  })
  return app
}

/** @throws when the port is taken. */
export function listen(app: AnyElysia, sockets: ResponsesSockets, { host, port, tls }: ListenOptions): ListeningServer {
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: IDLE_SECONDS,
    // The limit is the handlers' to keep: the server would refuse without a word in the client's protocol.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // Without `development` it is on: then two programs would share the port, and each get some of the requests.
    reusePort: false,
    tls: tls && { cert: Bun.file(tls.cert), key: Bun.file(tls.key) },
    fetch: (request, self) => {
      app.server = self
      const upgraded = request.headers.has('upgrade') ? sockets.upgrade(request, self) : 'other'
      return upgraded === 'other' ? app.fetch(request) : upgraded
    },
    websocket: sockets.handler,
    error: () =>
      faultResponse(
        new Fault('server', 'The proxy failed while it handled this request; its log says more.'),
        'openai-chat',
      ),
  })
  return {
    url: server.url,
    async drain(graceMs) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs)
      })
      // Resolves when the last answer is not only made but written to the last byte.
      await Promise.race([Promise.all([sockets.drain(), server.stop()]), grace])
      clearTimeout(timer)
      await server.stop(true)
    },
    stop: () => server.stop(true),
  }
}

/** Which methods each fixed path takes. */
function methodsByPath(app: AnyElysia): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of app.routes)
    if (!path.endsWith('*')) methods.set(path, [...(methods.get(path) ?? []), method])
  return methods
}

/** The methods of a path that names a model. */
function modelMethods(path: string): readonly string[] | undefined {
  const named = readGeminiPath(path)
  return named && [named.action === '' ? 'GET' : 'POST']
}

/** HEAD and OPTIONS as clients probe them, paths that only look unlike ours, 405 for a wrong method, 404 for the rest. */
function notFound(
  app: AnyElysia,
  methods: ReadonlyMap<string, readonly string[]>,
  request: Request,
): Response | Promise<Response> {
  const path = pathOf(request.url)
  const plain = plainPath(path)
  const known = methods.get(plain) ?? modelMethods(plain)
  // The router looks for the path behind a host of at least four letters: one that is shorter hides it.
  const isHidden = known?.includes(request.method) === true && !request.url.startsWith(OWN_ORIGIN)
  if (plain !== path || isHidden) return app.fetch(new Request(OWN_ORIGIN + plain + queryOf(request.url), request))
  const allow = known && [...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  if (request.method === 'OPTIONS')
    return new Response(null, { status: 204, headers: { allow: allow ?? 'GET, HEAD, POST, OPTIONS' } })
  if (request.method === 'HEAD' && (known?.includes('GET') || path === '/api/hello'))
    return new Response(null, { status: 200 })
  if (known && request.headers.get('upgrade')?.toLowerCase() === 'websocket') {
    // Codex goes on without a socket at once when it is told 426, and only then.
    const message = `${path} is not served over a WebSocket: use ${known.join(' or ')}.`
    const fault = new Fault('not-implemented', message, { status: 426, code: 'upgrade_required' })
    return faultResponse(fault, clientProtocolFor(request), { allow: allow ?? '' })
  }
  if (known) {
    const fault = new Fault(
      'method-not-allowed',
      `${request.method} is not allowed on ${path}: use ${known.join(' or ')}.`,
    )
    return faultResponse(fault, clientProtocolFor(request), { allow: allow ?? '' })
  }
  return faultResponse(
    new Fault('not-found', `There is nothing at ${path}. The endpoints are: ${ENDPOINTS.join(', ')}.`, {
      code: 'unknown_url',
    }),
    clientProtocolFor(request),
  )
}
