import type { Part } from '../../../src/ir/part.ts'
import type { Turn } from '../../../src/ir/request.ts'

export const user = (...parts: readonly (Part | string)[]): Turn => ({ role: 'user', parts: parts.map(partOf) })
export const assistant = (...parts: readonly (Part | string)[]): Turn => ({
  role: 'assistant',
  parts: parts.map(partOf),
})
export const system = (text: string): Turn => ({ role: 'system', parts: [partOf(text)] })
export const call = (id: string, input = '{}'): Part => ({ type: 'tool-call', id, name: 'f', kind: 'function', input })
export const result = (callId: string, text = 'r'): Part => ({
  type: 'tool-result',
  callId,
  kind: 'function',
  content: [{ type: 'text', text }],
})
export const thought = (maker: 'anthropic' | 'gemini'): Part => ({
  type: 'reasoning',
  text: 'hm',
  seals: [{ maker, kind: maker === 'gemini' ? 'thought-signature' : 'signature', value: 'S' }],
})

function partOf(part: Part | string): Part {
  return typeof part === 'string' ? { type: 'text', text: part } : part
}
