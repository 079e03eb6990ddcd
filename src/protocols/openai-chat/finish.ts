import type { OnLoss } from '../../ir/codec.ts'
import type { Finish, FinishReason } from '../../ir/response.ts'

/** Words of `finish_reason`: OpenAI's, then those that compatible vendors pass on from elsewhere. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'refusal',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_length: 'length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
  sensitive: 'refusal',
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  refusal: 'content_filter',
  other: 'stop',
}

/** What OpenAI's own clients know; `function_call` is left out because calls are always written as `tool_calls`. */
const CLIENT_WORDS: readonly string[] = ['stop', 'length', 'tool_calls', 'content_filter']

/**
 * Why the model stopped. `word` is '' when the vendor did not say.
 *
 * Whoever has calls to run must run them, whatever the vendor's word; a word that promises calls where none came means
 * a plain stop.
 */
export function readFinish(word: string, hasCalls: boolean): Finish {
  const said = word === '' ? 'stop' : (REASONS[word] ?? 'other')
  const reason =
    hasCalls && (said === 'stop' || said === 'other')
      ? 'tool-calls'
      : !hasCalls && said === 'tool-calls'
        ? 'stop'
        : said
  return { reason, raw: word === '' ? undefined : { protocol: 'openai-chat', word } }
}

/** The client's `finish_reason`: the vendor's own word where it is one of this protocol, else the reason's. */
export function writeFinish({ reason, raw }: Finish, hasCalls: boolean, onLoss: OnLoss): string {
  if (raw?.protocol === 'openai-chat' && CLIENT_WORDS.includes(raw.word)) return raw.word
  if (raw === undefined || raw.protocol === 'openai-chat') onLoss({ path: 'finish', reason: 'finish-word' })
  return reason === 'other' && hasCalls ? 'tool_calls' : WORDS[reason]
}
