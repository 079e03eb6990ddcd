import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../../src/ir/json.ts'
import { encodeAnthropic, encodeChat } from './requests.ts'

/** Chat's choice among several tools, one of which must be called. */
function allowed(...names: readonly string[]): JsonObject {
  return {
    type: 'allowed_tools',
    allowed_tools: { mode: 'required', tools: names.map((name) => ({ type: 'function', function: { name } })) },
  }
}

describe('options', () => {
  test.each([
    ['m', { reasoning_effort: 'high' }, { effort: 'high', summary: 'auto' }],
    ['m', { reasoning_effort: 'none' }, { effort: 'none' }],
    ['gpt-5', { reasoning_effort: 'none' }, { effort: 'minimal' }],
    ['openai/gpt-5-codex', { reasoning_effort: 'minimal' }, { effort: 'low', summary: 'auto' }],
    ['gpt-5.1', { reasoning_effort: 'none' }, { effort: 'none' }],
    ['gpt-5.6', { reasoning_effort: 'xhigh' }, { effort: 'xhigh', summary: 'auto' }],
    ['o3', { reasoning_effort: 'xhigh' }, { effort: 'high', summary: 'auto' }],
    ['gpt-4.1', { reasoning_effort: 'none' }, undefined],
    ['m', { reasoning: { max_tokens: 9000 } }, { effort: 'high', summary: 'auto' }],
    ['m', { reasoning: { effort: 'low', exclude: true } }, { effort: 'low' }],
  ])('of %s say how much to think: %j', (model, fields, reasoning) => {
    expect(encodeChat({ model, ...fields }).body['reasoning']).toEqual(reasoning as never)
  })

  test.each([
    ['m', {}, undefined],
    ['m', { reasoning_effort: 'low' }, ['reasoning.encrypted_content']],
    ['m', { reasoning_effort: 'none' }, undefined],
    ['gpt-5.6', {}, ['reasoning.encrypted_content']],
    ['gpt-4.1', {}, undefined],
  ])('of %s ask for sealed reasoning where there will be any: %j', (model, fields, include) => {
    expect(encodeChat({ model, ...fields }).body).toMatchObject({ store: false })
    expect(encodeChat({ model, ...fields }).body['include']).toEqual(include as never)
  })

  test('that this API lacks are told', () => {
    const { body, losses } = encodeChat({
      max_tokens: 4,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      stop: 'x',
      seed: 1,
      presence_penalty: 1,
    })
    expect(body).toMatchObject({ max_output_tokens: 16, temperature: 0.5, top_p: 0.9 })
    expect(losses.map((loss) => loss.split(': ')[1])).toEqual(['top-k', 'stop', 'seed', 'penalty', 'max-tokens-range'])
  })

  test('that both of OpenAI’s protocols have are carried', () => {
    const { body, losses } = encodeChat({
      metadata: { a: 'b' },
      prompt_cache_key: 'k',
      verbosity: 'low',
      user: 'u',
      logit_bias: {},
    })
    expect(body).toMatchObject({
      metadata: { a: 'b' },
      prompt_cache_key: 'k',
      text: { verbosity: 'low' },
      safety_identifier: 'u',
    })
    expect(losses).toEqual(['extras.openai-chat.logit_bias: foreign-field'])
  })

  test('of the format have a name that OpenAI takes', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false }
    const { body } = encodeAnthropic({ output_config: { format: { type: 'json_schema', schema } } })
    expect(body['text']).toEqual({ format: { type: 'json_schema', name: 'answer', schema } })
    expect(encodeChat({ response_format: { type: 'json_object' } }).body['text']).toEqual({
      format: { type: 'json_object' },
    })
  })
})

describe('tools', () => {
  const tools = [
    { name: 'f', input_schema: { type: 'object' } },
    { name: 'f', input_schema: { type: 'object' } },
  ]

  test('are not strict unless the client says so, and stand once', () => {
    const { body, losses } = encodeAnthropic({
      tools,
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    })
    expect(body).toMatchObject({
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false }],
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: false,
    })
    expect(body['tools']).toHaveLength(1)
    expect(losses).toEqual(['tools.1: tool-name-twice'])
  })

  test('that search the web are this API’s own, others of a vendor’s are lost', () => {
    const { body, losses } = encodeAnthropic({
      tools: [
        {
          type: 'web_search_20250305',
          name: 'web_search',
          allowed_domains: ['x.org'],
          max_uses: 3,
          user_location: { type: 'approximate', city: 'B' },
        },
        { type: 'computer_20250124', name: 'computer' },
      ],
      tool_choice: { type: 'tool', name: 'web_search' },
    })
    expect(body).toMatchObject({
      tools: [
        {
          type: 'web_search',
          filters: { allowed_domains: ['x.org'] },
          user_location: { type: 'approximate', city: 'B' },
        },
      ],
      tool_choice: { type: 'web_search' },
    })
    expect(losses).toEqual(['hosted.0: hosted-options', 'hosted.1: hosted-tool'])
  })

  test('that are chosen while there are none are told', () => {
    expect(encodeChat({ tool_choice: 'required' })).toMatchObject({ losses: ['toolChoice: no-tools'] })
  })

  test('that are allowed are told in a list; unknown ones force nothing', () => {
    const declared = ['f', 'g'].map((name) => ({ type: 'function', function: { name } }))
    expect(encodeChat({ tools: declared, tool_choice: allowed('g', 'f') }).body['tool_choice']).toEqual({
      type: 'allowed_tools',
      mode: 'required',
      tools: [
        { type: 'function', name: 'g' },
        { type: 'function', name: 'f' },
      ],
    })
    expect(encodeChat({ tools: declared, tool_choice: allowed('h') })).toMatchObject({
      body: { tool_choice: 'auto' },
      losses: ['toolChoice: unknown-tool'],
    })
  })
})
