import { describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/ir/fault.ts'
import type { MediaKind, MediaSource, Part } from '../../../src/ir/part.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import { readObjects } from '../../../src/lib/json.ts'
import { assistant, call, contentsOf, encode, recode, requestOf, result, system, text, user } from './requests.ts'

const OLD = 'gemini-2.5-flash'
const UNSIGNED = 'skip_thought_signature_validator'

const thought = (maker: 'anthropic' | 'gemini', said = 'hm'): Part => ({
  type: 'reasoning',
  text: said,
  seals: [{ maker, kind: 'thought-signature', value: 'S' }],
})
const media = (source: MediaSource, kind: MediaKind = 'image', name?: string): Part => ({
  type: 'media',
  kind,
  source,
  name,
})
const PNG: MediaSource = { type: 'base64', mime: 'image/png', data: 'iVBORw0KGgo=' }
const WIRE_PNG = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }

const said = (words: string): object => ({ text: words })
const called = (id: string, name = 'f', args: object = {}): object => ({ functionCall: { id, name, args } })
const answered = (id: string, response: object = { output: 'r' }, name = 'f'): object => ({
  functionResponse: { id, name, response },
})

describe('the conversation', () => {
  test.each<[string, ModelRequest, readonly unknown[], readonly string[]]>([
    [
      'joins neighbours of one role, without blank texts',
      requestOf([user('a', ' '), user('b'), assistant('c', ''), assistant('d')]),
      [
        ['user', said('a'), said('b')],
        ['model', said('c'), said('d')],
      ],
      [],
    ],
    [
      'lets the user speak first',
      requestOf([assistant('a'), user('b')]),
      [
        ['user', said('(The conversation begins with the model.)')],
        ['model', said('a')],
        ['user', said('b')],
      ],
      ['turns.0: first-turn'],
    ],
    ['says for the user what a system alone says', requestOf([], { system: [system('a')] }), [['user', said('a')]], []],
    [
      'puts a later system message into the user’s mouth',
      requestOf([user('a'), assistant('b'), system('c')]),
      [
        ['user', said('a')],
        ['model', said('b')],
        ['user', said('c')],
      ],
      ['turns.2: mid-system'],
    ],
    [
      'answers all calls at once, in their order, and before all else',
      requestOf([user('a'), assistant(call('1'), call('2')), user('b', result('2', 's')), user(result('1'))], {
        model: OLD,
      }),
      [
        ['user', said('a')],
        ['model', called('1'), called('2')],
        ['user', answered('1'), answered('2', { output: 's' }), said('b')],
      ],
      [],
    ],
    [
      'answers forgotten calls, and leaves out answers that nobody asked for',
      requestOf([user('a'), assistant(call('1')), user('b', result('9'))], { model: OLD }),
      [
        ['user', said('a')],
        ['model', called('1')],
        ['user', answered('1', {}), said('b')],
      ],
      ['turns.2.parts.1: orphan-tool-result'],
    ],
    [
      'makes arguments an object',
      requestOf(
        [user('a'), assistant(call('1', { input: '' }), call('2', { input: '[1]' }), call('3', { input: '{"a":' }))],
        { model: OLD },
      ),
      [
        ['user', said('a')],
        ['model', called('1'), called('2', 'f', { input: [1] }), called('3')],
      ],
      ['turns.1.parts.1.input: tool-input', 'turns.1.parts.2.input: tool-input'],
    ],
    [
      'fits names, the same ones in calls and results',
      requestOf([user('a'), assistant(call('1', { name: 'get it!' })), user(result('1'))], { model: OLD }),
      [
        ['user', said('a')],
        ['model', called('1', 'get_it_')],
        ['user', answered('1', { output: 'r' }, 'get_it_')],
      ],
      [],
    ],
    [
      'sends Gemini its own thinking, and nobody else’s',
      requestOf([user('a'), assistant(thought('gemini'), 'b'), user('c'), assistant(thought('anthropic'), 'd')]),
      [
        ['user', said('a')],
        ['model', { text: 'hm', thought: true, thoughtSignature: 'S' }, said('b')],
        ['user', said('c')],
        ['model', said('d')],
      ],
      ['turns.3.parts.0: foreign-reasoning'],
    ],
  ])('%s', (_name, request, contents, losses) => {
    const { body, losses: told } = encode(request)
    expect(contentsOf(body)).toEqual([...contents])
    expect(told).toEqual([...losses])
  })

  test('system texts stand apart, and only texts', () => {
    const { body, losses } = encode(
      requestOf([user('a')], { system: [system('b'), { role: 'system', parts: [text('c'), media(PNG)] }] }),
    )
    expect(body['systemInstruction']).toEqual({ role: 'user', parts: [{ text: 'b' }, { text: 'c' }] })
    expect(losses).toEqual(['system.1.parts.1: system-part'])
  })

  test('nothing at all is refused', () => {
    expect(() => encode(requestOf([user(' ')]))).toThrow(Fault)
  })
})

