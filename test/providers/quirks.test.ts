import { describe, expect, test } from 'bun:test'
import type { Loss } from '../../src/ir/codec.ts'
import { isObject, type Fields } from '../../src/lib/json.ts'
import { providerFor } from '../../src/providers/index.ts'
import { callFor, mend, OPENAI_SEAL, sourceOf, XAI_SEAL } from './calls.ts'

const PLAIN = {
  model: 'gpt-5.5',
  stream: true,
  store: false,
  instructions: 'Help.',
  include: ['reasoning.encrypted_content'],
}
const HI = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }
const LONG_ID = `msg_${'a'.repeat(61)}`
const SEALED = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' }
const UNSEALED = { type: 'reasoning', id: 'rs_1', summary: [] }
const ASKS_FOR_SEALS = { ...HI, content: [{ type: 'input_text', text: 'What is encrypted_content?' }] }
const OWN_REASONING = { ...SEALED, encrypted_content: OPENAI_SEAL }

describe('Codex’s backend', () => {
  test('is sent what a Codex CLI says without a change', () => {
    const tools = [{ type: 'function', name: 'f' }, { type: 'web_search' }]
    const body = { ...PLAIN, input: [HI, SEALED], tools, parallel_tool_calls: true, prompt_cache_key: 'k' }
    expect(mend('codex-oauth', body)).toEqual(body)
    expect(mend('codex-oauth', body, { long: ['input', 'tools', 'instructions'] })).toEqual({
      model: 'gpt-5.5',
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      parallel_tool_calls: true,
      prompt_cache_key: 'k',
    })
  })

  test('is told to stream, to store nothing, and to seal the reasoning', () => {
    expect(mend('codex-oauth', { model: 'm', input: [HI], include: ['web_search_call.action.sources'] })).toEqual({
      ...PLAIN,
      model: 'm',
      instructions: '',
      input: [HI],
      include: ['web_search_call.action.sources', 'reasoning.encrypted_content'],
    })
  })

  test.each([
    'previous_response_id',
    'generate',
    'prompt_cache_retention',
    'prompt_cache_options',
    'safety_identifier',
    'stream_options',
    'max_output_tokens',
    'max_completion_tokens',
    'temperature',
    'top_p',
    'truncation',
    'user',
    'metadata',
    'context_management',
    'service_tier',
  ])('is not sent %s, which is told as lost', (field) => {
    for (const long of [[], [field]]) {
      const losses: Loss[] = []
      expect(mend('codex-oauth', { ...PLAIN, [field]: 'auto' }, { losses, long })).not.toHaveProperty(field)
      expect(losses).toEqual([{ path: field, reason: field.replaceAll('_', '-') }])
    }
  })

  test('is sent the one tier that it knows, and no loss is told of what says nothing', () => {
    const losses: Loss[] = []
    const body = { ...PLAIN, service_tier: 'priority', temperature: null }
    expect(mend('codex-oauth', body, { losses })).toEqual({ ...PLAIN, service_tier: 'priority' })
    expect(losses).toEqual([])
  })

  test.each<readonly [string, Fields, boolean]>([
    ['no tools', {}, false],
    ['an empty list of tools', { tools: [] }, false],
    ['tools', { tools: [{ type: 'web_search' }] }, true],
    ['tools in the input', { input: [{ type: 'additional_tools', role: 'developer', tools: [] }] }, true],
  ])('with %s hears of parallel calls: %j → %p', (_title, own, isKept) => {
    const body = { ...PLAIN, parallel_tool_calls: false, ...own }
    expect('parallel_tool_calls' in mend('codex-oauth', body)).toBe(isKept)
    expect('parallel_tool_calls' in mend('codex-oauth', body, { long: Object.keys(own) })).toBe(
      isKept || 'tools' in own,
    )
  })

  test.each<readonly [string, unknown, unknown]>([
    ['words alone', 'Hi', [HI]],
    [
      'a system message',
      [{ role: 'system', content: 'Be kind.' }, HI],
      [{ role: 'developer', content: 'Be kind.' }, HI],
    ],
    ['an id that is too long', [{ ...HI, id: LONG_ID }], [HI]],
    ['a reference to what is not stored', [{ type: 'item_reference', id: 'msg_1' }, HI], [HI]],
    ['reasoning that xAI sealed', [{ ...SEALED, encrypted_content: XAI_SEAL }, HI], [HI]],
    ['reasoning of its own', [{ ...SEALED, encrypted_content: OPENAI_SEAL }, HI], [OWN_REASONING, HI]],
    ['reasoning without its seal', [UNSEALED, HI], [HI]],
    ['reasoning whose seal is null', [{ ...UNSEALED, encrypted_content: null }, HI], [HI]],
    ['reasoning without its seal beside its own', [OWN_REASONING, UNSEALED, HI], [OWN_REASONING, HI]],
    ['reasoning without its seal beside the word for one', [UNSEALED, ASKS_FOR_SEALS], [ASKS_FOR_SEALS]],
    [
      'a mark of the cache',
      [{ ...HI, content: [{ type: 'input_text', text: 'Hi', prompt_cache_breakpoint: {} }] }],
      [HI],
    ],
  ])('gets %s in a form that it takes', (_title, input, mended) => {
    expect(mend('codex-oauth', { ...PLAIN, input })['input']).toEqual(mended)
    expect(mend('codex-oauth', { ...PLAIN, input }, { long: ['input'] })['input'] ?? input).toEqual(mended)
  })

  test('knows the search of the web by its newest name', () => {
    const body = {
      ...PLAIN,
      tools: [{ type: 'web_search_preview_2025_03_11' }],
      tool_choice: { type: 'web_search_preview' },
    }
    const mended = { tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } }
    expect(mend('codex-oauth', body)).toMatchObject(mended)
    expect(mend('codex-oauth', body, { long: ['tools'] })).toMatchObject(mended)
  })
})

