import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Fault } from '../../../src/ir/fault.ts'
import { PROTOCOLS } from '../../../src/ir/protocol.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import { readObjects, type Fields } from '../../../src/lib/json.ts'
import { encode, requestOf } from './context.ts'

const text = fc.constantFrom('', ' ', 'a', 'b \n')
const maker = fc.constantFrom(...PROTOCOLS)
// Each seal tells whose it is.
const seal = fc
  .record({ maker, kind: fc.constantFrom('signature', 'redacted', 'reasoning') })
  .map((made) => ({ ...made, value: made.maker }))
const seals = fc.array(seal, { maxLength: 2 })
const words = fc.record({ type: fc.constant('text' as const), text, cache: fc.constantFrom(undefined, {}) })
const thought = fc.record({ type: fc.constant('reasoning' as const), text, seals })
const id = fc.constantFrom('', 'a', 'f:0', 'f_0')
const call = fc.record({
  type: fc.constant('tool-call' as const),
  id,
  name: fc.constantFrom('f', '', 'a b'),
  kind: fc.constantFrom('function' as const, 'custom' as const),
  input: fc.constantFrom('', '{"a":1}', '[1]', '{"a'),
  seals,
})
const result = fc.record({
  type: fc.constant('tool-result' as const),
  callId: id,
  kind: fc.constant('function' as const),
  content: fc.array(words, { maxLength: 2 }),
})
const opaque = fc.record({
  type: fc.constant('opaque' as const),
  protocol: fc.constant('gemini' as const),
  value: fc.constant({}),
})
const turn = fc.oneof(
  fc.record({ role: fc.constant('user' as const), parts: fc.array(fc.oneof(words, result, opaque), { maxLength: 3 }) }),
  fc.record({
    role: fc.constant('assistant' as const),
    parts: fc.array(fc.oneof(words, call, thought), { maxLength: 3 }),
  }),
  fc.record({ role: fc.constant('system' as const), parts: fc.array(words, { maxLength: 1 }) }),
)
const level = fc.constantFrom('low' as const, 'max' as const)
const reasoning = fc.option(
  fc.record({ mode: fc.constantFrom('on' as const, 'off' as const, 'auto' as const), level }),
  { nil: undefined },
)
const model = fc.constantFrom('m', 'claude-3-5-haiku', 'claude-opus-4-1', 'claude-opus-5')
const maxTokens = fc.constantFrom(undefined, 1, 5000)
const request = fc
  .record({ turns: fc.array(turn, { maxLength: 7 }), model, reasoning, maxTokens })
  .map(({ turns, maxTokens: limit, ...fields }): ModelRequest =>
    requestOf(turns, { ...fields, sampling: { maxTokens: limit } }),
  )

/** What Anthropic would refuse in a body. @see https://docs.claude.com/en/api/messages */
function breaches({ messages, thinking, max_tokens }: Fields): readonly string[] {
  const turns = readObjects(messages).map(({ role, content }) => ({ role, blocks: readObjects(content) }))
  const found = turns.flatMap(({ role, blocks }, index) => {
    const next = turns[index + 1]?.blocks ?? []
    const before = turns[index - 1]?.blocks ?? []
    return [
      role === (index % 2 === 0 ? 'user' : 'assistant') ? [] : ['roles do not alternate'],
      blocks.length > 0 ? [] : ['a message is empty'],
      blocks.flatMap(blockBreaches),
      index < turns.length - 1 &&
      idsOf(blocks, 'tool_use', 'id').join() !==
        idsOf(next, 'tool_result', 'tool_use_id').toSorted(byOrderOf(blocks)).join()
        ? ['a call is not answered at once']
        : [],
      index === 0 && before.length + idsOf(blocks, 'tool_result', 'tool_use_id').length > 0
        ? ['a result answers nothing']
        : [],
      blocks.findLastIndex(isResult) > blocks.findIndex((block) => !isResult(block)) &&
      blocks.some(isResult) &&
      !blocks.every(isResult)
        ? ['words stand before a result']
        : [],
    ].flat()
  })
  const { type, budget_tokens } = readObjects([thinking])[0] ?? {}
  const isBudgetFit = Number(budget_tokens) >= 1024 && Number(budget_tokens) < Number(max_tokens)
  return type === 'enabled' && !isBudgetFit ? [...found, 'the budget does not fit'] : found
}

function blockBreaches({ type, text: said, id: callId, tool_use_id, signature, data }: Fields): readonly string[] {
  const word = callId ?? tool_use_id
  if (typeof word === 'string' && !/^[a-zA-Z0-9_-]+$/.test(word)) return [`${word} is no id`]
  if (type === 'text' && String(said).trim() === '') return ['a text is blank']
  if (type === 'thinking' && signature !== 'anthropic') return ['thinking is not signed']
  return type === 'redacted_thinking' && data !== 'anthropic' ? ['redacted thinking is not its maker’s'] : []
}

function isResult({ type }: Fields): boolean {
  return type === 'tool_result'
}

function idsOf(blocks: readonly Fields[], type: string, field: string): string[] {
  return blocks.filter((block) => block['type'] === type).map((block) => String(block[field]))
}

/** Results may come in any order: that of their calls is as good. */
function byOrderOf(calls: readonly Fields[]): (a: string, b: string) => number {
  const order = idsOf(calls, 'tool_use', 'id')
  return (a, b) => order.indexOf(a) - order.indexOf(b)
}

test('Anthropic takes every conversation, whoever made it and in whatever order it comes', () => {
  fc.assert(
    fc.property(request, (asked) => {
      try {
        expect(breaches(encode(asked).body)).toEqual([])
      } catch (error) {
        if (!(error instanceof Fault)) throw error
      }
    }),
    { numRuns: 500, seed: 1 },
  )
})
