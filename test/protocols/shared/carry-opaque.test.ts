import { describe, expect, test } from 'bun:test'
import type { Loss } from '../../../src/ir/codec.ts'
import { collect, replay } from '../../../src/ir/collect.ts'
import type { OpaquePart } from '../../../src/ir/part.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import type { ModelResponse } from '../../../src/ir/response.ts'
import { carryOpaque, createOpaqueCarrier, restoreOpaque } from '../../../src/protocols/shared/carry-opaque.ts'

const SEARCH: OpaquePart = {
  type: 'opaque',
  protocol: 'gemini',
  value: { toolCall: { id: '1', toolType: 'FILE_SEARCH' }, thoughtSignature: 'c2ln' },
}

function answerWith(part: OpaquePart): ModelResponse {
  return { parts: [{ type: 'text', text: 'a' }, part, { type: 'text', text: 'b' }], finish: { reason: 'stop' } }
}

function requestWith({ parts }: ModelResponse): ModelRequest {
  return {
    model: 'm',
    stream: false,
    system: [],
    turns: [{ role: 'assistant', parts }],
    tools: [],
    hosted: [],
    sampling: {},
  }
}

describe('what a vendor ran itself', () => {
  test('comes back to it in its place, and is told as not shown', () => {
    const losses: Loss[] = []
    const carried = carryOpaque(answerWith(SEARCH), 'openai-chat', (loss) => losses.push(loss))
    expect(carried.parts[1]).toMatchObject({
      type: 'reasoning',
      text: '',
      seals: [{ maker: 'gemini', kind: 'opaque' }],
    })
    expect(losses).toEqual([{ path: 'parts.1', reason: 'foreign-opaque' }])
    expect(restoreOpaque(requestWith(carried), 'gemini').turns[0]?.parts).toEqual(answerWith(SEARCH).parts)
  })

  test('crosses a stream as it crosses a whole answer', () => {
    const carry = createOpaqueCarrier('anthropic', () => undefined)
    const streamed = collect([...replay(answerWith(SEARCH))].map(carry))
    expect(streamed.parts).toEqual(carryOpaque(answerWith(SEARCH), 'anthropic', () => undefined).parts)
  })

  test('stays sealed reasoning for every other vendor', () => {
    const carried = carryOpaque(answerWith(SEARCH), 'anthropic', () => undefined)
    const request = requestWith(carried)
    expect(restoreOpaque(request, 'openai-responses')).toBe(request)
  })

  test.each([
    ['its own client', SEARCH, 'gemini'],
    ['a client, as an item that is known by its id alone', { ...SEARCH, protocol: 'openai-responses' }, 'anthropic'],
    ['a client, as something whose vendor nobody knows', { ...SEARCH, protocol: 'openai-chat' }, 'anthropic'],
    ['a client, being far too large', { ...SEARCH, value: { data: 'x'.repeat(300_000) } }, 'anthropic'],
  ] as const)('is left as it is for %s', (_title, part, to) => {
    const losses: Loss[] = []
    expect(carryOpaque(answerWith(part), to, (loss) => losses.push(loss)).parts[1]).toBe(part)
    expect(losses).toEqual([])
  })

  test('of a compaction goes back to the vendor that wrote it', () => {
    const value = { type: 'compaction', id: 'cmp_1', encrypted_content: 'secret' }
    const part: OpaquePart = { type: 'opaque', protocol: 'openai-responses', value }
    const carried = carryOpaque(answerWith(part), 'gemini', () => undefined)
    expect(restoreOpaque(requestWith(carried), 'openai-responses').turns[0]?.parts[1]).toEqual(part)
  })
})
