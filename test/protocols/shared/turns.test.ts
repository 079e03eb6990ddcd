import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Loss } from '../../../src/ir/codec.ts'
import type { Part } from '../../../src/ir/part.ts'
import type { Turn } from '../../../src/ir/request.ts'
import { mergeNeighbours, pairToolCalls } from '../../../src/protocols/shared/turns.ts'

const say = (text: string): Part => ({ type: 'text', text })
const call = (id: string, name = 'f'): Part => ({ type: 'tool-call', id, name, kind: 'function', input: '{}' })
const result = (callId: string, text: string, name?: string): Part => ({
  type: 'tool-result',
  callId,
  name,
  kind: 'function',
  content: [{ type: 'text', text }],
})
const user = (...parts: Part[]): Turn => ({ role: 'user', parts })
const assistant = (...parts: Part[]): Turn => ({ role: 'assistant', parts })
const system = (...parts: Part[]): Turn => ({ role: 'system', parts })

function pair(turns: readonly Turn[]): { readonly turns: readonly Turn[]; readonly losses: readonly Loss[] } {
  const losses: Loss[] = []
  return { turns: pairToolCalls(turns, (loss) => void losses.push(loss)), losses }
}

/** Each turn in a word: `a:c1` a call, `u:=c1:text` a result, `u:text` a text. */
function outline(turns: readonly Turn[]): readonly string[] {
  return turns.map(({ role, parts }) => `${role[0]}:${parts.map(outlinePart).join(',')}`)
}

function outlinePart(part: Part): string {
  if (part.type === 'tool-call') return part.id
  if (part.type !== 'tool-result') return part.type === 'text' ? part.text : part.type
  return `=${part.callId}:${part.content.map((inner) => (inner.type === 'text' ? inner.text : inner.type)).join('')}`
}

/** Every word and every called name, in order. */
function wordsOf(turns: readonly Turn[]): string {
  return turns.flatMap(({ parts }) => parts.flatMap(wordOf)).join()
}

function wordOf(part: Part): readonly string[] {
  if (part.type === 'text') return [part.text]
  return part.type === 'tool-call' ? [part.name] : []
}

