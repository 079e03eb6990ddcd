import { describe, expect, test } from 'bun:test'
import type { Loss } from '../../src/ir/codec.ts'
import type { Fields } from '../../src/lib/json.ts'
import { mend, OPENAI_SEAL, XAI_SEAL } from './calls.ts'

const HI = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }

describe('xAI', () => {
  test.each(['previous_response_id', 'prompt_cache_retention', 'safety_identifier', 'stream_options', 'stop'])(
    'is not sent %s',
    (field) => {
      const losses: Loss[] = []
      expect(mend('xai', { [field]: 'x' }, { losses })).toEqual({})
      expect(losses).toEqual([{ path: field, reason: field.replaceAll('_', '-') }])
    },
  )

  test('is told how much to think where the model can be', () => {
    const body = { reasoning: { effort: 'high', summary: 'auto' } }
    expect(mend('xai', body, { call: { model: 'grok-4.6' } })).toEqual(body)
    expect(mend('xai', body, { call: { model: 'grok-build-0.1' } })).toEqual({ reasoning: { summary: 'auto' } })
    expect(mend('xai', { reasoning: { effort: 'low' } }, { call: { model: 'grok-build-0.1' } })).toEqual({})
  })

  test('gets the tools that it takes', () => {
    const losses: Loss[] = []
    const tools = [
      { type: 'function', name: 'f' },
      { type: 'web_search', external_web_access: true, search_content_types: ['text'] },
      { type: 'tool_search', execution: 'client' },
    ]
    expect(mend('xai', { tools, tool_choice: 'auto' }, { losses })).toEqual({
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }, { type: 'web_search' }],
      tool_choice: 'auto',
    })
    expect(losses).toEqual([{ path: 'tools.2', reason: 'hosted-tool' }])
  })

  test('chooses among none', () => {
    const gone = { tools: [{ type: 'tool_search' }], tool_choice: { type: 'tool_search' }, parallel_tool_calls: true }
    expect(mend('xai', gone)).toEqual({})
    expect(mend('xai', { tool_choice: 'auto', parallel_tool_calls: true })).toEqual({})
    const kept = [{ type: 'function', name: 'f', parameters: {} }]
    expect(mend('xai', { tools: kept, tool_choice: { type: 'image_generation' } })).toEqual({ tools: kept })
  })

  const id = { properties: { id: { type: 'string' } } }
  test.each<readonly [string, Fields, Fields, number]>([
    ['objects', { type: 'object', anyOf: [{ type: 'object' }] }, { type: 'object', anyOf: [{ type: 'object' }] }, 0],
    ['halves of an object', { type: 'object', oneOf: [id] }, { type: 'object', oneOf: [{ ...id, type: 'object' }] }, 0],
    [
      'an object and a text',
      { ...id, anyOf: [{ type: 'object' }, { type: 'string' }] },
      { ...id, type: 'object', additionalProperties: true },
      1,
    ],
  ])('gets functions that choose among %s in a form that it takes', (_title, parameters, mended, lost) => {
    const losses: Loss[] = []
    const tool = { type: 'function', name: 'f', strict: true }
    expect(mend('xai', { tools: [{ ...tool, parameters }] }, { losses })['tools']).toEqual([
      { ...tool, parameters: mended, strict: lost === 0 },
    ])
    expect(losses).toHaveLength(lost)
  })

  test.each<readonly [string, unknown, unknown]>([
    ['a search', { type: 'web_search' }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] }],
    ['a function', { type: 'function', name: 'f' }, { type: 'function', name: 'f' }],
    [
      'some of them',
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'tool_search' }, { type: 'function', name: 'f' }] },
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
    ],
    ['none that is left', { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'tool_search' }] }, undefined],
  ])('is told to choose %s in a form that it takes', (_title, choice, taken) => {
    const tools = [{ type: 'function', name: 'f', parameters: {} }, { type: 'web_search' }]
    expect(mend('xai', { tools, tool_choice: choice })['tool_choice']).toEqual(taken)
  })

  const thought = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] }
  test.each<readonly [string, readonly Fields[], readonly Fields[], number]>([
    ['of its own', [{ ...thought, encrypted_content: XAI_SEAL }], [{ ...thought, encrypted_content: XAI_SEAL }], 0],
    ['with fields that are null', [{ ...thought, content: null, encrypted_content: null }], [thought], 0],
    [
      'as the Codex CLI keeps it',
      [{ ...thought, content: null, encrypted_content: XAI_SEAL }],
      [{ ...thought, encrypted_content: XAI_SEAL }],
      0,
    ],
    ['that OpenAI sealed', [{ ...thought, content: null, encrypted_content: OPENAI_SEAL }], [thought], 1],
    [
      'of which only OpenAI’s seal is there',
      [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: OPENAI_SEAL }],
      [],
      1,
    ],
    ['that OpenAI compacted', [{ type: 'compaction', encrypted_content: OPENAI_SEAL }], [], 1],
  ])('gets reasoning %s in a form that it takes', (_title, items, mended, lost) => {
    for (const long of [[], ['input']]) {
      const losses: Loss[] = []
      expect(mend('xai', { input: [...items, HI] }, { long, losses })['input'] ?? [...items, HI]).toEqual([
        ...mended,
        HI,
      ])
      expect(losses).toEqual(lost === 0 ? [] : [{ path: 'input.0', reason: 'foreign-seal' }])
    }
  })
})
