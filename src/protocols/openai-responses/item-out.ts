import type { AnswerContext } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, ReasoningPart, TextPart } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import type { PartHead } from '../../ir/response.ts'
import { type Fields, readObject, readText } from '../../lib/json.ts'
import { sniffMime, suffixForMime } from '../shared/media.ts'
import { EMPTY_TWIN, MESSAGE_TWIN } from './item-in.ts'
import { encryptedContentFor, isContentThinking, ITEM_TWIN, readOwnSecret, thinkingFields } from './reasoning.ts'

/** Whether an item is whole; the one at which the model was stopped is not. */
export type ItemStatus = 'completed' | 'incomplete'

/** The fields of the vendor's message that a text stood in. */
export function messageOf(extras: Extras | undefined): Fields | undefined {
  return readObject(extras?.['openai-responses']?.[MESSAGE_TWIN])
}

/** True for texts of one message: the vendor's own, or neighbours of another vendor's. */
export function isSameMessage(a: Fields | undefined, b: Fields | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a['id'] !== undefined && a['id'] === b['id'])
}

/** A message without its content. */
export function messageItem(shell: Fields | undefined, id: string, status: ItemStatus | 'in_progress'): JsonObject {
  return { ...shell, id, type: 'message', role: 'assistant', status: statusFor(shell, status) }
}

/** A part of a message's content, without its text; `field` is where that stands. */
export function contentOf({ refusal, extras }: Pick<TextPart, 'refusal' | 'extras'>): {
  fields: JsonObject
  field: string
} {
  const own = ownFields(extras)
  if (refusal === true) return { fields: { type: 'refusal', ...own }, field: 'refusal' }
  const fields = { type: 'output_text', annotations: [], logprobs: [], ...readEmpty(extras), ...own }
  return { fields, field: 'text' }
}

/** A call without its input; `field` is where that stands. */
export function callItem(
  { kind, name, namespace, extras }: Extract<PartHead, { type: 'tool-call' }>,
  ids: { readonly id: string; readonly callId: string },
  status: ItemStatus | 'in_progress',
): { item: JsonObject; field: string } {
  const isCustom = kind === 'custom'
  const item = {
    ...ownFields(extras),
    id: ids.id,
    type: isCustom ? 'custom_tool_call' : 'function_call',
    status: statusFor(twinOf(extras), status),
    call_id: ids.callId,
    name: name === '' ? 'unknown' : name,
    namespace,
  }
  return { item, field: isCustom ? 'input' : 'arguments' }
}

/** A reasoning item; undefined for what neither says nor seals anything. `id`: the one under which it was begun. */
export function reasoningItem(part: ReasoningPart, newId: AnswerContext['newId'], id?: string): JsonObject | undefined {
  const { text, seals, extras } = part
  const twin = twinOf(extras)
  const hasSeals = seals !== undefined && seals.length > 0
  if (text === '' && !hasSeals && !twin) return undefined
  return {
    id: id ?? readOwnSecret(seals)?.id ?? readText(twin?.['id']) ?? newId('rs_'),
    type: 'reasoning',
    status: twin?.['status'],
    ...thinkingFields(text, isContentThinking(extras)),
    encrypted_content: twin && !hasSeals ? undefined : encryptedContentFor(seals),
  }
}

/** A picture as the result of the vendor's own tool; undefined for any other medium. */
export function imageItem({ kind, source, extras }: MediaPart, newId: AnswerContext['newId']): JsonObject | undefined {
  if (kind !== 'image' || source.type !== 'base64') return undefined
  const twin = twinOf(extras)
  const mime = source.mime === '' ? (sniffMime(source.data) ?? 'image/png') : source.mime
  return {
    output_format: suffixForMime(mime)?.replace('jpg', 'jpeg') ?? 'png',
    ...twin,
    id: readText(twin?.['id']) ?? newId('ig_'),
    type: 'image_generation_call',
    status: readText(twin?.['status']) ?? 'completed',
    result: source.data,
  }
}

/** Ids for one answer's calls, each given once. */
export function createCallIds(newId: AnswerContext['newId']): (id: string) => string {
  const given = new Set<string>()
  return (id) => {
    const callId = id === '' || given.has(id) ? newId('call_') : id
    given.add(callId)
    return callId
  }
}

/** What this protocol's extras keep of the item that a part came from. */
export function twinOf(extras: Extras | undefined): Fields | undefined {
  return readObject(extras?.['openai-responses']?.[ITEM_TWIN])
}

/** Fields of the vendor's that nobody read, without the codec's private ones. */
function ownFields(extras: Extras | undefined): Fields | undefined {
  const own = extras?.['openai-responses']
  if (!own) return undefined
  const fields: Record<string, unknown> = {}
  for (const key in own) if (!key.startsWith('$')) fields[key] = own[key]
  return fields
}

function readEmpty(extras: Extras | undefined): Fields | undefined {
  return readObject(extras?.['openai-responses']?.[EMPTY_TWIN])
}

/** The vendor's own word where it has a last one. */
function statusFor(twin: Fields | undefined, status: ItemStatus | 'in_progress'): unknown {
  const own = twin?.['status']
  return status !== 'in_progress' && (own === 'completed' || own === 'incomplete') ? own : status
}

/** What the id of a call's item begins with. */
export function callPrefix({ kind }: { readonly kind: 'function' | 'custom' }): string {
  return kind === 'custom' ? 'ctc_' : 'fc_'
}

/** A function without arguments has an empty object of them. */
export function wholeInput(kind: 'function' | 'custom', input: string): string {
  return kind === 'function' && input.trim() === '' ? '{}' : input
}
