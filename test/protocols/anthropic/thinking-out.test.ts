import { describe, expect, test } from 'bun:test'
import type { ModelRequest } from '../../../src/ir/request.ts'
import type { Fields } from '../../../src/lib/json.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { encode, requestOf } from './context.ts'
import { assistant, call, result, thought, user } from './conversation.ts'

function ask(model: string, fields: Partial<ModelRequest>): Fields {
  const { thinking, output_config, max_tokens } = encode(requestOf([user('a')], { model, ...fields })).body
  return { thinking, output_config, max_tokens }
}

describe('thinking', () => {
  test.each<[string, Partial<ModelRequest>, Fields]>([
    ['claude-3-5-haiku-20241022', { reasoning: { mode: 'on', level: 'high' } }, { max_tokens: 8192 }],
    [
      'claude-sonnet-4-20250514',
      { reasoning: { mode: 'on', level: 'medium' } },
      { thinking: { type: 'enabled', budget_tokens: 8192 }, max_tokens: 32_000 },
    ],
    [
      'claude-sonnet-4-5',
      { reasoning: { mode: 'on', level: 'minimal' } },
      { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 32_000 },
    ],
    [
      'claude-sonnet-4-5',
      { reasoning: { mode: 'on', level: 'high' }, sampling: { maxTokens: 1000 } },
      { thinking: { type: 'enabled', budget_tokens: 24_576 }, max_tokens: 25_576 },
    ],
    [
      'claude-opus-4-1-20250805',
      { reasoning: { mode: 'on', level: 'max' } },
      { thinking: { type: 'enabled', budget_tokens: 27_904 }, max_tokens: 32_000 },
    ],
    ['claude-sonnet-4-5', { reasoning: { mode: 'off' } }, { max_tokens: 32_000 }],
    [
      'claude-opus-4-6',
      { reasoning: { mode: 'on', level: 'xhigh' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'max' }, max_tokens: 32_000 },
    ],
    [
      'claude-opus-4-7',
      { reasoning: { mode: 'on', level: 'xhigh' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' }, max_tokens: 32_000 },
    ],
    [
      'claude-opus-5',
      { reasoning: { mode: 'on', budgetTokens: 9000 } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' }, max_tokens: 32_000 },
    ],
    [
      'claude-opus-5',
      { reasoning: { mode: 'auto', show: 'hidden' } },
      { thinking: { type: 'adaptive', display: 'omitted' }, max_tokens: 32_000 },
    ],
    ['claude-opus-5', { reasoning: { mode: 'off' } }, { thinking: { type: 'disabled' }, max_tokens: 32_000 }],
    [
      'claude-opus-5',
      { reasoning: { mode: 'on', level: 'low' }, toolChoice: { mode: 'required' } },
      { thinking: { type: 'disabled' }, max_tokens: 32_000 },
    ],
    [
      'kimi-k2',
      { reasoning: { mode: 'on', level: 'low' } },
      { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 32_000 },
    ],
  ])('of %s for %j', (model, fields, expected) => {
    expect(ask(model, fields)).toEqual(expected)
  })

  test('is not turned on where results wait under a turn that did not think', () => {
    const turns = [user('a'), assistant(call('t')), user(result('t'))]
    const { body, losses } = encode(
      requestOf(turns, { model: 'claude-sonnet-4-5', reasoning: { mode: 'on', level: 'low' } }),
    )
    expect(body['thinking']).toBeUndefined()
    expect(losses).toEqual(['reasoning: thinking-history'])
  })

  test('of Anthropic’s own client stays as it was said', () => {
    const said = {
      thinking: { type: 'enabled', budget_tokens: 1500 },
      output_config: { effort: 'low' },
      temperature: 1,
      max_tokens: 2000,
    }
    const request = anthropic.decodeRequest({
      model: 'claude-opus-5',
      messages: [{ role: 'user', content: 'a' }],
      ...said,
    })
    expect(encode(request).body).toMatchObject(said)
  })

  test('of Anthropic’s own client gives way to what the gateway asks for', () => {
    const said = { thinking: { type: 'enabled', budget_tokens: 1500 }, max_tokens: 2000 }
    const request = anthropic.decodeRequest({
      model: 'claude-opus-5',
      messages: [{ role: 'user', content: 'a' }],
      ...said,
    })
    expect(encode({ ...request, reasoning: { mode: 'off' } }).body['thinking']).toEqual({ type: 'disabled' })
  })

  test('of Anthropic’s own client is turned off after another vendor’s turn', () => {
    const said = { thinking: { type: 'enabled', budget_tokens: 1500 }, max_tokens: 2000 }
    const request = anthropic.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'a' }], ...said })
    const turns = [user('a'), assistant(thought('gemini'), call('t')), user(result('t'))]
    expect(encode({ ...request, turns }).body['thinking']).toEqual({ type: 'disabled' })
  })

  test('takes the sampling fields with it', () => {
    const { body, losses } = encode(
      requestOf([user('a')], {
        reasoning: { mode: 'on', level: 'low' },
        sampling: { temperature: 2, topP: 0.5, topK: 3 },
      }),
    )
    expect([body['temperature'], body['top_p'], body['top_k']]).toEqual([undefined, undefined, undefined])
    expect(losses).toEqual([
      'sampling.temperature: sampling-thinking',
      'sampling.topP: sampling-thinking',
      'sampling.topK: sampling-thinking',
    ])
  })
})
