import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, OpaquePart, TextPart, ToolCallPart } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { AnswerPart } from '../../ir/response.ts'
import { type Fields, presentFields, readObjects, readString, readText } from '../../lib/json.ts'
import { sniffMime } from '../shared/media.ts'
import { decodeReasoning, ITEM_TWIN } from './reasoning.ts'

/** Under this name the extras of a text keep its message's fields, all but role and content: id, status, phase … */
export const MESSAGE_TWIN = '$message'

/** Set in the extras of a text that was the whole content of its message, as a string. */
export const STRING_TWIN = '$string'

/** Under this name the extras of a text keep its lists with nothing in them. */
export const EMPTY_TWIN = '$empty'

/**
 * The parts of an item that the model made: of an answer, or of the history that a client brings back. A message gives
 * a part for each of its own, whatever else the vendor ran itself an opaque one. Never throws.
 */
export function decodeItem(item: Fields): readonly AnswerPart[] {
  switch (item['type']) {
    case 'message':
    case undefined:
      return decodeMessage(item)
    case 'reasoning':
      return [decodeReasoning(item)]
    case 'function_call':
    case 'custom_tool_call':
      return [decodeCall(item)]
    case 'image_generation_call':
      return [decodeImage(item) ?? opaqueFor(item)]
    default:
      return [opaqueFor(item)]
  }
}

/** A message of the assistant's; one that says nothing is a text of nothing. */
export function decodeMessage({ role: _role, content, ...shell }: Fields): readonly AnswerPart[] {
  if (typeof content === 'string') {
    return [{ type: 'text', text: content, extras: messageExtras(shell, { [STRING_TWIN]: true }) }]
  }
  const parts = readObjects(content).map((part) => decodeContent(part, shell))
  return parts.length > 0 ? parts : [{ type: 'text', text: '', extras: messageExtras(shell, {}) }]
}

/** One part of a message's content; `shell` has the message's other fields. */
export function decodeContent(part: Fields, shell: Fields): TextPart | OpaquePart {
  const { type, text, refusal, ...rest } = part
  switch (type) {
    case 'output_text':
    case 'input_text':
    case 'text':
      return { type: 'text', text: readString(text) ?? '', extras: messageExtras(shell, contentExtras(rest)) }
    case 'refusal':
      return {
        type: 'text',
        text: readString(refusal) ?? readString(text) ?? '',
        refusal: true,
        extras: messageExtras(shell, rest),
      }
    default:
      return { ...opaqueFor(part), extras: messageExtras(shell, {}) }
  }
}

/** A call that the client has to run. */
export function decodeCall(item: Fields): ToolCallPart {
  const { type, id, status, call_id, name, namespace, arguments: args, input, ...rest } = item
  const isCustom = type === 'custom_tool_call'
  return {
    type: 'tool-call',
    id: readText(call_id) ?? readText(id) ?? '',
    name: readString(name) ?? '',
    kind: isCustom ? 'custom' : 'function',
    input: readInput(isCustom ? (input ?? args) : (args ?? input)),
    namespace: readText(namespace),
    extras: callExtras(rest, presentFields({ id, status })),
  }
}

/** The text of a call's input; some vendors give the arguments as an object. */
export function readInput(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

export function opaqueFor(item: Fields): OpaquePart {
  return { type: 'opaque', protocol: 'openai-responses', value: item }
}

/** A picture that the vendor's own tool made; undefined while there is none, or only its id. */
function decodeImage({ type: _type, result, ...rest }: Fields): MediaPart | undefined {
  const data = readText(result)
  if (data === undefined) return undefined
  const format = readText(rest['output_format'])
  const mime = format === undefined ? (sniffMime(data) ?? 'image/png') : `image/${format}`
  const extras = { 'openai-responses': { [ITEM_TWIN]: rest } }
  return { type: 'media', kind: 'image', source: { type: 'base64', mime, data }, extras }
}

function callExtras(rest: Fields, twin: Fields | undefined): Extras | undefined {
  const unread = presentFields(rest)
  if (!unread && !twin) return undefined
  return { 'openai-responses': twin ? { ...unread, [ITEM_TWIN]: twin } : { ...unread } }
}

function messageExtras(shell: Fields, others: Fields): Extras | undefined {
  const message = presentFields(shell)
  const fields: JsonObject | undefined = presentFields(message ? { ...others, [MESSAGE_TWIN]: message } : others)
  return fields && { 'openai-responses': fields }
}

/** Lists with nothing in them say nothing to anybody else: they are kept as the client's spelling. */
function contentExtras({ annotations, logprobs, ...rest }: Fields): Fields {
  const empty = presentFields({
    annotations: isEmptyList(annotations) ? annotations : undefined,
    logprobs: isEmptyList(logprobs) ? logprobs : undefined,
  })
  return {
    ...rest,
    annotations: empty?.['annotations'] ? undefined : annotations,
    logprobs: empty?.['logprobs'] ? undefined : logprobs,
    [EMPTY_TWIN]: empty,
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
