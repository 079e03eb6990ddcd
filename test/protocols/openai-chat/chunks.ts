import type { Frame, Loss, AnswerContext } from '../../../src/ir/codec.ts'
import { collect } from '../../../src/ir/collect.ts'
import type { ModelEvent, ModelResponse } from '../../../src/ir/response.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'

/** A chunk of the first choice. */
export function chunk(delta: object, rest: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'some-model',
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
  }
}

/** The last chunk of the first choice. */
export function ending(word: string, usage?: object): object {
  return { ...chunk({}, { finish_reason: word }), usage }
}

export function usageChunk(usage: object): object {
  return { ...chunk({}), choices: [], usage }
}

/** A call's entry in a delta. */
export function callDelta(
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
  input: unknown,
): object {
  return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: input } }] }
}

/** What the decoder makes of chunks (objects) and bare data (strings), the end of the stream included. */
export function decode(...sent: readonly (object | string)[]): readonly ModelEvent[] {
  const decoder = openaiChat.streamDecoder()
  const events = sent.flatMap((item) => [
    ...decoder.push({ data: typeof item === 'string' ? item : JSON.stringify(item) }),
  ])
  return [...events, ...decoder.end()]
}

/** The whole answer that the chunks tell, `[DONE]` put after them. */
export function answerOf(...sent: readonly (object | string)[]): ModelResponse {
  return collect(decode(...sent, '[DONE]'))
}

export function contextFor(losses: Loss[] = [], includeUsage = true): AnswerContext {
  let ids = 0
  return {
    model: 'client-model',
    createdAt: 1_700_000_000,
    newId: (prefix) => `${prefix}${String(ids++).padStart(20, '0')}`,
    includeUsage,
    asked: {},
    onLoss: (loss) => losses.push(loss),
  }
}

/** The frames that the encoder makes of events. */
export function encode(events: Iterable<ModelEvent>, context: AnswerContext = contextFor()): readonly Frame[] {
  const encoder = openaiChat.streamEncoder(context)
  const frames: Frame[] = []
  for (const event of events) frames.push(...encoder.push(event))
  return [...frames, ...encoder.end()]
}
