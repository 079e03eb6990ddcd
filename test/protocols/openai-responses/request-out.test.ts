import { describe, expect, test } from 'bun:test'
import type { Part, Seal } from '../../../src/ir/part.ts'
import type { ModelRequest, Turn } from '../../../src/ir/request.ts'
import { readObjects } from '../../../src/lib/json.ts'
import { decodeInput, encode, encodeAnthropic, encodeChat, faultOf } from './requests.ts'

const SEAL: Seal = { maker: 'openai-responses', kind: 'reasoning', value: '{"id":"rs_1","encrypted_content":"secret"}' }

function requestOf(turns: readonly Turn[], fields: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'm', stream: false, system: [], turns, tools: [], hosted: [], sampling: {}, ...fields }
}

function user(...parts: readonly Part[]): Turn {
  return { role: 'user', parts }
}

function said(...parts: readonly Part[]): Turn {
  return { role: 'assistant', parts }
}

function text(words: string): Part {
  return { type: 'text', text: words }
}

describe('what another protocol’s client asks', () => {
  test('is a list of items that the vendor neither stores nor looks up', () => {
    const { body, losses } = encodeChat({
      messages: [
        { role: 'system', content: 'rules' },
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: 'so',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'system', content: 'more' },
        { role: 'user', content: '' },
      ],
      stream: true,
    })
    expect(losses).toEqual([])
    expect(body).toEqual({
      store: false,
      model: 'm',
      stream: true,
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'rules' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'so' }] },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a": 1}' },
        { type: 'function_call_output', call_id: 'c1', output: 'one' },
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'more' }] },
      ],
    })
  })

  test('is refused when nothing of it has a form', () => {
    const fault = faultOf(() => encodeChat({ messages: [{ role: 'user', content: '' }] }))
    expect(fault).toMatchObject({ kind: 'invalid-request', param: 'input' })
  })

  test('has a result for every call, and no result without one', () => {
    const { body, losses } = encodeChat({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a' } }] },
        { role: 'tool', tool_call_id: 'c2', content: 'lost' },
        { role: 'user', content: 'on' },
      ],
    })
    expect(body['input']).toMatchObject([
      {},
      { type: 'function_call', call_id: 'c1', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: '' },
      { role: 'user' },
    ])
    expect(losses).toEqual(['turns.2.parts.0: orphan-tool-result', 'turns.1.parts.0: broken-tool-input'])
  })

  test('has ids of at most 64 characters, the same ones for call and result', () => {
    const id = 'x'.repeat(80)
    const { body } = encodeAnthropic({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'one' }] },
      ],
    })
    const [, call, result] = readObjects(body['input'])
    expect(String(call?.['call_id'])).toHaveLength(64)
    expect(result?.['call_id']).toBe(call?.['call_id'] ?? '')
  })

  test('answers calls of free-text tools as such', () => {
    const { body } = encodeChat({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'exec', input: 'x' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
      ],
      tools: [
        {
          type: 'custom',
          custom: { name: 'exec', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'd' } } },
        },
      ],
    })
    expect(body['input']).toMatchObject([
      {},
      { type: 'custom_tool_call', input: 'x' },
      { type: 'custom_tool_call_output' },
    ])
    expect(body['tools']).toEqual([
      { type: 'custom', name: 'exec', format: { type: 'grammar', syntax: 'lark', definition: 'd' } },
    ])
  })

  test('shows what tools answered, pictures too', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }
    const { body, losses } = encodeAnthropic({
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: ['t1', 't2', 't3'].map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })),
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'see' }, image] },
            {
              type: 'tool_result',
              tool_use_id: 't2',
              content: [
                { type: 'text', text: 'a' },
                { type: 'text', text: 'b' },
              ],
            },
            { type: 'tool_result', tool_use_id: 't3', is_error: true, content: 'no' },
            { type: 'text', text: 'on' },
          ],
        },
      ],
    })
    expect(readObjects(body['input']).slice(4)).toEqual([
      {
        type: 'function_call_output',
        call_id: 't1',
        output: [
          { type: 'input_text', text: 'see' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
        ],
      },
      { type: 'function_call_output', call_id: 't2', output: 'a\nb' },
      { type: 'function_call_output', call_id: 't3', output: 'no' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'on' }] },
    ])
    expect(losses).toEqual(['turns.2.parts.2: tool-error'])
  })
})

describe('reasoning of the past', () => {
  test('goes back to its maker without the id that another vendor’s client cannot vouch for', () => {
    const { body, losses } = encode(
      requestOf([
        user(text('hi')),
        said({ type: 'reasoning', text: 'hm', seals: [SEAL] }, text('so')),
        user(text('on')),
      ]),
    )
    expect(losses).toEqual([])
    expect(body['input']).toMatchObject([
      {},
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'secret' },
      {},
      {},
    ])
    expect(JSON.stringify(body)).not.toContain('rs_1')
  })

  test.each([
    [{ type: 'reasoning', text: 'hm' } as const],
    [{ type: 'reasoning', text: 'hm', seals: [{ maker: 'anthropic', kind: 'signature', value: 's' }] } as const],
    [{ type: 'reasoning', text: 'hm', seals: [{ ...SEAL, value: '{"id":"rs_1"}' }] } as const],
  ])('of anybody else stays away: %j', (part) => {
    const { body, losses } = encode(requestOf([user(text('hi')), said(part, text('so')), user(text('on'))]))
    expect(body['input']).toHaveLength(3)
    expect(losses).toEqual(['turns.1.parts.0: foreign-reasoning'])
  })

  test('stays as its own client wrote it, but for an id of what nobody stored', () => {
    const kept = { type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: 'secret' }
    const shown = { type: 'reasoning', id: 'rs_2', summary: [{ type: 'summary_text', text: 'hm' }] }
    const { id: _id, ...nameless } = shown
    const input = [{ role: 'user', content: 'hi' }, kept, shown, { role: 'assistant', content: 'so' }]
    expect(encode(decodeInput(input)).body['input']).toMatchObject([{}, kept, shown, input[3] ?? {}])
    expect(encode(decodeInput(input, { store: false })).body['input']).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      kept,
      nameless,
      { role: 'assistant', content: 'so' },
    ])
  })
})

