import type { JsonObject } from '../../ir/json.ts'
import type { ReasoningPart, Seal } from '../../ir/part.ts'
import type { Extras } from '../../ir/protocol.ts'
import { type Fields, parseObject, readObject, readObjects, readString, readText } from '../../lib/json.ts'
import { unwrapSeals, wrapSeals } from '../shared/seal.ts'

/** Under this name the extras keep the item that a part came from: a reasoning item whole, any other without its content. */
export const ITEM_TWIN = '$item'

/** Set in the extras of thinking that stood in the item's `content` (LM Studio, gpt-oss), not in its summary. */
export const CONTENT_TWIN = '$content'

/** What stands between the parts of a summary in the IR's text. */
export const SUMMARY_GAP = '\n\n'

/** What a vendor needs to know its own reasoning again. */
export interface ReasoningSecret {
  readonly id?: string
  readonly encrypted_content?: string
}

/** A reasoning item, of an answer or of a client's history. Never throws. */
export function decodeReasoning(item: Fields): ReasoningPart {
  const { id, encrypted_content } = item
  const secret = readText(encrypted_content)
  const { text, isContent } = readThinking(item)
  const sealed = secret === undefined ? undefined : unwrapSeals(secret)
  // Other vendors' thinking: the item is of our own making and means nothing to a vendor of this protocol.
  if (sealed) {
    const seals = sealed.seals.length > 0 ? sealed.seals : undefined
    return { type: 'reasoning', text: text === '' ? (sealed.text ?? '') : text, seals }
  }
  return {
    type: 'reasoning',
    text,
    seals: sealReasoning({ id: readText(id), encrypted_content: secret }, text),
    extras: { 'openai-responses': isContent ? { [ITEM_TWIN]: item, [CONTENT_TWIN]: true } : { [ITEM_TWIN]: item } },
  }
}

/** The seal of an item; an id alone is worth keeping only where there is a text for it to belong to. */
export function sealReasoning(secret: ReasoningSecret, text: string): readonly Seal[] | undefined {
  const { id, encrypted_content } = secret
  if (encrypted_content === undefined && (id === undefined || text === '')) return undefined
  return [{ maker: 'openai-responses', kind: 'reasoning', value: JSON.stringify({ id, encrypted_content }) }]
}

/** What this protocol's own seal holds; undefined when none of the seals is. */
export function readOwnSecret(seals: readonly Seal[] | undefined): ReasoningSecret | undefined {
  const own = seals?.find(({ maker, kind }) => maker === 'openai-responses' && kind === 'reasoning')
  if (!own) return undefined
  const { id, encrypted_content } = parseObject(own.value) ?? {}
  return { id: readText(id), encrypted_content: readText(encrypted_content) }
}

/**
 * Seals of a part that has no field for them (a call, a text, a picture) stand in a reasoning item of their own after
 * it; unlike those of reasoning, what is wrapped there names no text.
 *
 * @returns undefined for any other item.
 */
export function readPartSeals({ type, encrypted_content }: Fields): readonly Seal[] | undefined {
  if (type !== 'reasoning' || typeof encrypted_content !== 'string') return undefined
  const sealed = unwrapSeals(encrypted_content)
  return sealed && sealed.text === undefined ? sealed.seals : undefined
}

/** The item that {@link readPartSeals} reads. */
export function writePartSeals(seals: readonly Seal[], id: string): JsonObject {
  return { id, type: 'reasoning', summary: [], encrypted_content: wrapSeals({ seals }) }
}

/** The vendor's item that a part came from, as it was, as long as the part still says the same. */
export function ownReasoningItem({ text, seals, extras }: ReasoningPart): Fields | undefined {
  const item = readObject(extras?.['openai-responses']?.[ITEM_TWIN])
  if (!item || readString(item['type']) !== 'reasoning') return undefined
  const { text: before, seals: sealsBefore } = decodeReasoning(item)
  return before === text && isSameSeals(sealsBefore, seals) ? item : undefined
}

/**
 * What a client of this protocol keeps for a thought's vendor: the secret as it is, all else behind the mark. The mark
 * also says of a thought without seals that it is another vendor's, so that it is known when it comes back.
 */
export function encryptedContentFor(seals: readonly Seal[] = []): string | undefined {
  const own = seals.length === 1 ? readOwnSecret(seals) : undefined
  return own ? own.encrypted_content : wrapSeals({ seals, text: '' })
}

/** Thinking as the summary or, where its vendor shows it there, the content of an item. */
export function thinkingFields(text: string, isContent: boolean): JsonObject {
  if (isContent) return { summary: [], content: [{ type: 'reasoning_text', text }] }
  return { summary: text === '' ? [] : [{ type: 'summary_text', text }] }
}

/** True for thinking that stood in an item's content. */
export function isContentThinking(extras: Extras | undefined): boolean {
  return extras?.['openai-responses']?.[CONTENT_TWIN] === true
}

function readThinking({ summary, content }: Fields): { text: string; isContent: boolean } {
  const summed = typeof summary === 'string' ? summary : textsOf(summary).join(SUMMARY_GAP)
  if (summed !== '') return { text: summed, isContent: false }
  const said = typeof content === 'string' ? content : textsOf(content).join(SUMMARY_GAP)
  return { text: said, isContent: said !== '' }
}

function textsOf(parts: unknown): readonly string[] {
  return readObjects(parts).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
}

function isSameSeals(before: readonly Seal[] | undefined, now: readonly Seal[] | undefined): boolean {
  const [a, b] = [before ?? [], now ?? []]
  return a.length === b.length && a.every((seal, at) => seal.value === b[at]?.value && seal.maker === b[at].maker)
}
