import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { Part } from '../../../src/ir/part.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import { readObjects, type Fields } from '../../../src/lib/json.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { encode, requestOf } from './context.ts'
import { assistant, call, result, system, thought, user } from './conversation.ts'

/** Messages as `role: block, block`, texts quoted. */
function outline({ messages }: Fields): readonly string[] {
  return readObjects(messages).map(
    ({ role, content }) => `${String(role)}: ${readObjects(content).map(outlineBlock).join(', ')}`,
  )
}

function outlineBlock({ type, text, id, tool_use_id }: Fields): string {
  if (type === 'text') return JSON.stringify(text)
  return [type, id ?? tool_use_id].flatMap((word) => (typeof word === 'string' ? [word] : [])).join(' ')
}

const cached = (text: string): Part => ({ type: 'text', text, cache: {} })

describe('the conversation', () => {
  test.each<[string, ModelRequest, readonly string[], readonly string[]]>([
    [
      'joins neighbours of one role',
      requestOf([user('a'), user('b'), assistant('c')]),
      ['user: "a", "b"', 'assistant: "c"'],
      [],
    ],
    ['drops blank texts', requestOf([user('a', '  ', ''), assistant(' \n'), user('b')]), ['user: "a", "b"'], []],
    [
      'lets the user speak first',
      requestOf([assistant('a'), user('b')]),
      ['user: "(The conversation begins with the assistant.)"', 'assistant: "a"', 'user: "b"'],
      ['turns.0: first-turn'],
    ],
    [
      'trims what an answer is to begin with',
      requestOf([user('a'), assistant('b \n')]),
      ['user: "a"', 'assistant: "b"'],
      [],
    ],
    [
      'asks a model that takes no beginning to go on',
      requestOf([user('a'), assistant('b')], { model: 'claude-opus-4-6' }),
      ['user: "a"', 'assistant: "b"', 'user: "Please go on from exactly where you stopped."'],
      ['turns.1: prefill'],
    ],
    ['says for the user what a system alone says', requestOf([], { system: [system('a')] }), ['user: "a"'], []],
    [
      'puts a later system message into the user’s mouth',
      requestOf([user('a'), system('b')]),
      ['user: "a", "b"'],
      ['turns.1: mid-system'],
    ],
    [
      'answers every call at once, results first',
      requestOf([user('a'), assistant(call('t:1'), 'on it'), user('well', result('t:1')), assistant('c')]),
      ['user: "a"', 'assistant: "on it", tool_use t_1', 'user: tool_result t_1, "well"', 'assistant: "c"'],
      [],
    ],
    [
      'keeps the order that Anthropic’s own thinking seals',
      requestOf([user('a'), assistant(thought('anthropic'), call('t'), 'x', thought('anthropic')), user(result('t'))]),
      ['user: "a"', 'assistant: thinking, tool_use t, "x", thinking', 'user: tool_result t'],
      [],
    ],
    [
      'drops what another vendor thought, text and seal together',
      requestOf([user('a'), assistant(thought('gemini'), { type: 'reasoning', text: 'plain' }, 'b'), user('c')]),
      ['user: "a"', 'assistant: "b"', 'user: "c"'],
      ['turns.1.parts.0: foreign-reasoning', 'turns.1.parts.1: foreign-reasoning'],
    ],
  ])('%s', (_name, request, messages, losses) => {
    const encoded = encode(request)
    expect(outline(encoded.body)).toEqual(messages)
    expect(encoded.losses).toEqual(losses)
  })

  test('says for the user what a system says to a user who says nothing', () => {
    const { body } = encode(requestOf([user(' ')], { system: [system('a')] }))
    expect(outline(body)).toEqual(['user: "a"'])
    expect(body['system']).toBeUndefined()
  })

  test('is refused when nobody says anything', () => {
    expect(() => encode(requestOf([user(' ')]))).toThrow(Fault)
  })

  test('keeps a system message of Anthropic’s own client in its place', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'system', content: 'b' },
    ]
    const { body } = encode(anthropic.decodeRequest({ model: 'm', max_tokens: 1, messages }))
    expect(outline(body)).toEqual(['user: "a"', 'system: "b"'])
  })

  test.each([
    ['{"a":1}', { a: 1 }, []],
    ['', {}, []],
    ['[1]', {}, ['turns.1.parts.0.input: tool-input']],
    ['{"a":', {}, ['turns.1.parts.0.input: tool-input']],
  ])('takes the input %j for an object', (input, object, losses) => {
    const encoded = encode(requestOf([user('a'), assistant(call('t', input)), user(result('t'))]))
    const [block] = readObjects(readObjects(encoded.body['messages'])[1]?.['content'])
    expect(block?.['input']).toEqual(object)
    expect(encoded.losses).toEqual([...losses])
  })

  test('keeps four cache points: the first, which others share, and the last ones', () => {
    const { body, losses } = encode(
      requestOf(
        ['1', '2', '3', '4', '5'].map((text) => user(cached(text))),
        { system: [{ role: 'system', parts: [cached('0')] }] },
      ),
    )
    expect(losses).toEqual(['cache: cache-points'])
    const blocks = [...readObjects(body['system']), ...readObjects(readObjects(body['messages'])[0]?.['content'])]
    expect(blocks.filter(({ cache_control }) => cache_control !== undefined).map(({ text }) => text)).toEqual([
      '0',
      '3',
      '4',
      '5',
    ])
  })
})

