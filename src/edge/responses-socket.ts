import type { ServerWebSocket, WebSocketHandler } from 'bun'
import type { HeldTexts } from '../gateway/response-memory.ts'
import { CODECS } from '../protocols/index.ts'
import { Fault } from '../ir/fault.ts'
import type { EdgeContext } from './context.ts'
import { faultResponse, asFault } from './fault-response.ts'
import { refuseForeignSocket } from './foreign-page.ts'
import { pathOf, plainPath, queryOf } from './path.ts'
import { RESPONSES_PATHS } from './responses.ts'
import type { PeerSource } from './serve-model.ts'
import { createSocketConversation, type SocketConversation } from './socket-conversation.ts'
import { createSocketSink, type SocketSink } from './socket-sink.ts'

/** The Responses API over WebSockets. @see https://developers.openai.com/docs/guides/websocket-mode */
export interface ResponsesSockets {
  /** Answers a request that wants a socket: with an error, or with `undefined` once it has one; `'other'` is none of these. */
  upgrade(request: Request, server: UpgradingServer): Response | undefined | 'other'
  readonly handler: WebSocketHandler<SocketData>
  /** Takes no more requests and closes each socket after the answer in flight; resolves when all are closed. */
  drain(): Promise<void>
}

/** What Bun keeps with a socket. */
export interface SocketData {
  /** The path and the query of the handshake. */
  readonly target: string
  readonly headers: Headers
  readonly address: string
  session?: Session
}

export interface UpgradingServer extends PeerSource {
  upgrade(request: Request, options: { headers?: Record<string, string>; data: SocketData }): boolean
}

/** One socket's affairs. */
interface Session {
  readonly sink: SocketSink
  readonly conversation: SocketConversation
}

/**
 * What a frame may have is fixed when the server begins to listen, and `body-limit-mb` may change: there is room for twice
 * of it, and for this in any case. What the config in force allows is looked at when a frame is there.
 */
const FRAME_BYTES_MIN = 128 * 1024 * 1024

/** Bytes that wait for a slow client; each answer waits for them to leave. */
const WAITING_BYTES_MAX = 1024 * 1024

/** The most that Bun takes. Bun pings before, and whoever answers stays: clients leave sockets open between turns. */
const IDLE_SECONDS = 960

/** Closing codes. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const TOO_BIG = 1009
const RESTART = 1012

/** Header of Codex's by which its turns find their way. */
const TURN_STATE = 'x-codex-turn-state'

export function createResponsesSockets(context: EdgeContext): ResponsesSockets {
  const codec = CODECS['openai-responses']
  const open = new Set<ServerWebSocket<SocketData>>()
  const held: HeldTexts = { chars: 0 }
  let isDraining = false
  let drained: (() => void) | undefined
  const leaveIfIdle = (socket: ServerWebSocket<SocketData>): void => {
    if (isDraining && socket.data.session?.conversation.isBusy() !== true) socket.close(RESTART, 'The proxy restarts.')
  }
  return {
    upgrade: (request, server) => upgrade(context, request, server, isDraining),
    handler: {
      maxPayloadLength: Math.max(FRAME_BYTES_MIN, 2 * context.config().bodyBytesMax),
      backpressureLimit: WAITING_BYTES_MAX,
      idleTimeout: IDLE_SECONDS,
      perMessageDeflate: false,
      open(socket) {
        open.add(socket)
        const sink = createSocketSink(socket)
        const { target, headers, address } = socket.data
        const conversation = createSocketConversation({ context, codec, target, headers, address, sink, held })
        socket.data.session = { sink, conversation }
      },
      message(socket, data) {
        // Whoever asks now asks again elsewhere, once the socket is closed.
        if (isDraining) return
        const bytesMax = context.config().bodyBytesMax
        const size = typeof data === 'string' ? data.length : data.byteLength
        if (size > bytesMax) {
          socket.close(TOO_BIG, `A frame may have ${Math.floor(bytesMax / 1024 / 1024)} MB.`)
          return
        }
        const text = typeof data === 'string' ? data : data.toString()
        void socket.data.session?.conversation.take(text).then(() => leaveIfIdle(socket))
      },
      drain: (socket) => socket.data.session?.sink.drained(),
      close(socket) {
        open.delete(socket)
        socket.data.session?.sink.closed()
        socket.data.session?.conversation.leave()
        if (open.size === 0) drained?.()
      },
    },
    drain() {
      isDraining = true
      if (open.size === 0) return Promise.resolve()
      const done = new Promise<void>((resolve) => {
        drained = resolve
      })
      for (const socket of open) {
        socket.data.session?.conversation.finish()
        leaveIfIdle(socket)
      }
      return done
    },
  }
}

function upgrade(
  context: EdgeContext,
  request: Request,
  server: UpgradingServer,
  isDraining: boolean,
): Response | undefined | 'other' {
  const path = plainPath(pathOf(request.url))
  if (!isUpgrade(request) || !RESPONSES_PATHS.some((known) => known === path)) return 'other'
  try {
    refuseForeignSocket(request)
    context.guard().check(request)
    if (isDraining) throw new Fault('unavailable', 'The proxy is ending: connect again.', { retryAfterMs: 1000 })
  } catch (error) {
    return faultResponse(asFault(error), 'openai-responses')
  }
  const address = context.isLoopback ? 'loopback' : (server.requestIP(request)?.address ?? '')
  const state = request.headers.get(TURN_STATE)
  // The headers of a request that became a socket are gone.
  const data = { target: path + queryOf(request.url), headers: new Headers(request.headers), address }
  if (server.upgrade(request, { headers: state === null ? undefined : { [TURN_STATE]: state }, data })) return undefined
  return faultResponse(new Fault('invalid-request', NO_HANDSHAKE), 'openai-responses')
}

const NO_HANDSHAKE = 'The request asks for a WebSocket, but is no handshake: it needs Sec-WebSocket-Key and version 13.'

function isUpgrade({ method, headers }: Request): boolean {
  return method === 'GET' && headers.get('upgrade')?.toLowerCase() === 'websocket'
}
