import type { Loss } from '../../../src/ir/codec.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'

export const HELLO = [{ role: 'user', content: 'Hello' }]

/** A request as another protocol's client would have made it. */
export function foreign(request: Partial<ModelRequest>): ModelRequest {
  const turns = [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }] as const
  return { model: 'm', stream: false, system: [], turns, tools: [], hosted: [], sampling: {}, ...request }
}

/** The body as an upstream sees it. */
export function encodeRequest(request: ModelRequest, losses: Loss[] = []): JsonObject {
  const body: unknown = JSON.parse(JSON.stringify(openaiChat.encodeRequest(request, (loss) => losses.push(loss))))
  return typeof body === 'object' && body !== null ? { ...body } : {}
}
