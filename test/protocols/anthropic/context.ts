import type { AnswerContext, Loss } from '../../../src/ir/codec.ts'
import type { ModelRequest, Turn } from '../../../src/ir/request.ts'
import type { ModelEvent } from '../../../src/ir/response.ts'
import { readObject, type Fields } from '../../../src/lib/json.ts'
import { createSseReader } from '../../../src/lib/sse.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'

/** A context whose ids are the same in every run. */
export function contextFor(losses: Loss[] = []): AnswerContext {
  let count = 0
  return {
    model: 'm',
    createdAt: 0,
    newId: (prefix) => `${prefix}${String(++count).padStart(20, '0')}`,
    includeUsage: true,
    asked: {},
    onLoss: (loss) => void losses.push(loss),
  }
}

/** A request of another protocol's client. */
export function requestOf(turns: readonly Turn[], fields: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'm', stream: false, system: [], turns, tools: [], hosted: [], sampling: {}, ...fields }
}

/** The body as the wire has it, and the reasons of what was lost. */
export function encode(request: ModelRequest): { readonly body: Fields; readonly losses: readonly string[] } {
  const losses: string[] = []
  const body = anthropic.encodeRequest(request, ({ path, reason }) => void losses.push(`${path}: ${reason}`))
  return { body: readObject(JSON.parse(JSON.stringify(body))) ?? {}, losses }
}

/** The events of a stream given as SSE text. */
export function decodeStream(sse: string): readonly ModelEvent[] {
  const reader = createSseReader()
  const decoder = anthropic.streamDecoder()
  const frames = [...reader.push(new TextEncoder().encode(sse)), ...reader.end()]
  return [...frames.flatMap((frame) => [...decoder.push(frame)]), ...decoder.end()]
}

/** SSE text of events, each named by its type. */
export function sseOf(...events: readonly Fields[]): string {
  return events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

/** The frames that events make, each as `event data`. */
export function encodeStream(events: readonly ModelEvent[], losses: Loss[] = []): readonly string[] {
  const encoder = anthropic.streamEncoder(contextFor(losses))
  const frames = [...events.flatMap((event) => [...encoder.push(event)]), ...encoder.end()]
  return frames.map(({ event, data }) => `${event} ${data.replace(`"type":"${event}",`, '')}`)
}
