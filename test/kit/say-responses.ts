import type { Fields } from '../../src/lib/json.ts'
import { openaiError } from './say-chat.ts'
import { eventOf, words, type Saying, type Vendor } from './saying.ts'

/** OpenAI's Responses API. */
export const responsesVendor: Vendor = {
  whole: (saying) => responsesWhole(itemsOf(saying)),
  stream: responsesStream,
  error: openaiError,
  errorEvent: (type, message) => eventOf('error', { sequence_number: 99, code: type, message, param: null }),
}

function itemsOf({ text, thinking, call }: Saying): readonly Fields[] {
  const items: Fields[] = []
  if (thinking !== undefined) {
    const summary = [{ type: 'summary_text', text: thinking }]
    items.push({ type: 'reasoning', id: 'rs_1', summary, encrypted_content: 'c2lnbmF0dXJl', status: 'completed' })
  }
  if (text !== undefined) {
    const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }]
    items.push({ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content })
  }
  if (call) {
    const { id, name, input } = call
    const wire = { call_id: id, name, arguments: JSON.stringify(input) }
    items.push({ type: 'function_call', id: 'fc_1', status: 'completed', ...wire })
  }
  return items
}

function responsesWhole(output: readonly Fields[], status = 'completed'): Fields {
  const usage = {
    input_tokens: 11,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 18,
  }
  return {
    id: 'resp_upstream',
    object: 'response',
    created_at: 1_700_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: 'upstream-model',
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    metadata: {},
    usage: status === 'completed' ? usage : null,
  }
}

function* responsesStream(saying: Saying): Generator<string> {
  let sequence = 0
  const event = (type: string, fields: Fields): string => eventOf(type, { sequence_number: sequence++, ...fields })
  const items = itemsOf(saying)
  yield event('response.created', { response: responsesWhole([], 'in_progress') })
  for (const [index, item] of items.entries()) {
    const at = { item_id: item['id'], output_index: index }
    const open = { ...item, status: 'in_progress', ...EMPTY[String(item['type'])] }
    yield event('response.output_item.added', { output_index: index, item: open })
    yield* deltasOf(saying, item, (type, fields) => event(`response.${type}`, { ...at, ...fields }))
    yield event('response.output_item.done', { output_index: index, item })
  }
  yield event('response.completed', { response: responsesWhole(items) })
}

/** What an item has not yet when it begins. */
const EMPTY: Readonly<Record<string, Fields>> = {
  reasoning: { summary: [], encrypted_content: undefined },
  message: { content: [] },
  function_call: { arguments: '' },
}

function* deltasOf(
  { text = '', thinking = '' }: Saying,
  { type, arguments: input }: Fields,
  event: (type: string, fields: Fields) => string,
): Generator<string> {
  switch (type) {
    case 'reasoning': {
      const at = { summary_index: 0 }
      yield event('reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } })
      for (const word of words(thinking)) yield event('reasoning_summary_text.delta', { ...at, delta: word })
      yield event('reasoning_summary_text.done', { ...at, text: thinking })
      yield event('reasoning_summary_part.done', { ...at, part: { type: 'summary_text', text: thinking } })
      break
    }
    case 'message': {
      const at = { content_index: 0 }
      const part = { type: 'output_text', annotations: [], logprobs: [] }
      yield event('content_part.added', { ...at, part: { ...part, text: '' } })
      for (const word of words(text)) yield event('output_text.delta', { ...at, delta: word, logprobs: [] })
      yield event('output_text.done', { ...at, text, logprobs: [] })
      yield event('content_part.done', { ...at, part: { ...part, text } })
      break
    }
    default:
      yield event('function_call_arguments.delta', { delta: input })
      yield event('function_call_arguments.done', { arguments: input })
  }
}
