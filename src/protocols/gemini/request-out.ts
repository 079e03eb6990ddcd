import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest } from '../../ir/request.ts'
import { refuseBound, tellForeignExtras } from '../shared/foreign.ts'
import { TOOL_NAME_RULES, toolNamesFor } from '../shared/tool-id.ts'
import { encodeConfig } from './config-out.ts'
import { encodeConversation } from './contents-out.ts'
import { modelTraitsFor } from './model-traits.ts'
import { readOwn } from './part-out.ts'
import { encodeTools } from './tools-out.ts'

/**
 * A generateContent request that Gemini accepts, whatever the client's protocol and whoever made the history. The model
 * and the stream mode stand in the URL.
 *
 * @throws {Fault} invalid-request when nothing of the conversation has a form in this protocol.
 * @see https://ai.google.dev/api/generate-content
 */
export function encodeRequest(request: ModelRequest, onLoss: OnLoss): JsonObject {
  refuseBound(request, 'gemini')
  const { model, user, extras, stream: _stream, bound: _bound, ...rest1 } = request
  const { system: _system, turns: _turns, tools: _tools, hosted: _hosted, ...rest2 } = rest1
  const {
    toolChoice: _choice,
    parallelTools: _parallel,
    format: _format,
    reasoning: _reasoning,
    sampling: _s,
    ...rest
  } = rest2
  rest satisfies Record<string, never>
  const traits = modelTraitsFor(model)
  const names = toolNamesFor(request, TOOL_NAME_RULES.gemini)
  const { toolConfig: _toolConfig, generationConfig: _generationConfig, ...own } = readOwn(extras)
  tellForeignExtras(extras, 'gemini', 'extras', onLoss)
  if (user !== undefined) onLoss({ path: 'user', reason: 'user' })
  return {
    ...own,
    ...encodeConversation(request, names, traits, onLoss),
    ...encodeTools(request, names, onLoss),
    generationConfig: encodeConfig(request, traits, onLoss),
  }
}
