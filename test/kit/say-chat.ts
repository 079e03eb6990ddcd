import type { Fields } from '../../src/lib/json.ts'
import { dataOf, words, type Saying, type Vendor } from './saying.ts'

/** OpenAI's Chat Completions. */
export const chatVendor: Vendor = {
  whole: chatWhole,
  stream: chatStream,
  error: openaiError,
  errorEvent: (type, message) => dataOf(openaiError(type, message)),
}

/** An error body of OpenAI, in any of its APIs. */
export function openaiError(type: string, message: string): Fields {
  return { error: { message, type, param: null, code: null } }
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
  const line = (fields: Fields): string => dataOf({ ...base, object: 'chat.completion.chunk', ...fields })
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
