import { historyOf, saysStream, SCHEMA, SYSTEM, toolNames, WORDS, type Wire } from '../wire.ts'

const HEAD = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-x"'
const USAGE = '"usage":{"prompt_tokens":12,"completion_tokens":100,"total_tokens":112}'

export const OPENAI_CHAT: Wire = {
  path: () => '/v1/chat/completions',
  mark: '/chat/completions',
  model: 'gpt-x',
  headers: {},
  asksForStream: saysStream,
  request: ({ model, stream, characters, tools }) => ({
    model,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    messages: [
      { role: 'system', content: SYSTEM },
      ...historyOf(characters).map(({ role, text }) => ({ role, content: text })),
    ],
    ...(tools > 0 && {
      tools: toolNames(tools).map((name) => ({
        type: 'function',
        function: { name, description: WORDS, parameters: SCHEMA },
      })),
    }),
  }),
  prelude: `data: {${HEAD},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n`,
  delta: (text) =>
    `data: {${HEAD},"choices":[{"index":0,"delta":{"content":"${text}"},"logprobs":null,"finish_reason":null}]}\n\n`,
  coda: () =>
    `data: {${HEAD},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n` +
    `data: {${HEAD},"choices":[],${USAGE}}\n\ndata: [DONE]\n\n`,
  answer: (text) =>
    '{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-x","choices":[{"index":0,' +
    `"message":{"role":"assistant","content":"${text}"},"logprobs":null,"finish_reason":"stop"}],${USAGE}}`,
}
