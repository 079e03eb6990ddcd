import { describe, expect, test } from 'bun:test'
import type { Loss } from '../../../src/ir/codec.ts'
import type { Part, Seal } from '../../../src/ir/part.ts'
import type { ReasoningRequest } from '../../../src/ir/request.ts'
import type { AnswerPart, ModelResponse } from '../../../src/ir/response.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { unwrapSeals, wrapSeals } from '../../../src/protocols/shared/seal.ts'
import { contextFor } from './chunks.ts'
import { encodeRequest as encode, foreign, HELLO } from './requests.ts'

describe('seals of other vendors', () => {
  const SIGNATURE: Seal = { maker: 'anthropic', kind: 'signature', value: 'c2ln' }
  const wrapped = (text?: string): object => ({
    type: 'reasoning.encrypted',
    format: 'cliproxy',
    index: 0,
    data: wrapSeals({ seals: [SIGNATURE], text }),
  })

  test('come back with the thinking that they belong to, once', () => {
    const message = { role: 'assistant', content: 'x', reasoning_content: 'Hmm', reasoning_details: [wrapped('Hmm')] }
    const { turns } = openaiChat.decodeRequest({ model: 'm', messages: [...HELLO, message, ...HELLO] })
    expect(turns[1]?.parts).toEqual([
      { type: 'reasoning', text: 'Hmm', seals: [SIGNATURE] },
      { type: 'text', text: 'x' },
    ])
  })

  test('of a text come back to the text', () => {
    const { turns } = openaiChat.decodeRequest({
      model: 'm',
      messages: [...HELLO, { role: 'assistant', content: 'x', reasoning_details: [wrapped()] }, ...HELLO],
    })
    expect(turns[1]?.parts).toEqual([{ type: 'text', text: 'x', seals: [SIGNATURE] }])
  })

  test('of a call come back to the call', () => {
    const call = {
      id: 'a',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: wrapSeals({ seals: [SIGNATURE] }) } },
    }
    const { turns } = openaiChat.decodeRequest({
      model: 'm',
      messages: [...HELLO, { role: 'assistant', tool_calls: [call] }],
    })
    expect(turns[1]?.parts[0]?.seals).toEqual([SIGNATURE])
  })

  test('never reach a vendor of this protocol, and neither does their thinking', () => {
    const losses: Loss[] = []
    const parts: readonly Part[] = [
      { type: 'reasoning', text: 'Secret', seals: [SIGNATURE] },
      { type: 'text', text: 'x' },
    ]
    const body = encode(foreign({ turns: [{ role: 'assistant', parts }] }), losses)
    expect(body['messages']).toEqual([{ role: 'assistant', content: 'x' }])
    expect(losses).toEqual([{ path: 'turns.0.parts.0', reason: 'foreign-reasoning' }])
    expect(unwrapSeals('EvAB')).toBeUndefined()
  })
})

