import { eventOf, historyOf, saysStream, SCHEMA, SYSTEM, toolNames, WORDS, type Wire } from '../wire.ts'

const PLACE = '"item_id":"msg_1","output_index":0,"content_index":0'
const USAGE =
  '"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":0},"output_tokens":100,' +
  '"output_tokens_details":{"reasoning_tokens":0},"total_tokens":112}'

export const OPENAI_RESPONSES: Wire = {
  path: () => '/v1/responses',
  mark: '/responses',
  model: 'codex-x',
  headers: {},
  asksForStream: saysStream,
  request: ({ model, stream, characters, tools }) => ({
    model,
    stream,
    store: false,
    instructions: SYSTEM,
    input: historyOf(characters).map(({ role, text }) => ({
      role,
      content: [{ type: role === 'user' ? 'input_text' : 'output_text', text }],
    })),
    ...(tools > 0 && {
      tools: toolNames(tools).map((name) => ({
        type: 'function',
        name,
        description: WORDS,
        parameters: SCHEMA,
        strict: false,
      })),
    }),
  }),
  prelude:
    eventOf('response.created', `"sequence_number":0,"response":${responseOf('in_progress', '')}`) +
    eventOf('response.in_progress', `"sequence_number":1,"response":${responseOf('in_progress', '')}`) +
    eventOf('response.output_item.added', `"sequence_number":2,"output_index":0,"item":${itemOf('in_progress', '')}`) +
    eventOf('response.content_part.added', `"sequence_number":3,${PLACE},"part":${partOf('')}`),
  delta: (text) =>
    eventOf('response.output_text.delta', `"sequence_number":4,${PLACE},"delta":"${text}","logprobs":[]`),
  coda: (said) =>
    eventOf('response.output_text.done', `"sequence_number":5,${PLACE},"text":"${said}","logprobs":[]`) +
    eventOf('response.content_part.done', `"sequence_number":6,${PLACE},"part":${partOf(said)}`) +
    eventOf(
      'response.output_item.done',
      `"sequence_number":7,"output_index":0,"item":${itemOf('completed', partOf(said))}`,
    ) +
    eventOf('response.completed', `"sequence_number":8,"response":${answerOf(said)}`),
  answer: answerOf,
}

function answerOf(text: string): string {
  return responseOf('completed', itemOf('completed', partOf(text)), USAGE)
}

function responseOf(status: string, items: string, usage = '"usage":null'): string {
  return (
    `{"id":"resp_1","object":"response","created_at":1700000000,"status":"${status}","error":null,` +
    `"incomplete_details":null,"model":"codex-x","output":[${items}],"parallel_tool_calls":true,"store":false,` +
    `"tool_choice":"auto","tools":[],${usage}}`
  )
}

function itemOf(status: string, parts: string): string {
  return `{"id":"msg_1","type":"message","role":"assistant","status":"${status}","content":[${parts}]}`
}

function partOf(text: string): string {
  return `{"type":"output_text","text":"${text}","annotations":[],"logprobs":[]}`
}
