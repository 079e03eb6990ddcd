import type { Fields } from '../../src/lib/json.ts'
import { eventOf, words, type Saying, type Vendor } from './saying.ts'

/** Anthropic's Messages API. */
export const anthropicVendor: Vendor = {
  whole: anthropicWhole,
  stream: anthropicStream,
  error: anthropicError,
  errorEvent: (type, message) => eventOf('error', anthropicError(type, message)),
}

function anthropicError(type: string, message: string): Fields {
  return { type: 'error', error: { type, message } }
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

function* anthropicStream(saying: Saying): Generator<string> {
  const whole = anthropicWhole(saying)
  yield eventOf('message_start', {
    message: { ...whole, content: [], stop_reason: null, usage: { input_tokens: 11, output_tokens: 1 } },
  })
  let index = 0
  const block = function* (head: Fields, deltas: readonly Fields[]): Generator<string> {
    yield eventOf('content_block_start', { index, content_block: head })
    for (const delta of deltas) yield eventOf('content_block_delta', { index, delta })
    yield eventOf('content_block_stop', { index })
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
  yield eventOf('message_delta', {
    delta: { stop_reason: whole['stop_reason'], stop_sequence: null },
    usage: { output_tokens: 7 },
  })
  yield eventOf('message_stop', {})
}
