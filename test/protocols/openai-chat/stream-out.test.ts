import { expect, test } from 'bun:test'
import OpenAI from 'openai'
import { replay } from '../../../src/ir/collect.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { Loss } from '../../../src/ir/codec.ts'
import type { Seal } from '../../../src/ir/part.ts'
import type { ModelResponse } from '../../../src/ir/response.ts'
import { parseObject } from '../../../src/lib/json.ts'
import { writeSse } from '../../../src/lib/sse.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { contextFor, encode } from './chunks.ts'

const SIGNATURE: Seal = { maker: 'anthropic', kind: 'signature', value: 'c2ln' }

const ANSWER: ModelResponse = {
  id: 'msg_1',
  parts: [
    { type: 'reasoning', text: 'Hmm.', seals: [SIGNATURE] },
    { type: 'text', text: 'Let me "see".' },
    { type: 'tool-call', id: 'a', name: 'look', kind: 'function', input: '{"at":1}' },
    { type: 'tool-call', id: '', name: 'wait', kind: 'function', input: '' },
  ],
  finish: { reason: 'tool-calls', raw: { protocol: 'anthropic', word: 'tool_use' } },
  usage: { inputTokens: 9, outputTokens: 4, cacheReadTokens: 3, reasoningTokens: 1 },
}

/** The frames without what all chunks have in common. */
function briefly(frames: ReturnType<typeof encode>): readonly unknown[] {
  return frames.map(({ data }) => {
    const { choices, usage } = parseObject(data) ?? {}
    return usage ?? (Array.isArray(choices) ? choices[0] : data)
  })
}

test('an answer of another vendor is written as OpenAI writes its own', () => {
  const frames = encode(replay(ANSWER))
  expect(frames[0]?.data).toBe(
    '{"id":"msg_1","object":"chat.completion.chunk","created":1700000000,"model":"client-model","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
  )
  const [, ...others] = briefly(frames)
  const sealed = others.splice(1, 1)
  expect(sealed).toMatchObject([
    {
      delta: {
        reasoning_details: [
          { type: 'reasoning.encrypted', format: 'cliproxy', index: 0, data: expect.stringMatching(/^seal\.v1\./) },
        ],
      },
    },
  ])
  expect(others.map((line) => JSON.stringify(line)).join('\n')).toMatchInlineSnapshot(`
    "{"index":0,"delta":{"reasoning_content":"Hmm."},"finish_reason":null}
    {"index":0,"delta":{"content":"Let me \\"see\\"."},"finish_reason":null}
    {"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":""}}]},"finish_reason":null}
    {"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"at\\":1}"}}]},"finish_reason":null}
    {"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_00000000000000000000","type":"function","function":{"name":"wait","arguments":""}}]},"finish_reason":null}
    {"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}
    {"index":0,"delta":{},"finish_reason":"tool_calls"}
    {"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":1}}
    "[DONE]""
  `)
})

test('usage is left out where the client did not ask for it', () => {
  expect(encode(replay(ANSWER), contextFor([], false)).some(({ data }) => data.includes('"usage"'))).toBe(false)
})

test('a fault in the middle is one error frame, and no mark of a good end', () => {
  const frames = encode([{ type: 'start' }, { type: 'fault', fault: new Fault('overloaded', 'Busy.') }])
  expect(frames.slice(1)).toEqual([
    { data: '{"error":{"message":"Busy.","type":"server_error","param":null,"code":"internal_server_error"}}' },
  ])
})

test('what Chat has no place for is told', () => {
  const losses: Loss[] = []
  const parts = [
    { type: 'opaque', protocol: 'anthropic', value: { type: 'server_tool_use' } },
    { type: 'media', kind: 'audio', source: { type: 'base64', mime: 'audio/wav', data: 'AA' } },
  ] as const
  encode(replay({ ...ANSWER, parts }), contextFor(losses))
  expect(losses).toEqual([
    { path: 'parts.0', reason: 'foreign-part' },
    { path: 'parts.1', reason: 'answer-media' },
  ])
})

test("OpenAI's SDK puts the stream together, and what it keeps comes back with its seals", async () => {
  const text = encode(replay(ANSWER)).map(writeSse).join('')
  const answer = (): Promise<Response> =>
    Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } }))
  const client = new OpenAI({ apiKey: 'k', baseURL: 'http://localhost/v1', fetch: answer, maxRetries: 0 })
  const stream = client.chat.completions.stream({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }],
    stream_options: { include_usage: true },
  })
  const { choices, usage } = await stream.finalChatCompletion()
  const [choice] = choices
  expect(usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 })
  expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'Let me "see".' } })
  expect(choice?.message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
    '{"at":1}',
    '{}',
  ])
})

test('a whole answer and its stream say the same', () => {
  const whole = openaiChat.decodeResponse(openaiChat.encodeResponse(ANSWER, contextFor()))
  expect(whole.parts.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool-call', 'tool-call'])
  expect(openaiChat.encodeResponse(ANSWER, contextFor())).toMatchObject({
    id: 'msg_1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'client-model',
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: 'Let me "see".',
          refusal: null,
          reasoning_content: 'Hmm.',
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
            { id: 'call_00000000000000000000', type: 'function', function: { name: 'wait', arguments: '{}' } },
          ],
        },
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
  })
})
