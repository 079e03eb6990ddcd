import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../src/lib/json.ts'
import { isWholeHistory, replayedInput } from '../../src/gateway/history.ts'
import type { KeptResponse } from '../../src/state/response-table.ts'

const user = (content: string): Fields => ({ role: 'user', content })
const message = (text: string, id = 'msg_1'): Fields => ({
  type: 'message',
  id,
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
})
const call = (callId: string): Fields => ({ type: 'function_call', id: `fc_${callId}`, call_id: callId, name: 'f' })
const output = (callId: string, text = 'done'): Fields => ({
  type: 'function_call_output',
  call_id: callId,
  output: text,
})
const withoutIds = ({ id: _id, status: _status, ...item }: Fields): Fields => item

function link(input: unknown, answered: readonly Fields[]): KeptResponse {
  return { id: 'resp', input: JSON.stringify(input), answer: JSON.stringify({ output: answered }), items: [] }
}

describe('a conversation written out', () => {
  test('has every input and every answer in its turn', () => {
    const links = [link('One', [message('Two')]), link([user('Three')], [message('Four', 'msg_2')])]
    expect(replayedInput(links, 'Five')).toEqual([
      { type: 'message', role: 'user', content: 'One' },
      withoutIds(message('Two')),
      user('Three'),
      withoutIds(message('Four')),
      { type: 'message', role: 'user', content: 'Five' },
    ])
  })

  test('keeps reasoning that can be read again, and no other', () => {
    const sealed = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'secret' }
    const bare = { type: 'reasoning', id: 'rs_2', summary: [] }
    expect(replayedInput([link([], [sealed, bare])], [])).toEqual([sealed])
  })

  test.each<[string, readonly Fields[], readonly Fields[], readonly Fields[]]>([
    ['a call and its output', [call('a')], [output('a')], [withoutIds(call('a')), output('a')]],
    ['a call that the client repeats', [call('a')], [call('a'), output('a')], [call('a'), output('a')]],
    [
      'an output that it repeats',
      [call('a')],
      [output('a', '1'), output('a', '2')],
      [withoutIds(call('a')), output('a', '2')],
    ],
    ['a message that it repeats', [message('Hi')], [message('Hi'), user('Go')], [message('Hi'), user('Go')]],
    ['a call that was given up', [call('a'), call('b')], [output('b')], [withoutIds(call('b')), output('b')]],
    [
      'an output of an unknown call',
      [message('Hi')],
      [output('x'), user('Go')],
      [withoutIds(message('Hi')), user('Go')],
    ],
    ['a call without an id', [{ ...call(''), id: 'fc_x' }], [user('Go')], [user('Go')]],
  ])('%s', (_name, answered, input, expected) => {
    expect(replayedInput([link([], answered)], input)).toEqual(expected)
  })

  test('the output of another kind of call stays with it', () => {
    const shell = { type: 'local_shell_call', id: 'ls_1', call_id: 'a', action: {} }
    const shellOutput = { type: 'local_shell_call_output', call_id: 'a', output: '' }
    expect(replayedInput([link([], [shell])], [shellOutput])).toEqual([shell, shellOutput])
  })

  test('calls of one name in two answers are two calls, each with its own output', () => {
    const first = { ...call('a'), arguments: '{"at":1}' }
    const second = { ...call('a'), arguments: '{"at":2}' }
    const links = [link('One', [first]), link([output('a', '1')], [second])]
    expect(replayedInput(links, [output('a', '2')]).slice(1)).toEqual([
      withoutIds(first),
      output('a', '1'),
      { ...withoutIds(second), call_id: 'a_2' },
      { ...output('a', '2'), call_id: 'a_2' },
    ])
    expect(replayedInput(links, [user('Never mind')]).slice(1)).toEqual([
      withoutIds(first),
      output('a', '1'),
      user('Never mind'),
    ])
  })

  test('thinking goes with the call that it led to, and stays before what else the model said', () => {
    const sealed = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'secret' }
    expect(replayedInput([link([], [sealed, call('a')])], [user('Go')])).toEqual([user('Go')])
    expect(replayedInput([link([], [sealed, call('a')])], [output('a')])).toHaveLength(3)
    const both = [sealed, call('a'), call('b')]
    expect(replayedInput([link([], both)], [output('b')])).toEqual([sealed, withoutIds(call('b')), output('b')])
  })

  test.each(['computer_call', 'shell_call', 'apply_patch_call'])('a %s that was given up is gone', (type) => {
    const given = { type, id: 'x_1', call_id: 'a' }
    expect(replayedInput([link([], [given])], [user('Go')])).toEqual([user('Go')])
    const answered = { type: `${type}_output`, call_id: 'a' }
    expect(replayedInput([link([], [given])], [answered])).toEqual([given, answered])
  })

  test('a compaction stands for all that was before it', () => {
    const compaction = { type: 'compaction', id: 'cmp_1', encrypted_content: 'secret' }
    expect(replayedInput([link('One', [message('Two'), compaction])], 'Go').slice(0, 1)).toEqual([compaction])
    expect(replayedInput([link('One', [message('Two')])], [compaction, user('Go')])).toEqual([compaction, user('Go')])
    const later = [link('One', [message('Two')]), link([user('Kept'), compaction], [message('Three')])]
    expect(replayedInput(later, []).slice(0, 2)).toEqual([user('Kept'), compaction])
  })
})

test.each<[string, unknown, boolean]>([
  ['a text', 'Hi', false],
  ['what a user says', [user('Hi')], false],
  ['the output of a tool', [output('a')], false],
  ['what a model said', [user('Hi'), message('Ho')], true],
  ['a call', [call('a'), output('a')], true],
  ['a compaction', [{ type: 'compaction', encrypted_content: 'x' }, user('Hi')], true],
])('%s, taken for a whole conversation or not', (_name, input, expected) => {
  expect(isWholeHistory(input)).toBe(expected)
})
