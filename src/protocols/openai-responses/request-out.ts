import type { OnLoss } from '../../ir/codec.ts'
import { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ModelRequest } from '../../ir/request.ts'
import { readObject } from '../../lib/json.ts'
import { refuseBound, tellForeignExtras } from '../shared/foreign.ts'
import { responsesFieldsFrom } from '../shared/openai-sisters.ts'
import { keptSpelling, SPELLING, UNSPELT } from '../shared/spelling.ts'
import { CALL_ID_RULES, callIdsFor, TOOL_NAME_RULES, toolNamesFor } from '../shared/tool-id.ts'
import type { RequestWriter } from './content-out.ts'
import { readOwn } from './fields.ts'
import { encodeInput } from './input-out.ts'
import { decodeUser, DEFAULTS_TWIN, hasStoredState } from './options-in.ts'
import { encodeKeeping, encodeReasoningRequest, encodeSampling, encodeText } from './options-out.ts'
import { INSTRUCTIONS_TWIN } from './request-in.ts'
import { decodeToolChoice } from './tools-in.ts'
import { encodeToolChoice, encodeTools } from './tools-out.ts'

/**
 * A Responses request. A client of this protocol gets its own spelling back where it still says what the request says;
 * what another one asks is neither stored nor looked up at the vendor.
 *
 * @throws {Fault} invalid-request when nothing of the conversation has a form in this protocol.
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export function encodeRequest(request: ModelRequest, onLoss: OnLoss): JsonObject {
  const { model, stream, system, turns, tools, hosted, toolChoice, parallelTools, ...rest1 } = request
  const { format, reasoning, sampling, user, bound: _bound, extras, ...rest } = rest1
  rest satisfies Record<string, never>
  refuseBound(request, 'openai-responses')
  const isOwn = extras?.['openai-responses'] !== undefined
  const { [SPELLING]: spelling, [DEFAULTS_TWIN]: defaults, text, reasoning: ownReasoning, ...unread } = readOwn(extras)
  const spelt = readObject(spelling) ?? UNSPELT
  const writer: RequestWriter = {
    isOwn,
    isStored: isOwn && readObject(defaults)?.['store'] !== false,
    names: toolNamesFor(request, TOOL_NAME_RULES['openai-responses']),
    callId: callIdsFor(CALL_ID_RULES['openai-responses']),
    onLoss,
  }
  const sister = responsesFieldsFrom(extras)
  tellForeignExtras(extras, 'openai-responses', 'extras', onLoss, sister.carried)
  const { instructions, messages } = splitInstructions(system)
  const isKept = hasStoredState(unread)
  const input = encodeInput(messages, turns, isKept, writer)
  if (input.length === 0 && !isKept) throw nothingToSay()
  const wireTools = encodeTools(tools, hosted, writer)
  return {
    ...(isOwn ? undefined : { ...encodeKeeping(model, reasoning), ...sister.fields }),
    ...readObject(defaults),
    ...unread,
    model,
    instructions,
    input: input.length > 0 ? input : undefined,
    tools: wireTools,
    ...keptSpelling(spelt, ['tool_choice'], decodeToolChoice, toolChoice, (choice) => ({
      tool_choice: encodeToolChoice(choice, tools, wireTools, writer),
    })),
    parallel_tool_calls: wireTools || isOwn ? parallelTools : undefined,
    ...encodeSampling(sampling, writer),
    text: encodeText(format, isOwn ? text : { verbosity: sister.verbosity }, writer),
    reasoning: encodeReasoningRequest(reasoning, model, ownReasoning, writer),
    ...keptSpelling(spelt, ['user', 'safety_identifier'], decodeUser, user, (id) => ({ safety_identifier: id })),
    stream: stream ? true : undefined,
  }
}

function splitInstructions(system: ModelRequest['system']): {
  instructions: string | undefined
  messages: ModelRequest['system']
} {
  const [first, ...others] = system
  const [part] = first?.parts ?? []
  const isInstructions = first && readOwn(first.extras)[INSTRUCTIONS_TWIN] === true
  return isInstructions && part?.type === 'text'
    ? { instructions: part.text, messages: others }
    : { instructions: undefined, messages: system }
}

function nothingToSay(): Fault {
  return new Fault(
    'invalid-request',
    'input: nothing in it can be sent to this model (it speaks the Responses protocol). Add a message with text.',
    { param: 'input' },
  )
}
