import type { AnswerContext, Frame, Loss, StreamEncoder } from '../../../src/ir/codec.ts'
import { collect } from '../../../src/ir/collect.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { AnswerPart, ModelEvent, ModelResponse } from '../../../src/ir/response.ts'
import { parseObject } from '../../../src/lib/json.ts'
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts'

/** What the decoder makes of events (objects) and bare data (strings), the end of the stream included. */
export function decode(...sent: readonly (object | string)[]): readonly ModelEvent[] {
  const decoder = openaiResponses.streamDecoder()
  const events = sent.flatMap((item) => [
    ...decoder.push({ data: typeof item === 'string' ? item : JSON.stringify(item) }),
  ])
  return [...events, ...decoder.end()]
}

/** The whole answer that events tell, `response.completed` without items put after them. */
export function answerOf(...sent: readonly (object | string)[]): ModelResponse {
  return collect(decode(...sent, completed([])))
}

/** What parts say, each in a line. */
export function saidBy(parts: readonly AnswerPart[]): readonly string[] {
  return parts.map((part) => {
    if (part.type === 'tool-call') return `${part.kind} ${part.id} ${part.name}(${part.input})`
    if (part.type === 'text') return part.refusal === true ? `refusal ${part.text}` : `text ${part.text}`
    return part.type === 'reasoning' ? `reasoning ${part.text}` : part.type
  })
}

export function completed(output: readonly object[], rest: object = {}): JsonObject {
  return { type: 'response.completed', response: response(output, { status: 'completed', ...rest }) }
}

export function response(output: readonly object[], rest: object = {}): JsonObject {
  return { id: 'resp_1', object: 'response', created_at: 1, model: 'some-model', status: 'completed', output, ...rest }
}

export function added(output_index: number, item: object): JsonObject {
  return { type: 'response.output_item.added', output_index, item }
}

export function done(output_index: number, item: object): JsonObject {
  return { type: 'response.output_item.done', output_index, item }
}

/** An event inside an item. */
export function inside(output_index: number, type: string, fields: object): JsonObject {
  return { type: `response.${type}`, output_index, ...fields }
}

export function message(id: string, texts: readonly string[], rest: object = {}): JsonObject {
  const content = texts.map((text) => ({ type: 'output_text', text, annotations: [] }))
  return { id, type: 'message', status: 'completed', role: 'assistant', content, ...rest }
}

export function call(id: string, input: string, rest: object = {}): JsonObject {
  return { id: `fc_${id}`, type: 'function_call', call_id: id, name: 'look', arguments: input, ...rest }
}

export function contextFor(losses: Loss[] = [], asked: JsonObject = {}): AnswerContext {
  let ids = 0
  return {
    model: 'client-model',
    createdAt: 1_700_000_000,
    newId: (prefix) => `${prefix}${ids++}`,
    includeUsage: true,
    asked,
    onLoss: (loss) => losses.push(loss),
  }
}

/** What the encoder makes of events. */
export function encode(events: Iterable<ModelEvent>, context: AnswerContext = contextFor()): readonly Frame[] {
  return push(openaiResponses.streamEncoder(context), events)
}

export function push(encoder: StreamEncoder, events: Iterable<ModelEvent>): readonly Frame[] {
  const frames: Frame[] = []
  for (const event of events) frames.push(...encoder.push(event))
  return [...frames, ...encoder.end()]
}

/** The data of frames; those that hold the whole response are told by its status and output alone. */
export function briefly(frames: readonly Frame[]): readonly JsonObject[] {
  return frames.map(({ data }) => {
    const { sequence_number: _number, response: whole, ...event } = parseObject(data) ?? {}
    if (typeof whole !== 'object' || whole === null) return event
    const { status, output } = { status: undefined, output: undefined, ...whole }
    return { ...event, status, output }
  })
}
