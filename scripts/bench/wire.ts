/** The two protocols of the bench: what a client asks and what the mock upstream answers. */
export type BenchProtocol = 'chat' | 'anthropic'

/** What differs between the protocols. */
export interface Wire {
  readonly path: string
  /** The model that the product serves over an upstream of this protocol. */
  readonly model: string
  /** Headers of a client beside content-type and authorization. */
  readonly headers: Readonly<Record<string, string>>
  request(shape: RequestShape): object
  /** Events of a stream before the first text. */
  readonly prelude: string
  /** One event that says `text`. */
  delta(text: string): string
  /** Events of a stream after the last text. */
  readonly coda: string
  /** A whole answer that says `text`. */
  answer(text: string): string
}

/** How large a request is. */
export interface RequestShape {
  readonly model: string
  readonly stream: boolean
  /** Length of the history, in characters. */
  readonly characters: number
  readonly tools: number
}

const WORDS = 'the quick brown fox jumps over the lazy dog and reads "a file"\n'
/** Characters of one turn of a long history. */
const TURN_CHARACTERS = 4000
const SCHEMA = {
  type: 'object',
  properties: { path: { type: 'string', description: 'Absolute path' }, limit: { type: 'integer' } },
  required: ['path'],
}

const CHAT_HEAD = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-x"'
const CHAT_USAGE = '"usage":{"prompt_tokens":12,"completion_tokens":100,"total_tokens":112}'

const CHAT: Wire = {
  path: '/v1/chat/completions',
  model: 'gpt-x',
  headers: {},
  request: ({ model, stream, characters, tools }) => ({
    model,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    messages: [{ role: 'system', content: 'You are helpful.' }, ...messagesOf(characters)],
    ...(tools > 0 && { tools: toolNames(tools).map((name) => ({ type: 'function', function: chatFunction(name) })) }),
  }),
  prelude: `data: {${CHAT_HEAD},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n`,
  delta: (text) =>
    `data: {${CHAT_HEAD},"choices":[{"index":0,"delta":{"content":"${text}"},"logprobs":null,"finish_reason":null}]}\n\n`,
  coda:
    `data: {${CHAT_HEAD},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n` +
    `data: {${CHAT_HEAD},"choices":[],${CHAT_USAGE}}\n\ndata: [DONE]\n\n`,
  answer: (text) =>
    '{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-x","choices":[{"index":0,' +
    `"message":{"role":"assistant","content":"${text}"},"logprobs":null,"finish_reason":"stop"}],${CHAT_USAGE}}`,
}

const ANTHROPIC_HEAD = '"id":"msg_1","type":"message","role":"assistant","model":"claude-x"'

const ANTHROPIC: Wire = {
  path: '/v1/messages',
  model: 'claude-x',
  headers: { 'anthropic-version': '2023-06-01' },
  request: ({ model, stream, characters, tools }) => ({
    model,
    max_tokens: 4096,
    stream,
    system: 'You are helpful.',
    messages: messagesOf(characters),
    ...(tools > 0 && {
      tools: toolNames(tools).map((name) => ({ name, description: WORDS, input_schema: SCHEMA })),
    }),
  }),
  prelude:
    eventOf(
      'message_start',
      `"message":{${ANTHROPIC_HEAD},"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}`,
    ) + eventOf('content_block_start', '"index":0,"content_block":{"type":"text","text":""}'),
  delta: (text) => eventOf('content_block_delta', `"index":0,"delta":{"type":"text_delta","text":"${text}"}`),
  coda:
    eventOf('content_block_stop', '"index":0') +
    eventOf('message_delta', '"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":100}') +
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  answer: (text) =>
    `{${ANTHROPIC_HEAD},"content":[{"type":"text","text":"${text}"}],"stop_reason":"end_turn","stop_sequence":null,` +
    '"usage":{"input_tokens":12,"output_tokens":100}}',
}

export const WIRES: Readonly<Record<BenchProtocol, Wire>> = { chat: CHAT, anthropic: ANTHROPIC }

function eventOf(type: string, fields: string): string {
  return `event: ${type}\ndata: {"type":"${type}",${fields}}\n\n`
}

function chatFunction(name: string): object {
  return { name, description: WORDS, parameters: SCHEMA }
}

function toolNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `tool_${index}`)
}

/** A history that begins and ends with the user. */
function messagesOf(characters: number): readonly object[] {
  const text = WORDS.repeat(Math.ceil(characters / WORDS.length)).slice(0, characters)
  const turns = Math.max(1, Math.floor(characters / TURN_CHARACTERS)) | 1
  return Array.from({ length: turns }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: text.slice((index * characters) / turns, ((index + 1) * characters) / turns),
  }))
}
