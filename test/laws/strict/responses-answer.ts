import { readObjects, readString, type Fields } from '../../../src/lib/json.ts'
import { eventOf, pieces, type Answer } from './vendor.ts'

/** An answer of these items, whole and as a stream. */
export function responseOf(model: string, output: readonly Fields[]): Answer {
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 15,
  }
  const body = {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    model,
    status: 'completed',
    output,
    usage,
  }
  const begun = { ...body, status: 'in_progress', output: [], usage: null }
  const events: readonly (readonly [string, Fields])[] = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ...output.flatMap(itemEvents),
    ['response.completed', { response: body }],
  ]
  return {
    secrets: output.flatMap(({ encrypted_content }) => readString(encrypted_content) ?? []),
    body,
    frames: events.map(([type, fields], at) => eventOf(type, { sequence_number: at, ...fields })),
  }
}

function itemEvents(item: Fields, output_index: number): readonly (readonly [string, Fields])[] {
  const { type, id: item_id, summary, content, arguments: input } = item
  const at = { item_id, output_index }
  const added = { ...item, encrypted_content: undefined, summary: summary && [], content: content && [] }
  const inner: (readonly [string, Fields])[] = []
  if (type === 'message') {
    const [part = {}] = readObjects(content)
    const text = String(part['text'])
    const place = { ...at, content_index: 0 }
    inner.push(
      ['response.content_part.added', { ...place, part: { ...part, text: '' } }],
      ...pieces(text).map((delta) => ['response.output_text.delta', { ...place, delta }] as const),
      ['response.output_text.done', { ...place, text }],
      ['response.content_part.done', { ...place, part }],
    )
  } else if (type === 'function_call') {
    inner.push(
      ...pieces(String(input)).map((delta) => ['response.function_call_arguments.delta', { ...at, delta }] as const),
      ['response.function_call_arguments.done', { ...at, arguments: input }],
    )
  }
  for (const [summary_index, part] of readObjects(summary).entries()) {
    const text = String(part['text'])
    const place = { ...at, summary_index }
    inner.push(
      ['response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } }],
      ...pieces(text).map((delta) => ['response.reasoning_summary_text.delta', { ...place, delta }] as const),
      ['response.reasoning_summary_text.done', { ...place, text }],
      ['response.reasoning_summary_part.done', { ...place, part }],
    )
  }
  return [
    ['response.output_item.added', { output_index, item: added }],
    ...inner,
    ['response.output_item.done', { output_index, item }],
  ]
}