describe('pairing calls and results', () => {
  test('leaves a well-formed conversation as it is', () => {
    const turns = [
      user(say('hi')),
      assistant(call('c1'), call('c2')),
      user(result('c2', 'y'), result('c1', 'x'), say('go')),
      assistant(call('c3')),
    ]
    expect(pair(turns).turns).toBe(turns)
  })

  test.each([
    ['puts results before words', [assistant(call('c1')), user(say('hi'), result('c1', 'x'))], ['a:c1', 'u:=c1:x,hi']],
    [
      'gathers results of several turns in the first',
      [assistant(call('c1'), call('c2')), user(result('c1', 'x')), user(result('c2', 'y')), user(say('go'))],
      ['a:c1,c2', 'u:=c1:x,=c2:y', 'u:go'],
    ],
    [
      'brings a late result back to its call',
      [assistant(call('c1')), user(say('wait')), assistant(say('yes')), user(result('c1', 'x'))],
      ['a:c1', 'u:=c1:x,wait', 'a:yes'],
    ],
    [
      'takes assistant turns in a row for one',
      [assistant(call('c1')), assistant(say('…'), call('c2')), user(result('c1', 'x'), result('c2', 'y'))],
      ['a:c1', 'a:…,c2', 'u:=c1:x,=c2:y'],
    ],
    [
      'of two results for a call keeps the first place and the last content',
      [assistant(call('c1'), call('c2')), user(result('c1', 'old'), result('c2', 'y'), result('c1', 'new'))],
      ['a:c1,c2', 'u:=c1:new,=c2:y'],
    ],
    [
      'gives an unanswered call an empty result',
      [assistant(call('c1')), user(say('never mind'))],
      ['a:c1', 'u:=c1:,never mind'],
    ],
    [
      'makes room for results before a system message',
      [assistant(call('c1')), system(say('!')), user(result('c1', 'x'))],
      ['a:c1', 'u:=c1:x', 's:!'],
    ],
    [
      'renames an id that comes again',
      [assistant(call('c1')), user(result('c1', 'x')), assistant(call('c1')), user(result('c1', 'y'))],
      ['a:c1', 'u:=c1:x', 'a:call_1', 'u:=call_1:y'],
    ],
    [
      'pairs equal ids within a turn by order',
      [assistant(call('c1'), call('c1')), user(result('c1', 'x'), result('c1', 'y'))],
      ['a:c1,call_1', 'u:=c1:x,=call_1:y'],
    ],
    [
      'pairs calls without ids by order and name',
      [
        assistant(call('', 'f'), call('', 'g'), call('', 'f')),
        user(result('', 'g', 'g'), result('', 'f1', 'f'), result('', 'f2', 'f')),
      ],
      ['a:call_0,call_1,call_2', 'u:=call_1:g,=call_0:f1,=call_2:f2'],
    ],
    [
      'never makes an id that is taken',
      [assistant(call(''), call('call_0')), user(say('x'))],
      ['a:call_0x,call_0', 'u:=call_0x:,=call_0:,x'],
    ],
    [
      'lets calls wait at the end',
      [user(say('x')), assistant(call('')), assistant(call('c2'))],
      ['u:x', 'a:call_0', 'a:c2'],
    ],
  ] as const)('%s', (_name, turns, expected) => {
    const mended = pair(turns)
    expect(outline(mended.turns)).toEqual([...expected])
    expect(mended.losses).toEqual([])
  })

  test('leaves out a result without a call and tells it', () => {
    const { turns, losses } = pair([user(say('x'), result('c9', 'y')), assistant(say('z')), user(result('c8', 'y'))])
    expect(outline(turns)).toEqual(['u:x', 'a:z'])
    expect(losses).toEqual([
      { path: 'turns.0.parts.1', reason: 'orphan-tool-result' },
      { path: 'turns.2.parts.0', reason: 'orphan-tool-result' },
    ])
  })

  const id = fc.constantFrom('', 'a', 'b', 'call_0')
  const name = fc.constantFrom('f', 'g')
  const part = fc.oneof(
    fc.constant(say('x')),
    fc.tuple(id, name).map(([callId, called]) => call(callId, called)),
    fc.tuple(id, name).map(([callId, called]) => result(callId, 'r', called)),
  )
  const role = fc.constantFrom('user', 'assistant', 'system')
  const conversation = fc
    .array(fc.record({ role, parts: fc.array(part, { maxLength: 4 }) }), { maxLength: 8 })
    // Only the assistant calls, and nobody answers in its name.
    .map((turns): Turn[] =>
      turns.map((turn) => ({
        ...turn,
        parts: turn.parts.filter(
          ({ type }) => type === 'text' || (type === 'tool-call') === (turn.role === 'assistant'),
        ),
      })),
    )

  test('has nothing left to mend after it, whatever the conversation', () => {
    fc.assert(
      fc.property(conversation, (turns) => {
        const mended = pair(turns).turns
        const again = pair(mended)
        expect(again.turns).toBe(mended)
        expect(again.losses).toEqual([])
      }),
      { seed: 1 },
    )
  })

  test('keeps every call and every word, whatever the conversation', () => {
    fc.assert(
      fc.property(conversation, (turns) => {
        expect(wordsOf(pair(turns).turns)).toBe(wordsOf(turns))
      }),
      { seed: 1 },
    )
  })
})

describe('merging neighbours', () => {
  test('joins turns of one role', () => {
    const merged = mergeNeighbours([user(say('a')), user(say('b')), assistant(say('c')), user(say('d'))])
    expect(outline(merged)).toEqual(['u:a,b', 'a:c', 'u:d'])
  })

  test('leaves alternating turns as they are', () => {
    const turns = [user(say('a')), assistant(say('b'))]
    expect(mergeNeighbours(turns)).toBe(turns)
  })
})
