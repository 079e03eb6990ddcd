import type { Codec } from '../ir/codec.ts'
import { createConversations } from '../gateway/conversation.ts'
import { createConnectionMemory, type HeldTexts } from '../gateway/response-memory.ts'
import { Fault } from '../ir/fault.ts'
import { parseObject, readText } from '../lib/json.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { createFrameQueue, WAITING_MAX } from './frame-queue.ts'
import { createPrewarm } from './prewarm.ts'
import { respondInto } from './respond.ts'
import { responsesSchema } from './schemas.ts'
import { createModelServer, type PeerSource } from './serve-model.ts'
import { bodyOf, inheritedBy, NOTHING_BEFORE, previousFor, readFrame, type Frame } from './socket-frame.ts'
import type { SocketSink } from './socket-sink.ts'

/** One client's requests over one socket, answered one after the other. */
export interface SocketConversation {
  /** Takes a frame; resolves when nothing is left to do. Never rejects. */
  take(text: string): Promise<void>
  readonly isBusy: () => boolean
  /** Nothing that still waits is answered. */
  finish(): void
  /** The client has left: what is in flight is given up. */
  leave(): void
}

export interface ConversationOptions {
  readonly context: EdgeContext
  readonly codec: Codec
  /** The path and the query of the handshake; browsers can show a key only there. */
  readonly target: string
  /** Of the handshake; they count for each request. */
  readonly headers: Headers
  /** The client's. */
  readonly address: string
  readonly sink: SocketSink
  /** What all sockets hold of their conversations. */
  readonly held: HeldTexts
}

/** Closing code of who asks more than is allowed, and the longest reason. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.5 */
const POLICY = 1008
const REASON_CHARS_MAX = 123

/** Headers that are the handshake's own. */
const HANDSHAKE = ['upgrade', 'connection', 'content-encoding', 'transfer-encoding']

export function createSocketConversation(options: ConversationOptions): SocketConversation {
  const { context, codec, sink } = options
  const bytesMax = (): number => context.config().bodyBytesMax
  const memory = createConnectionMemory(context.responses, bytesMax, options.held)
  const conversations = createConversations(memory, bytesMax)
  const serve = createModelServer(
    context,
    { codec, schema: responsesSchema, conversations },
    (_demand, exchange, pending, respondOptions) => respondInto(sink.answerSink(), exchange, pending, respondOptions),
    tellLater,
  )
  const peer: PeerSource = { requestIP: () => ({ address: options.address, port: 0, family: 'IPv4' }) }
  const leaving = new AbortController()
  /** What the next request inherits, as JSON. */
  let before = NOTHING_BEFORE

  const answer = async (frame: Frame): Promise<void> => {
    const previous = previousFor(frame, memory.newest())
    before = inheritedBy(frame, previous === undefined ? NOTHING_BEFORE : before)
    const body = bodyOf(frame, previous, before)
    if (frame.isPrewarm) return await prewarm(body, previous)
    const headers = requestHeaders(options.headers, body)
    const url = `http://localhost${options.target}`
    await serve(new Request(url, { method: 'POST', headers, body, signal: leaving.signal }), peer)
  }
  const prewarm = async (body: string, previous: string | undefined): Promise<void> => {
    const { model, input } = parseObject(body) ?? {}
    if (readText(model) === undefined) throw noModel()
    const { id, events, kept } = createPrewarm(codec, String(model))
    memory.add({ id, input: JSON.stringify(input ?? []), answer: kept, items: [], previous })
    for (const event of events) await sink.send(event)
  }
  const tell = async (fault: Fault): Promise<void> => {
    try {
      await sink.send(await errorFrame(fault, codec))
    } catch {
      // The client has left.
    }
  }
  const queue = createFrameQueue(async (text) => {
    try {
      const frame = readFrame(text)
      if (frame) await answer(frame)
    } catch (error) {
      // Nobody is told who has left.
      if (!leaving.signal.aborted) await tell(asFault(error))
    }
  }, bytesMax)
  const refuse = async (): Promise<void> => {
    // Refusals that nobody reads would pile up.
    if (sink.isFull()) sink.close(POLICY, TOO_MANY.slice(0, REASON_CHARS_MAX))
    else await tell(new Fault('rate-limit', TOO_MANY, { code: 'too_many_requests', retryAfterMs: 1000 }))
  }
  return {
    isBusy: queue.isBusy,
    take: (text) => queue.add(text) ?? refuse(),
    finish: queue.clear,
    leave() {
      queue.clear()
      leaving.abort()
      memory.close()
    },
  }
}

/** A refusal is a frame like others: whoever serves the queue tells it. */
function tellLater(fault: Fault): never {
  throw fault
}

function noModel(): Fault {
  return new Fault('invalid-request', "The field 'model' is missing: name the model to ask.", { param: 'model' })
}

const TOO_MANY = `A socket answers one request after the other, and ${WAITING_MAX} are waiting: wait for an answer, or open another socket.`

function requestHeaders(handshake: Headers, body: string): Headers {
  const headers = new Headers(handshake)
  for (const name of handshake.keys())
    if (HANDSHAKE.includes(name) || name.startsWith('sec-websocket-')) headers.delete(name)
  // What the handshake asked for is of no concern to an upstream.
  const betas = (headers.get('openai-beta') ?? '').split(',').filter((beta) => !/^\s*responses_websockets=/.test(beta))
  headers.delete('openai-beta')
  if (betas.some((beta) => beta.trim() !== '')) headers.set('openai-beta', betas.join(',').trim())
  headers.set('content-type', 'application/json')
  headers.set('content-length', String(Buffer.byteLength(body)))
  return headers
}

/** A failure as the frame that clients know. */
async function errorFrame(fault: Fault, { protocol }: Codec): Promise<string> {
  const response = faultResponse(fault, protocol)
  const { error } = parseObject(await response.text()) ?? {}
  const retryAfter = response.headers.get('retry-after')
  const headers = retryAfter === null ? undefined : { 'retry-after': retryAfter }
  return JSON.stringify({ type: 'error', status: response.status, error, headers })
}