describe('Qwen’s portal', () => {
  const user = { role: 'user', content: 'Hi' }
  const system = { role: 'system', content: 'Be kind.' }

  test.each([
    ['nothing', [user], 2],
    ['its own words', [system, user], 2],
  ])('has a system message where the client gave %s', (_title, messages, count) => {
    for (const long of [[], ['messages']]) {
      const mended = mend('qwen', { messages }, { long })['messages'] ?? messages
      expect(mended).toHaveLength(count)
      expect(mended).toMatchObject([{ role: 'system' }, user])
    }
    expect(mend('qwen', { messages: [system, user] })['messages']).toEqual([system, user])
  })

  const developer = { role: 'developer', content: 'Be brief.' }
  const both = { role: 'system', content: 'Be kind.\n\nBe brief.' }
  const parts = { role: 'system', content: [{ type: 'text', text: 'Be exact.' }] }

  test.each<readonly [string, readonly Fields[], readonly Fields[], readonly string[]]>([
    ['a developer alone', [developer, user], [{ ...developer, role: 'system' }, user], []],
    ['two at the beginning', [system, developer, user], [both, user], []],
    ['one in the middle', [system, user, developer, user], [both, user, user], ['messages.2']],
    ['one at the end', [user, developer], [{ ...developer, role: 'system' }, user], ['messages.1']],
    [
      'words and parts',
      [system, parts, user],
      [{ role: 'system', content: [{ type: 'text', text: 'Be kind.' }, ...parts.content] }, user],
      [],
    ],
  ])('hears all instructions at the beginning: %s', (_title, messages, mended, lost) => {
    for (const long of [[], ['messages']]) {
      const losses: Loss[] = []
      expect(mend('qwen', { messages }, { long, losses })['messages']).toEqual(mended)
      expect(losses.map(({ path }) => path)).toEqual([...lost])
    }
  })

  test('is not sent an empty list of tools, nor a choice among none', () => {
    const body = { messages: [system, user], tools: [], tool_choice: 'auto' }
    expect(Object.keys(mend('qwen', body)).toSorted()).toEqual(['messages', 'stream_options'])
    expect(mend('qwen', { ...body, tools: [{ type: 'function' }] })).toHaveProperty('tool_choice', 'auto')
  })

  test.each<readonly [number, string, number]>([
    [403, '{"error":{"code":"insufficient_quota","message":"x"}}', 429],
    [403, '{"error":{"type":"quota_exceeded"}}', 429],
    [403, '{"code":"quota_exceeded","message":"x"}', 429],
    [403, '{"error":{"message":"Free allocated quota exceeded."}}', 429],
    [403, 'free allocated quota exceeded', 429],
    [403, '{"error":{"code":"access_denied","message":"no"}}', 403],
    [400, '{"error":{"code":"insufficient_quota"}}', 400],
  ])('means with %d %s the status %d', (status, body, meant) => {
    expect(providerFor({ provider: 'qwen' }).statusFor?.(status, body)).toBe(meant)
  })
})

