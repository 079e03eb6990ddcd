import type { Part } from '../../../src/ir/part.ts'
import type { ModelRequest, Tool, Turn } from '../../../src/ir/request.ts'
import { readArray, readObject, readObjects, type Fields } from '../../../src/lib/json.ts'
import { gemini } from '../../../src/protocols/gemini/index.ts'

/** A request of another protocol's client. */
export function requestOf(turns: readonly Turn[], fields: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'gemini-3-flash', stream: false, system: [], turns, tools: [], hosted: [], sampling: {}, ...fields }
}

/** The body as the wire has it, and what was lost. */
export function encode(request: ModelRequest): { readonly body: Fields; readonly losses: readonly string[] } {
  const losses: string[] = []
  const body = gemini.encodeRequest(request, ({ path, reason }) => void losses.push(`${path}: ${reason}`))
  return { body: readObject(JSON.parse(JSON.stringify(body))) ?? {}, losses }
}

/** What a client's body is to a model of this name. */
export function decode(body: Fields, model = ''): ModelRequest {
  return { ...gemini.decodeRequest({ contents: [{ parts: [{ text: 'hi' }] }], ...body }), model }
}

/** A client's body after one trip through the IR, to a model of this name. */
export function recode(body: Fields, model = ''): Fields {
  return encode(decode(body, model)).body
}

/** The parts of all contents, each content as its role and its parts. */
export function contentsOf({ contents }: Fields): readonly unknown[] {
  return readObjects(contents).map(({ role, parts }) => [role, ...readArray(parts)])
}

export const text = (said: string): Part => ({ type: 'text', text: said })

export const user = (...parts: readonly (Part | string)[]): Turn => turnOf('user', parts)
export const assistant = (...parts: readonly (Part | string)[]): Turn => turnOf('assistant', parts)
export const system = (said: string): Turn => turnOf('system', [said])

export const call = (id: string, fields: { readonly name?: string; readonly input?: string } = {}): Part => ({
  type: 'tool-call',
  id,
  name: 'f',
  kind: 'function',
  input: '{}',
  ...fields,
})

export const result = (callId: string, said = 'r'): Part => ({
  type: 'tool-result',
  callId,
  kind: 'function',
  content: [{ type: 'text', text: said }],
})

export const tool = (name: string, fields: Partial<Tool> = {}): Tool => ({
  kind: 'function',
  name,
  schema: { type: 'object', properties: {} },
  ...fields,
})

function turnOf(role: Turn['role'], parts: readonly (Part | string)[]): Turn {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)) }
}
