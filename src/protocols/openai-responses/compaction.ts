import type { JsonObject } from '../../ir/json.ts'
import { type Fields, readString, readText } from '../../lib/json.ts'
import { unwrapSeals, wrapSeals } from '../shared/seal.ts'

/**
 * The item that stands for a conversation of which a summary is left, in the place of a vendor's own: the summary is
 * behind the mark of seals, so that no request that holds one is relayed.
 *
 * @see https://developers.openai.com/docs/guides/compaction
 */
export function writeSummary(summary: string, id: string): JsonObject {
  return { type: 'compaction', id, encrypted_content: wrapSeals({ seals: [], text: summary }) }
}

/** What {@link writeSummary} wrote; undefined for every other item, a vendor's own compaction included. */
export function readSummary({ type, encrypted_content }: Fields): string | undefined {
  if (type !== 'compaction' && type !== 'compaction_summary') return undefined
  const wrapped = readString(encrypted_content)
  return wrapped === undefined ? undefined : readText(unwrapSeals(wrapped)?.text)
}

/** The item by which a client asks for a compaction in place of an answer. */
export const COMPACTION_TRIGGER = 'compaction_trigger'