describe('Kimi', () => {
  const calls = [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }]
  const ask = { role: 'user', content: 'Hi' }

  test.each<readonly [string, readonly Fields[], readonly Fields[]]>([
    ['drops an answer without a word', [ask, { role: 'assistant', content: ' ' }], [ask]],
    ['drops an answer of empty parts', [{ role: 'assistant', content: [{ type: 'text', text: '' }] }], []],
    [
      'keeps what was thought',
      [{ role: 'assistant', reasoning_content: 'Hm' }],
      [{ role: 'assistant', reasoning_content: 'Hm' }],
    ],
    [
      'takes for a call’s thought the words beside it',
      [{ role: 'assistant', content: 'I look.', tool_calls: calls }],
      [{ role: 'assistant', content: 'I look.', tool_calls: calls, reasoning_content: 'I look.' }],
    ],
    [
      'takes for a call’s thought the one before',
      [
        { role: 'assistant', content: 'A', reasoning_content: 'Hm' },
        ask,
        { role: 'assistant', content: 'B', tool_calls: calls },
      ],
      [
        { role: 'assistant', content: 'A', reasoning_content: 'Hm' },
        ask,
        { role: 'assistant', content: 'B', tool_calls: calls, reasoning_content: 'Hm' },
      ],
    ],
    [
      'gives a nameless result to the call that waits',
      [
        { role: 'assistant', tool_calls: calls, reasoning_content: 'Hm' },
        { role: 'tool', content: 'x' },
      ],
      [
        { role: 'assistant', tool_calls: calls, reasoning_content: 'Hm' },
        { role: 'tool', content: 'x', tool_call_id: 'call_1' },
      ],
    ],
    [
      'reads the other name of a call’s id',
      [{ role: 'tool', content: 'x', call_id: 'call_9' }],
      [{ role: 'tool', content: 'x', tool_call_id: 'call_9' }],
    ],
  ])('%s', (_title, messages, mended) => {
    for (const long of [[], ['messages']])
      expect(mend('kimi', { messages }, { long })['messages'] ?? messages).toEqual(mended)
  })

  test('a call without any thought or words gets some', () => {
    const { messages } = mend('kimi', { messages: [{ role: 'assistant', content: null, tool_calls: calls }] })
    const [answer]: readonly unknown[] = Array.isArray(messages) ? messages : []
    expect(isObject(answer) && answer['reasoning_content']).toBeTruthy()
  })

  test('a long conversation is mended as well', () => {
    const messages = [ask, { role: 'assistant', content: '' }]
    expect(mend('kimi', { messages }, { long: ['messages'] })['messages']).toEqual([ask])
    expect(mend('kimi', { messages: [ask] }, { long: ['messages'] })).not.toHaveProperty('messages')
  })

  test.each([
    ['kimi-k2.5', 'k2.5'],
    ['Kimi-K3[1m]', 'K3'],
    ['kimi-k2.7-code', 'kimi-for-coding'],
    ['k2.7-code-highspeed', 'kimi-for-coding-highspeed'],
    ['kimi-for-coding', undefined],
    ['k2.5', undefined],
  ])('calls %s %p', (model, name) => {
    expect(mend('kimi', { model: 'as-asked' }, { call: { model } })['model']).toBe(name ?? 'as-asked')
    const anthropic = providerFor({ provider: 'kimi' }, 'anthropic')
    const names = anthropic.quirks.map(
      (quirk) => quirk.fields({ max_tokens: 1 }, callFor({ model }), sourceOf())?.['model'],
    )
    expect(names.find((one) => one !== undefined)).toBe(name)
  })
})

function signed(signature: string): Fields {
  return { type: 'thinking', thinking: 'Hm.', signature }
}

const SIGNS = { type: 'tool_use', id: 'toolu_1', name: 'sign', input: { signature: `EqQB${'a+/b'.repeat(50)}==` } }

describe('Anthropic by a login', () => {
  const asked = { role: 'user', content: 'Hi' }
  const said = { type: 'text', text: 'Hello.' }
  const own = signed(`EqQB${'a+/b'.repeat(50)}==`)

  test.each<readonly [string, readonly Fields[], readonly Fields[], number]>([
    ['of its own', [own, said], [own, said], 0],
    [
      'of its own, as long as one of Kimi’s',
      [signed(`${'a'.repeat(4339)}=`), said],
      [signed(`${'a'.repeat(4339)}=`), said],
      0,
    ],
    ['of Kimi’s streams', [signed('a+/4'.repeat(1085)), said], [said], 1],
    ['of Kimi’s whole answers', [own, signed('a'.repeat(12_946)), said], [own, said], 1],
    ['that nobody signed', [signed(''), said], [said], 1],
    ['without a signature', [{ type: 'thinking', thinking: 'Hm.' }, said], [said], 1],
    ['whose signature is null', [own, { type: 'thinking', thinking: 'Hm.', signature: null }, said], [own, said], 1],
    [
      'without a signature beside a call that has a field of that name',
      [{ type: 'thinking', thinking: 'Hm.' }, SIGNS],
      [SIGNS],
      1,
    ],
    ['that is all of an answer', [signed('')], [], 1],
  ])('gets thinking %s in a form that it takes', (_title, content, mended, lost) => {
    const messages = [asked, { role: 'assistant', content }, asked]
    const left = mended.length === 0 ? [asked, asked] : [asked, { role: 'assistant', content: mended }, asked]
    for (const long of [[], ['messages']]) {
      const losses: Loss[] = []
      expect(mend('claude-oauth', { messages }, { long, losses })['messages'] ?? messages).toEqual(left)
      expect(losses).toEqual(lost === 0 ? [] : [{ path: 'messages.1', reason: 'foreign-seal' }])
    }
  })
})
