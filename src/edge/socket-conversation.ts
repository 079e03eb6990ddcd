import type { Codec } from '../ir/codec.ts'
import { createConversations } from '../gateway/conversation.ts'
import { createConnectionMemory, type HeldTexts } from '../gateway/response-memory.ts'
import { isWholeHistory } from '../gateway/replay.ts'
import { Fault } from '../ir/fault.ts'
import { type Fields, parseJson, parseObject, readText } from '../lib/json.ts'
import { scanFields, spliceFields, type Scan } from '../lib/json-scan.ts'
import type { EdgeContext } from './context.ts'
import { asFault, faultResponse } from './fault-response.ts'
import { createFrameQueue, WAITING_MAX } from './frame-queue.ts'
import { createPrewarm } from './prewarm.ts'
import { respondInto } from './respond.ts'
import { responsesSchema } from './schemas.ts'
import { createModelServer, type PeerSource } from './serve-model.ts'
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

/** Fields that a request inherits from the one before it on the same socket. */
const INHERITED = ['model', 'instructions', 'tools'] as const

/** Fields of a frame that are no request's. */
const FRAME_FIELDS = { type: undefined, generate: undefined, background: undefined, stream: true }

export function createConversation(options: ConversationOptions): SocketConversation {
  const { context, codec, sink } = options
  const bytesMax = (): number => context.config().bodyBytesMax
  const memory = createConnectionMemory(context.responses, bytesMax, options.held)
  const conversations = createConversations(memory, bytesMax)
  const serve = createModelServer(
    context,
    { codec, schema: responsesSchema, conversations },
    (demand, exchange, pending, respondOptions) =>
      respondInto(sink.answerSink(), demand, exchange, pending, respondOptions),
    tellLater,
  )
  const peer: PeerSource = { requestIP: () => ({ address: options.address, port: 0, family: 'IPv4' }) }
  const leaving = new AbortController()
  /** What the next request inherits, as JSON. */
  let before: ReadonlyMap<string, string> = new Map()

  const answer = async (frame: Frame): Promise<void> => {
    const { text, fields } = frame
    const body = spliceFields(text, { ...FRAME_FIELDS, ...previousFor(frame, memory.newest()) })
    const whole = withInherited(body, fields, isContinuing(body) ? before : NOTHING_BEFORE)
    before = inheritedFrom(whole)
    if (frame.isPrewarm) return await prewarm(whole)
    const headers = requestHeaders(options.headers, whole)
    const url = `http://localhost${options.target}`
    await serve(new Request(url, { method: 'POST', headers, body: whole, signal: leaving.signal }), peer)
  }
  const prewarm = async (body: string): Promise<void> => {
    const { model, input } = parseObject(body) ?? {}
    if (readText(model) === undefined) throw noModel()
    const { id, events, kept } = createPrewarm(String(model))
    memory.add({ id, input: JSON.stringify(input ?? []), answer: kept, items: [], previous: previousIn(body) })
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

/** A frame that asks for an answer. */
interface Frame {
  readonly text: string
  readonly fields: Scan['fields']
  readonly isAppended: boolean
  /** Nothing is to be generated: the client only sends ahead what its next request builds on. */
  readonly isPrewarm: boolean
}

/** @returns undefined for a frame that wants no answer. @throws {Fault} invalid-request */
function readFrame(text: string): Frame | undefined {
  const fields = scanFields(text)?.fields
  if (!fields) throw new Fault('invalid-request', `The frame is no JSON object: send ${EXPECTED}.`)
  const type = valueOf(text, fields, 'type')
  // Codex says so of an answer that it has taken.
  if (type === 'response.processed') return undefined
  if (type !== 'response.create' && type !== 'response.append') {
    const shown = (JSON.stringify(type) ?? 'missing').slice(0, 60)
    throw new Fault('invalid-request', `The field 'type' is ${shown}: send ${EXPECTED}.`, { param: 'type' })
  }
  if (fields.has('stream_id'))
    throw new Fault('invalid-request', NO_STREAMS, { code: 'unsupported_parameter', param: 'stream_id' })
  const isPrewarm = valueOf(text, fields, 'generate') === false
  return { text, fields, isAppended: type === 'response.append', isPrewarm }
}

const NO_STREAMS = 'stream_id: a socket carries one conversation at a time here. Leave it out, or open another socket.'

const EXPECTED = `an object of type 'response.create'`

function valueOf(text: string, fields: Scan['fields'], name: string): unknown {
  const at = fields.get(name)
  return at && parseJson(text.slice(at.start, at.end))
}

/** What is appended goes on from the newest answer, unless it says from which, or is all there is. */
function previousFor({ text, fields, isAppended }: Frame, newest: string | undefined): Fields | undefined {
  if (!isAppended || newest === undefined || valueOf(text, fields, 'previous_response_id')) return undefined
  return isWholeHistory(valueOf(text, fields, 'input')) ? undefined : { previous_response_id: newest }
}

function previousIn(body: string): string | undefined {
  const fields = scanFields(body)?.fields
  return fields && readText(valueOf(body, fields, 'previous_response_id'))
}

function isContinuing(body: string): boolean {
  return previousIn(body) !== undefined
}

const NOTHING_BEFORE: ReadonlyMap<string, string> = new Map()

function withInherited(body: string, fields: Scan['fields'], before: ReadonlyMap<string, string>): string {
  const added = [...before]
    .filter(([name]) => !fields.has(name))
    .map(([name, json]) => `${JSON.stringify(name)}:${json},`)
  // The body holds at least its mode, so that a comma is right.
  return added.length === 0 ? body : body.replace('{', () => `{${added.join('')}`)
}

function inheritedFrom(body: string): ReadonlyMap<string, string> {
  const fields = scanFields(body)?.fields
  return new Map(
    INHERITED.flatMap((name): [string, string][] => {
      const at = fields?.get(name)
      return at ? [[name, body.slice(at.start, at.end)]] : []
    }),
  )
}

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
