import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Quirk } from '../provider.ts'
import { isSealedByOpenai, isWordless } from './foreign-seals.ts'
import { mendElements } from './mend-elements.ts'
import { readField } from './read-field.ts'

/**
 * xAI takes no field of past reasoning that is null, and cannot read what OpenAI sealed: a client may have asked another
 * model before.
 *
 * @see behaviour of CLIProxyAPI, `xai_executor_response.go`
 */
export const xaiInput: Quirk = {
  name: 'xai-input',
  fields(body, _call, source) {
    const mended = mendElements(readField('input', body, source), (item, at) => mendItem(item, at, source.onLoss))
    return mended && { input: mended }
  },
}

/** The very same item when nothing is wrong with it; none in the place of one of which nothing is left. */
function mendItem(item: JsonObject, at: number, onLoss: OnLoss): readonly JsonObject[] {
  const isReasoning = item['type'] === 'reasoning'
  if (!isReasoning && item['type'] !== 'compaction') return [item]
  const isForeign = isSealedByOpenai(item)
  if (isForeign) onLoss({ path: `input.${at}`, reason: 'foreign-seal' })
  if (isForeign && (!isReasoning || isWordless(item))) return []
  const { content, encrypted_content: seal, ...rest } = item
  if (content !== null && seal !== null && !isForeign) return [item]
  const kept = seal === undefined || seal === null || isForeign ? {} : { encrypted_content: seal }
  return [{ ...rest, ...(content === undefined || content === null ? {} : { content }), ...kept }]
}