const media = (
  kind: 'image' | 'document' | 'audio',
  source: Extract<Part, { type: 'media' }>['source'],
  name?: string,
): Part => ({ type: 'media', kind, source, name })

describe('media', () => {
  test.each<[Part, Fields]>([
    [
      media('image', { type: 'base64', mime: 'image/jpg', data: 'AA==' }),
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AA==' } },
    ],
    [
      media('image', { type: 'base64', mime: '', data: 'iVBORw0KGgoAAA' }),
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgoAAA' } },
    ],
    [
      media('image', { type: 'url', url: 'https://x.test/a.png' }),
      { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
    ],
    [
      media('document', { type: 'base64', mime: '', data: 'JVBERi0x' }, 'a.pdf'),
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0x' }, title: 'a.pdf' },
    ],
    [
      media('document', { type: 'base64', mime: 'text/csv', data: 'YSxi' }),
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
    ],
    [
      media('document', { type: 'text', text: 'a' }),
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a' } },
    ],
  ])('%j', (part, block) => {
    const { body } = encode(requestOf([user(part)]))
    expect(readObjects(readObjects(body['messages'])[0]?.['content'])).toEqual([block])
  })

  test.each<[Part, string]>([
    [media('audio', { type: 'base64', mime: 'audio/wav', data: 'AA==' }), 'audio-video'],
    [media('image', { type: 'base64', mime: 'image/heic', data: 'AA==' }), 'media-type'],
    [media('image', { type: 'url', url: 'gs://x/y' }), 'url-media'],
    [media('document', { type: 'file', id: 'f', maker: 'gemini' }), 'file-id'],
  ])('without a form is told, and refused when nothing else is asked: %j', (part, reason) => {
    expect(encode(requestOf([user('a', part)])).losses).toEqual([`turns.0.parts.1: ${reason}`])
    expect(() => encode(requestOf([user(part)]))).toThrow(Fault)
  })
})

describe('the rest of a request', () => {
  test('is clamped into what Anthropic takes', () => {
    const { body, losses } = encode(
      requestOf([user('a')], { sampling: { temperature: 1.5, stop: ['x', ' '], seed: 1 }, user: 'u'.repeat(300) }),
    )
    expect(body).toMatchObject({ temperature: 1, stop_sequences: ['x'] })
    expect(body['metadata']).toBeUndefined()
    expect(losses).toEqual([
      'sampling.seed: seed',
      'sampling.stop: stop-blank',
      'sampling.temperature: temperature-range',
      'user: user-length',
    ])
  })

  test('leaves sampling to the newest models, and one field of two to those before', () => {
    const sampling = { temperature: 0.5, topP: 0.9 }
    expect(encode(requestOf([user('a')], { model: 'claude-opus-4-7', sampling })).body['temperature']).toBeUndefined()
    const { body } = encode(requestOf([user('a')], { model: 'claude-sonnet-4-5', sampling }))
    expect([body['temperature'], body['top_p']]).toEqual([0.5, undefined])
  })

  test('closes the objects of a format, and tells Claude’s what it refuses in words', () => {
    const schema = { type: 'object', properties: { minimum: { type: 'integer', minimum: 1, description: 'a' } } }
    const format = { type: 'schema', schema } as const
    expect(encode(requestOf([user('a')], { format })).body['output_config']).toEqual({
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    })
    const strict = {
      type: 'object',
      properties: { minimum: { type: 'integer', description: 'a\n\n{minimum: 1}' } },
      additionalProperties: false,
    }
    expect(encode(requestOf([user('a')], { model: 'claude-opus-5', format })).body['output_config']).toEqual({
      format: { type: 'json_schema', schema: strict },
    })
  })

  test('that only another protocol knows is told', () => {
    const { losses } = encode(requestOf([user('a')], { extras: { 'openai-chat': { logit_bias: {}, $spelling: {} } } }))
    expect(losses).toEqual(['extras.openai-chat.logit_bias: foreign-field'])
  })
})