describe('the history of a client of this protocol', () => {
  test('stays message by message, with its phases, refusals and pictures', () => {
    const input = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }], id: 'msg_0' },
      {
        type: 'message',
        role: 'assistant',
        id: 'msg_1',
        phase: 'commentary',
        content: [{ type: 'output_text', text: 'a', annotations: [], logprobs: [] }],
      },
      {
        type: 'message',
        role: 'assistant',
        id: 'msg_2',
        phase: 'final_answer',
        content: [
          { type: 'output_text', text: 'b', annotations: [{ type: 'url_citation', url: 'https://x' }] },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      { type: 'image_generation_call', id: 'ig_1', status: 'completed', output_format: 'png', result: 'AA==' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '', status: 'completed' },
      { type: 'function_call_output', id: 'fco_1', call_id: 'c1', output: '' },
      { type: 'computer_call_output', call_id: 'c9', output: { type: 'computer_screenshot', image_url: 'https://x' } },
      { type: 'tool_search_output', execution: 'client', call_id: 'c8', tools: [] },
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'e' },
      { type: 'message', role: 'user', content: '' },
    ]
    expect(encode(decodeInput(input))).toEqual({ body: { model: 'm', input }, losses: [] })
  })
})

describe('media', () => {
  test.each([
    [
      { kind: 'image', source: { type: 'base64', mime: '', data: '/9j/AA==' } },
      { type: 'input_image', image_url: 'data:image/jpeg;base64,/9j/AA==' },
    ],
    [
      { kind: 'image', source: { type: 'url', url: 'https://x' } },
      { type: 'input_image', image_url: 'https://x' },
    ],
    [
      { kind: 'document', source: { type: 'url', url: 'https://x' } },
      { type: 'input_file', file_url: 'https://x' },
    ],
    [
      { kind: 'document', source: { type: 'base64', mime: 'application/pdf', data: 'AA==' } },
      { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,AA==' },
    ],
    [
      { kind: 'audio', source: { type: 'base64', mime: 'audio/wav', data: 'AA==' } },
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
    ],
  ] as const)('are told in this API’s words: %j', (part, wire) => {
    const { body, losses } = encode(requestOf([user({ type: 'media', ...part })]))
    expect(body['input']).toEqual([{ type: 'message', role: 'user', content: [wire] }])
    expect(losses).toEqual([])
  })

  test.each([
    [{ kind: 'document', name: 'n', source: { type: 'text', text: 't' } }, 'document-as-text', 'n\n\nt'],
    [{ kind: 'document', source: { type: 'base64', mime: 'text/plain', data: 'dA==' } }, 'document-as-text', 't'],
    [{ kind: 'document', source: { type: 'file', id: 'f', maker: 'anthropic' } }, 'file-id', undefined],
    [{ kind: 'image', source: { type: 'file', id: 'f', maker: 'gemini' } }, 'file-id', undefined],
    [{ kind: 'image', source: { type: 'text', text: 't' } }, 'media-type', undefined],
    [{ kind: 'audio', source: { type: 'base64', mime: 'audio/flac', data: 'AA==' } }, 'media-type', undefined],
    [{ kind: 'audio', source: { type: 'url', url: 'https://x' } }, 'media-by-reference', undefined],
    [{ kind: 'video', source: { type: 'url', url: 'https://x' } }, 'video', undefined],
  ] as const)('that it has no form for are told, or become text: %j', (part, reason, words) => {
    const { body, losses } = encode(requestOf([user(text('hi'), { type: 'media', ...part })]))
    const texts = words === undefined ? ['hi'] : ['hi', words]
    expect(body['input']).toEqual([
      { type: 'message', role: 'user', content: texts.map((said_) => ({ type: 'input_text', text: said_ })) },
    ])
    expect(losses).toEqual([`turns.0.parts.1: ${reason}`])
  })

  test('of the model’s, and what only other vendors know, are left out of the history', () => {
    const { body, losses } = encode(
      requestOf([
        user(text('hi'), { type: 'opaque', protocol: 'gemini', value: {} }),
        said(
          { type: 'media', kind: 'image', source: { type: 'url', url: 'https://x' } },
          { type: 'opaque', protocol: 'anthropic', value: {} },
          { type: 'text', text: 'so', cache: {}, seals: [{ maker: 'gemini', kind: 'thought-signature', value: 's' }] },
        ),
        user(text('on')),
      ]),
    )
    expect(body['input']).toHaveLength(3)
    expect(losses).toEqual([
      'turns.0.parts.1: foreign-part',
      'turns.1.parts.0: assistant-media',
      'turns.1.parts.1: foreign-part',
      'turns.1.parts.2: foreign-seal',
      'turns.1.parts.2.cache: cache-control',
    ])
  })
})
