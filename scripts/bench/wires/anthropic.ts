import { eventOf, historyOf, saysStream, SCHEMA, SYSTEM, toolNames, WORDS, type Wire } from '../wire.ts'

const HEAD = '"id":"msg_1","type":"message","role":"assistant","model":"claude-x"'

export const ANTHROPIC: Wire = {
  path: () => '/v1/messages',
  mark: '/v1/messages',
  model: 'claude-x',
  headers: { 'anthropic-version': '2023-06-01' },
  asksForStream: saysStream,
  request: ({ model, stream, characters, tools }) => ({
    model,
    max_tokens: 4096,
    stream,
    system: SYSTEM,
    messages: historyOf(characters).map(({ role, text }) => ({ role, content: text })),
    ...(tools > 0 && {
      tools: toolNames(tools).map((name) => ({ name, description: WORDS, input_schema: SCHEMA })),
    }),
  }),
  prelude:
    eventOf(
      'message_start',
      `"message":{${HEAD},"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}`,
    ) + eventOf('content_block_start', '"index":0,"content_block":{"type":"text","text":""}'),
  delta: (text) => eventOf('content_block_delta', `"index":0,"delta":{"type":"text_delta","text":"${text}"}`),
  coda: () =>
    eventOf('content_block_stop', '"index":0') +
    eventOf('message_delta', '"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":100}') +
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  answer: (text) =>
    `{${HEAD},"content":[{"type":"text","text":"${text}"}],"stop_reason":"end_turn","stop_sequence":null,` +
    '"usage":{"input_tokens":12,"output_tokens":100}}',
}
