import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Protocol } from '../../src/ir/protocol.ts'
import type { Fields } from '../../src/lib/json.ts'
import { PAIRS, say } from '../kit/answers.ts'
import { accountAt, startProxy, type TestProxy } from '../kit/proxy.ts'
import { turns } from '../kit/requests.ts'
import { startUpstream, type Upstream } from '../kit/upstream.ts'

describe.each(PAIRS)('%s to %s: a body that is large', (client, vendor) => {
  let upstream: Upstream
  let proxy: TestProxy

  beforeAll(async () => {
    upstream = await startUpstream(say(vendor))
    proxy = startProxy({ accounts: [accountAt(upstream.url, vendor)] })
  })

  afterAll(async () => {
    await proxy.stop()
    await upstream.stop()
  })

  test('a single string of 10 MB passes', async () => {
    const content = `${'long \u00e9 "quoted" '.repeat(625_000)}end`
    expect((await proxy.ask(client, turns(client, content))).status).toBe(200)
    expect(upstream.calls.at(-1)?.text).toContain('quoted\\" end')
  })

  test('10,000 tools pass', async () => {
    expect((await proxy.ask(client, { tools: toolsOf(client, 10_000) })).status).toBe(200)
    const text = upstream.calls.at(-1)?.text ?? ''
    expect(text.match(/"name":"tool_\d+"/g)).toHaveLength(10_000)
  })

  test('nesting without end in what a tool was asked and said breaks nothing', async () => {
    const nested = '['.repeat(200_000) + ']'.repeat(200_000)
    const read = await proxy.ask(client, callAndResult(client, nested))
    expect([200, 400]).toContain(read.status)
  })
})

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } }

function toolsOf(protocol: Protocol, count: number): readonly Fields[] {
  const named = Array.from({ length: count }, (_, at) => ({ name: `tool_${at}`, description: 'does something' }))
  switch (protocol) {
    case 'anthropic':
      return named.map((tool) => ({ ...tool, input_schema: SCHEMA }))
    case 'openai-chat':
      return named.map((tool) => ({ type: 'function', function: { ...tool, parameters: SCHEMA } }))
    case 'openai-responses':
      return named.map((tool) => ({ type: 'function', ...tool, parameters: SCHEMA }))
    case 'gemini':
      return [{ functionDeclarations: named.map((tool) => ({ ...tool, parameters: SCHEMA })) }]
  }
}

/** A conversation in which the model called a tool with this input, and the tool answered with the same. */
function callAndResult(protocol: Protocol, text: string): Fields {
  const user = { role: 'user', content: 'go' }
  const call = { name: 'f', arguments: `{"a":${text}}` }
  switch (protocol) {
    case 'anthropic':
      return {
        messages: [
          user,
          { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { text } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: text }] },
        ],
      }
    case 'openai-chat':
      return {
        messages: [
          user,
          { role: 'assistant', content: null, tool_calls: [{ id: 't1', type: 'function', function: call }] },
          { role: 'tool', tool_call_id: 't1', content: text },
        ],
      }
    case 'openai-responses':
      return {
        input: [
          user,
          { type: 'function_call', call_id: 't1', ...call },
          { type: 'function_call_output', call_id: 't1', output: text },
        ],
      }
    case 'gemini':
      return {
        contents: [
          { role: 'user', parts: [{ text: 'go' }] },
          { role: 'model', parts: [{ functionCall: { name: 'f', args: { text } } }] },
          { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: text } } }] },
        ],
      }
  }
}
