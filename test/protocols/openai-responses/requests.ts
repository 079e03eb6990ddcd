import type { Loss } from '../../../src/ir/codec.ts'
import { Fault } from '../../../src/ir/fault.ts'
import type { JsonObject } from '../../../src/ir/json.ts'
import type { ModelRequest } from '../../../src/ir/request.ts'
import { anthropic } from '../../../src/protocols/anthropic/index.ts'
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts'
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts'

/** A Responses client's request with this input. */
export function decodeInput(input: unknown, fields: JsonObject = {}): ModelRequest {
  return openaiResponses.decodeRequest({ model: 'm', input, ...fields })
}

/** What a Responses upstream is asked, as it goes over the wire, and what was lost. */
export function encode(request: ModelRequest): { readonly body: JsonObject; readonly losses: readonly string[] } {
  const losses: Loss[] = []
  const body = openaiResponses.encodeRequest(request, (loss) => losses.push(loss))
  return { body: JSON.parse(JSON.stringify(body)), losses: losses.map(({ path, reason }) => `${path}: ${reason}`) }
}

/** The same for a Chat client's request. */
export function encodeChat(fields: JsonObject): ReturnType<typeof encode> {
  return encode(openaiChat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields }))
}

/** The same for an Anthropic client's request. */
export function encodeAnthropic(fields: JsonObject): ReturnType<typeof encode> {
  return encode(
    anthropic.decodeRequest({ model: 'm', max_tokens: 64, messages: [{ role: 'user', content: 'hi' }], ...fields }),
  )
}

/** The fault that refuses a request. */
export function faultOf(run: () => unknown): Fault {
  try {
    run()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('no fault was thrown')
}