describe('a call without a signature', () => {
  const turns = [user('a'), assistant(call('1'), call('2')), user(result('1'), result('2'))]
  const marks = (model: string): readonly unknown[] =>
    readObjects(encode(requestOf(turns, { model })).body['contents'])
      .flatMap(({ parts }) => readObjects(parts))
      .filter(({ functionCall }) => functionCall !== undefined)
      .map(({ thoughtSignature }) => thoughtSignature)

  test.each<[string, readonly unknown[]]>([
    ['gemini-3-pro-preview', [UNSIGNED, undefined]],
    ['gemini-4-argon', [UNSIGNED, undefined]],
    ['gemini-flash-latest', [UNSIGNED, undefined]],
    ['gemini-2.5-pro', [undefined, undefined]],
    ['models/gemini-2.0-flash-001', [undefined, undefined]],
  ])('is marked for %s where that must have one', (model, expected) => {
    expect(marks(model)).toEqual([...expected])
  })

  test('of Gemini’s own client is marked only where the model is known to refuse it', () => {
    const contents = [
      { role: 'user', parts: [{ text: 'a' }] },
      { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
    ]
    const [asked, answer] = contents
    expect(recode({ contents }, 'some-model')['contents']).toEqual(contents)
    expect(recode({ contents }, 'gemini-3-flash')['contents']).toEqual([
      asked,
      { role: 'model', parts: [{ ...answer?.parts[0], thoughtSignature: UNSIGNED }] },
    ])
  })
})

describe('media', () => {
  const NEW = 'gemini-3-flash'
  const YOUTUBE = 'https://www.youtube.com/watch?v=1'
  test.each<[string, Part, object | string, string]>([
    ['bytes', media(PNG), WIRE_PNG, NEW],
    ['bytes of a type that only they tell', media({ ...PNG, mime: '' }), WIRE_PNG, NEW],
    [
      'another name of a type',
      media({ ...PNG, mime: 'image/jpg' }),
      { inlineData: { mimeType: 'image/jpeg', data: PNG.data } },
      NEW,
    ],
    [
      'sound',
      media({ type: 'base64', mime: 'audio/wav', data: 'AA==' }, 'audio'),
      { inlineData: { mimeType: 'audio/wav', data: 'AA==' } },
      NEW,
    ],
    [
      'a text',
      media({ type: 'text', text: 'hi' }, 'document', 'a title'),
      { inlineData: { mimeType: 'text/plain', data: 'aGk=' } },
      NEW,
    ],
    [
      'text of a type that is none to Gemini',
      media({ type: 'base64', mime: 'application/json', data: 'e30=' }, 'document'),
      { inlineData: { mimeType: 'text/plain', data: 'e30=' } },
      NEW,
    ],
    [
      'a place on the web',
      media({ type: 'url', url: 'https://a.b/c.png?d' }),
      { fileData: { mimeType: 'image/png', fileUri: 'https://a.b/c.png?d' } },
      NEW,
    ],
    [
      'a place on the web, to a model that fetches nothing',
      media({ type: 'url', url: 'https://a.b/c.png' }),
      'url-media',
      'gemini-2.0-flash',
    ],
    [
      'a film that every model watches',
      media({ type: 'url', url: YOUTUBE }, 'video'),
      { fileData: { mimeType: 'video/mp4', fileUri: YOUTUBE } },
      'gemini-2.0-flash',
    ],
    [
      'an image that Gemini has no eyes for',
      media({ type: 'base64', mime: 'image/gif', data: 'R0lGOD' }),
      'media-type',
      NEW,
    ],
    ['a document of unknown type', media({ type: 'base64', mime: '', data: 'UEsDBA' }, 'document'), 'media-type', NEW],
    ['nothing', media({ type: 'base64', mime: 'image/png', data: '' }), 'media-empty', NEW],
    ['another vendor’s file', media({ type: 'file', id: 'file-1', maker: 'anthropic' }), 'file-id', NEW],
  ])('%s', (_name, part, expected, model) => {
    const { body, losses } = encode(requestOf([user('a', part)], { model }))
    const isLost = typeof expected === 'string'
    expect(contentsOf(body)).toEqual([['user', said('a'), ...(isLost ? [] : [expected])]])
    expect(losses).toEqual(isLost ? [`turns.0.parts.1: ${expected}`] : [])
  })

  const FAILED = { type: 'tool-result', callId: '1', kind: 'function', isError: true } as const

  test('of a result stand in it, or beside it where it cannot hold them', () => {
    const turns = [
      user('a'),
      assistant(call('1')),
      user(
        {
          ...FAILED,
          content: [
            { type: 'text', text: 'b' },
            { type: 'media', kind: 'image', source: PNG },
          ],
        },
        text('c'),
      ),
    ]
    const response = { id: '1', name: 'f', response: { error: 'b' } }
    const held = encode(requestOf(turns))
    expect(contentsOf(held.body)[2]).toEqual([
      'user',
      { functionResponse: { ...response, parts: [WIRE_PNG] } },
      said('c'),
    ])
    expect(held.losses).toEqual(['turns.2.parts.0.isError: tool-error'])
    const beside = encode(requestOf(turns, { model: OLD }))
    expect(contentsOf(beside.body)[2]).toEqual(['user', { functionResponse: response }, WIRE_PNG, said('c')])
    expect(beside.losses).toContain('turns.2.parts.0.content.1: tool-result-media')
  })

  test('alone, that Gemini does not take, are refused', () => {
    expect(() => encode(requestOf([user(media({ type: 'base64', mime: 'image/gif', data: 'R0lGOD' }))]))).toThrow(
      'turns.0',
    )
  })
})
