import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readArray, readObject, type Fields } from '../../src/lib/json.ts'
import { say } from '../kit/answers.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { eventsOf } from '../kit/sse.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

let upstream: Upstream
let proxy: TestProxy

beforeEach(async () => {
  upstream = await startUpstream()
  proxy = startProxy({ accounts: [accountAt(upstream.url, 'openai-responses', { provider: 'xai' })] })
})

afterEach(async () => {
  await proxy.stop()
  await upstream.stop()
})

const SCHEMA = { type: 'object', properties: { id: { type: 'string' } } }
const NAMESPACE = {
  type: 'namespace',
  name: 'agents',
  description: 'Other agents.',
  tools: [{ type: 'function', name: 'wait', parameters: SCHEMA, strict: false }],
}
const PATCH = {
  type: 'custom',
  name: 'apply_patch',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
}

/** A conversation of Codex's, which called both of its odd tools. */
const CODEX: Fields = {
  tools: [NAMESPACE, PATCH, { type: 'function', name: 'shell', parameters: SCHEMA, strict: false }],
  input: [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'wait', namespace: 'agents', arguments: '{"id":"1"}' },
    { type: 'function_call_output', call_id: 'c1', output: 'done' },
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c2', name: 'apply_patch', input: '*** x' },
    { type: 'custom_tool_call_output', call_id: 'c2', output: 'patched' },
  ],
  store: false,
}

/** The calls that a client is told of, whole or streamed. */
async function callsTold(stream: boolean, call: { name: string; input: Fields }): Promise<readonly unknown[]> {
  upstream.next(say('openai-responses', { call: { id: 'c9', ...call } }))
  const read = await proxy.ask('openai-responses', { ...CODEX, stream })
  expect(read.status).toBe(200)
  if (!stream) return readArray(read.body['output'])
  const last = JSON.parse(eventsOf(read.text).at(-1)?.data ?? '{}')
  return readArray(readObject(last.response)?.['output'])
}

describe('xAI, which knows no tools but functions', () => {
  test('is told of all of them as functions, calls and results included', async () => {
    await callsTold(false, { name: 'shell', input: {} })
    const { tools, input } = upstream.calls[0]?.body ?? {}
    expect(tools).toMatchObject([
      { type: 'function', name: 'agents__wait', parameters: SCHEMA },
      { type: 'function', name: 'apply_patch', parameters: { properties: { input: { type: 'string' } } } },
      { type: 'function', name: 'shell' },
    ])
    expect(readArray(input).slice(1)).toMatchObject([
      { type: 'function_call', call_id: 'c1', name: 'agents__wait', arguments: '{"id":"1"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'done' },
      { type: 'function_call', call_id: 'c2', name: 'apply_patch', arguments: '{"input":"*** x"}' },
      { type: 'function_call_output', call_id: 'c2', output: 'patched' },
    ])
    expect(JSON.stringify(input)).not.toMatch(/namespace|ctc_/)
  })

  test.each([false, true])('calls them by the client’s names and kinds (streamed: %p)', async (stream) => {
    expect(await callsTold(stream, { name: 'agents__wait', input: { id: '2' } })).toMatchObject([
      { type: 'function_call', call_id: 'c9', name: 'wait', namespace: 'agents', arguments: '{"id":"2"}' },
    ])
    expect(await callsTold(stream, { name: 'apply_patch', input: { input: '*** y' } })).toMatchObject([
      { type: 'custom_tool_call', call_id: 'c9', name: 'apply_patch', input: '*** y' },
    ])
    expect(await callsTold(stream, { name: 'shell', input: { id: '3' } })).toMatchObject([
      { type: 'function_call', name: 'shell', arguments: '{"id":"3"}' },
    ])
  })

  test('is told of the tools that the input declares', async () => {
    upstream.next(say('openai-responses', { text: 'Hello there, friend.' }))
    const declared = { type: 'additional_tools', role: 'developer', tools: [NAMESPACE] }
    const hi = { type: 'message', role: 'user', content: 'Hi' }
    const tool_choice = { type: 'function', name: 'wait' }
    await proxy.ask('openai-responses', { input: [declared, hi], tool_choice, parallel_tool_calls: false })
    const { body } = upstream.calls[0] ?? {}
    expect(body?.['tools']).toMatchObject([{ type: 'function', name: 'agents__wait' }])
    expect(body?.['input']).toMatchObject([{ role: 'user' }])
    expect(body?.['tool_choice']).toEqual({ type: 'function', name: 'agents__wait' })
  })

  test('hears of no search for tools, and nothing in its place', async () => {
    upstream.next(say('openai-responses'))
    const hi = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }
    const search = { type: 'tool_search_call', call_id: 's1', execution: 'client', arguments: {}, status: 'completed' }
    const found = { type: 'tool_search_output', call_id: 's1', execution: 'client', tools: [NAMESPACE] }
    const read = await proxy.ask('openai-responses', { input: [hi, search, found, hi], tools: [NAMESPACE] })
    expect(upstream.calls[0]?.body['input']).toEqual([hi, hi])
    expect(read.headers.get('x-cliproxy-loss')).toContain('hosted-tool')
  })

  test('gets a request of plain functions as it is', async () => {
    upstream.next(say('openai-responses'))
    const text =
      '{"model":"some-model", "input":"Hi","tools":[{"type":"function","name":"f","parameters":{"n":12345678901234567890}}]}'
    await proxy.post('/v1/responses', text)
    expect(upstream.calls[0]?.text).toBe(text.replace('some-model', 'upstream-model'))
  })
})