describe('a client of another protocol', () => {
  test.each([
    ['gpt-4o', { max_tokens: 7 }],
    ['llama-3', { max_tokens: 7 }],
    ['o3-mini', { max_completion_tokens: 7 }],
    ['openai/gpt-5.1-codex', { max_completion_tokens: 7 }],
    ['gpt-oss-120b', { max_tokens: 7 }],
  ])('of the model %s has the limit named as the model takes it', (model, limit) => {
    expect(encode(foreign({ model, sampling: { maxTokens: 7 } }))).toMatchObject(limit)
  })

  test.each<[ReasoningRequest, string | undefined]>([
    [{ mode: 'off' }, 'none'],
    [{ mode: 'auto' }, undefined],
    [{ mode: 'auto', level: 'medium' }, 'medium'],
    [{ mode: 'on', budgetTokens: 1024 }, 'low'],
    [{ mode: 'on', budgetTokens: 30_000, level: 'max' }, 'max'],
  ])('asks for thinking %j as an effort', (reasoning, effort) => {
    expect(encode(foreign({ reasoning }))['reasoning_effort']).toBe(effort)
  })

  test('has its tool results first, each as a message, and what they show after them', () => {
    const image = { type: 'media', kind: 'image', source: { type: 'base64', mime: 'image/png', data: 'AAAA' } } as const
    const call = { type: 'tool-call', id: 'a', name: 'f', kind: 'function', input: '' } as const
    const result = {
      type: 'tool-result',
      callId: 'a',
      kind: 'function',
      isError: true,
      content: [{ type: 'text', text: '1' }, { type: 'text', text: '2' }, image],
    } as const
    const losses: Loss[] = []
    const turns = [
      { role: 'assistant', parts: [call] },
      { role: 'user', parts: [{ type: 'text', text: 'And?' }, result] },
    ] as const
    expect(encode(foreign({ turns }), losses)['messages']).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '1\n2' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: 'And?' },
        ],
      },
    ])
    expect(losses.map(({ reason }) => reason)).toEqual(['tool-error', 'tool-result-media'])
  })

  test("has its system prompt as one text, without its own vendor's accounting", () => {
    const texts = ['x-anthropic-billing-header: cc_version=1', 'One.', 'Two.'].map(
      (text) => ({ type: 'text', text }) as const,
    )
    expect(encode(foreign({ system: [{ role: 'system', parts: texts }] }))['messages']).toEqual([
      { role: 'system', content: 'One.\n\nTwo.' },
      ...HELLO,
    ])
  })

  test('loses what this protocol has no word for, and is told', () => {
    const losses: Loss[] = []
    const request = foreign({
      sampling: { topK: 5, stop: ['a', 'b', 'c', 'd', 'e'] },
      hosted: [{ protocol: 'anthropic', value: { type: 'web_search_20250305', name: 'web_search' } }],
      toolChoice: { mode: 'required', tools: ['web_search'] },
      extras: { anthropic: { context_management: {}, $own: 1 } },
    })
    expect(encode(request, losses)).toEqual({ model: 'm', messages: HELLO, stop: ['a', 'b', 'c', 'd'] })
    expect(losses).toEqual([
      { path: 'extras.anthropic.context_management', reason: 'foreign-field' },
      { path: 'hosted.0', reason: 'hosted-tool' },
      { path: 'toolChoice', reason: 'no-tools' },
      { path: 'sampling.topK', reason: 'top-k' },
      { path: 'sampling.stop', reason: 'stop-count' },
    ])
  })

  test('has long names and schemas without a type made to fit', () => {
    const name = `mcp__server__${'x'.repeat(80)}`
    const body = encode(
      foreign({ tools: [{ kind: 'function', name, schema: {} }], toolChoice: { mode: 'required', tools: [name] } }),
    )
    const short = `mcp__${'x'.repeat(59)}`
    expect(body).toMatchObject({
      tools: [{ type: 'function', function: { name: short, parameters: { type: 'object', properties: {} } } }],
      tool_choice: { type: 'function', function: { name: short } },
    })
  })

  test('is refused when nothing of it can be said', () => {
    const parts = [{ type: 'opaque', protocol: 'anthropic', value: {} }] as const
    expect(() => encode(foreign({ turns: [{ role: 'user', parts }] }))).toThrow('nothing in them can be sent')
  })
})

function seal(value: string): readonly Seal[] {
  return [{ maker: 'anthropic', kind: 'signature', value }]
}

test('thinking between text and calls comes back to where it stood', () => {
  const parts: readonly AnswerPart[] = [
    { type: 'reasoning', text: 'One', seals: seal('1') },
    { type: 'text', text: 'Let me 👀.' },
    { type: 'reasoning', text: '', seals: seal('2') },
    { type: 'tool-call', id: 'a', name: 'f', kind: 'function', input: '{}' },
    { type: 'reasoning', text: 'Three', seals: seal('3') },
    { type: 'tool-call', id: 'b', name: 'f', kind: 'function', input: '{}' },
  ]
  const answer: ModelResponse = { parts, finish: { reason: 'tool-calls' } }
  const { choices } = openaiChat.encodeResponse(answer, contextFor())
  const { message } = Array.isArray(choices) ? choices[0] : {}
  const returned = openaiChat.decodeRequest({ model: 'm', messages: [...HELLO, message] })
  expect(JSON.parse(JSON.stringify(returned.turns[1]?.parts))).toEqual(JSON.parse(JSON.stringify(parts)))
  const changed = openaiChat.decodeRequest({ model: 'm', messages: [...HELLO, { ...message, content: 'Let' }] })
  expect(changed.turns[1]?.parts.map(({ type }) => type)).toEqual([
    'reasoning',
    'reasoning',
    'reasoning',
    'text',
    'tool-call',
    'tool-call',
  ])
})
