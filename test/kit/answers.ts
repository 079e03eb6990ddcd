import type { Protocol } from '../../src/ir/protocol.ts'
import type { Fields } from '../../src/lib/json.ts'
import type { Script, UpstreamCall } from './upstream.ts'

/** The protocols that have a codec. */
export const SERVED = ['anthropic', 'openai-chat'] as const satisfies readonly Protocol[]
export type Served = (typeof SERVED)[number]

/** What a scripted upstream says. */
export interface Saying {
  readonly text?: string
  readonly thinking?: string
  readonly call?: { readonly id: string; readonly name: string; readonly input: Fields }
}

export const HELLO: Saying = { text: 'Hello there, friend.' }

/** Answers like a vendor of the protocol: as a stream when the request asks for one. */
export function say(protocol: Served, saying: Saying = HELLO): Script {
  return async (call) => {
    if (call.body['stream'] !== true) {
      call.json(wholeOf(protocol, saying))
      return
    }
    call.open()
    for (const text of streamOf(protocol, saying, call)) await call.write(text)
    call.end()
  }
}

/** A whole answer. */
export function wholeOf(protocol: Served, saying: Saying = HELLO): Fields {
  return protocol === 'anthropic' ? anthropicWhole(saying) : chatWhole(saying)
}

/** The events of a whole stream, each with its blank line. */
export function streamOf(protocol: Served, saying: Saying = HELLO, call?: UpstreamCall): readonly string[] {
  const { stream_options: options } = call?.body ?? {}
  const hasUsage = typeof options === 'object' && options !== null && 'include_usage' in options
  return protocol === 'anthropic' ? [...anthropicStream(saying)] : [...chatStream(saying, hasUsage)]
}

/** A vendor's error body. */
export function errorOf(protocol: Served, type: string, message: string): Fields {
  return protocol === 'anthropic'
    ? { type: 'error', error: { type, message } }
    : { error: { message, type, code: null } }
}

/** The event that tells an error in the middle of a stream. */
export function errorEvent(protocol: Served, type: string, message: string): string {
  const data = JSON.stringify(errorOf(protocol, type, message))
  return protocol === 'anthropic' ? `event: error\ndata: ${data}\n\n` : `data: ${data}\n\n`
}

function anthropicWhole({ text, thinking, call }: Saying): Fields {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'upstream-model',
    content: [
      ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: 'c2lnbmF0dXJl' }]),
      ...(text === undefined ? [] : [{ type: 'text', text }]),
      ...(call ? [{ type: 'tool_use', ...call }] : []),
    ],
    stop_reason: call ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 11, output_tokens: 7 },
  }
}

function event(type: string, fields: Fields): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

function* anthropicStream(saying: Saying): Generator<string> {
  const whole = anthropicWhole(saying)
  yield event('message_start', {
    message: { ...whole, content: [], stop_reason: null, usage: { input_tokens: 11, output_tokens: 1 } },
  })
  let index = 0
  const block = function* (head: Fields, deltas: readonly Fields[]): Generator<string> {
    yield event('content_block_start', { index, content_block: head })
    for (const delta of deltas) yield event('content_block_delta', { index, delta })
    yield event('content_block_stop', { index })
    index++
  }
  const { thinking, text, call } = saying
  if (thinking !== undefined) {
    yield* block({ type: 'thinking', thinking: '', signature: '' }, [
      ...words(thinking).map((word) => ({ type: 'thinking_delta', thinking: word })),
      { type: 'signature_delta', signature: 'c2lnbmF0dXJl' },
    ])
  }
  if (text !== undefined)
    yield* block(
      { type: 'text', text: '' },
      words(text).map((word) => ({ type: 'text_delta', text: word })),
    )
  if (call) {
    const { id, name, input } = call
    yield* block({ type: 'tool_use', id, name, input: {} }, [
      { type: 'input_json_delta', partial_json: JSON.stringify(input) },
    ])
  }
  yield event('message_delta', {
    delta: { stop_reason: whole['stop_reason'], stop_sequence: null },
    usage: { output_tokens: 7 },
  })
  yield event('message_stop', {})
}

function chatWhole({ text, thinking, call }: Saying): Fields {
  const message = {
    role: 'assistant',
    content: text ?? null,
    reasoning_content: thinking,
    tool_calls: call && [wireCall(call)],
  }
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'upstream-model',
    choices: [{ index: 0, message, finish_reason: call ? 'tool_calls' : 'stop', logprobs: null }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  }
}

function* chatStream({ text, thinking, call }: Saying, hasUsage: boolean): Generator<string> {
  const { choices: _choices, usage, ...base } = chatWhole({})
  const line = (fields: Fields): string =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', ...fields })}\n\n`
  const chunk = (delta: Fields, finish: string | null = null): string =>
    line({ choices: [{ index: 0, delta, finish_reason: finish }] })
  yield chunk({ role: 'assistant', content: '' })
  for (const word of words(thinking ?? '')) yield chunk({ reasoning_content: word })
  for (const word of words(text ?? '')) yield chunk({ content: word })
  if (call) yield chunk({ tool_calls: [{ index: 0, ...wireCall(call) }] })
  yield chunk({}, call ? 'tool_calls' : 'stop')
  if (hasUsage) yield line({ choices: [], usage })
  yield 'data: [DONE]\n\n'
}

function wireCall({ id, name, input }: NonNullable<Saying['call']>): Fields {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } }
}

/** The words with the white space before them: joined, they are the text again. */
function words(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}
