import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject, readArray, readText } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { isSealedByXai } from './foreign-seals.ts'
import { mendElements } from './mend-elements.ts'
import { readField } from './read-field.ts'

/**
 * What the backend of Codex takes as input: a list of items, in which instructions are the developer's, ids are short,
 * nothing refers to what only a vendor that stores could know, and nobody else sealed the reasoning.
 *
 * @see behaviour of CLIProxyAPI, `codex_openai-responses_request.go`, `codex_input_ids.go` and
 * `openai_responses_signature.go`
 */
export const codexInput: Quirk = {
  name: 'codex-input',
  fields(body, _call, source) {
    const input = readField('input', body, source)
    if (typeof input === 'string') return { input: [messageOf(input)] }
    const mended = mendElements(input, (item, at) => mendItem(item, at, source.onLoss))
    return mended && { input: mended }
  },
}

function messageOf(text: string): JsonObject {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
}

const ID_CHARS_MAX = 64

const BREAKPOINT = 'prompt_cache_breakpoint'

/** The very same item when nothing is wrong with it; none in the place of one that cannot be sent. */
function mendItem(item: JsonObject, at: number, onLoss: OnLoss): readonly JsonObject[] {
  const isReference = item['type'] === 'item_reference'
  const isUnsealed = item['type'] === 'reasoning' && readText(item['encrypted_content']) === undefined
  const isForeign = item['type'] === 'reasoning' && isSealedByXai(item)
  if (isReference || isUnsealed || isForeign) {
    onLoss({ path: `input.${at}`, reason: isForeign ? 'foreign-seal' : 'unstored-item' })
    return []
  }
  let mended = item
  if (item['role'] === 'system') mended = { ...mended, role: 'developer' }
  // An item needs no id; one that is cut short would be no better.
  if ((readText(item['id'])?.length ?? 0) > ID_CHARS_MAX) {
    const { id: _id, ...rest } = mended
    mended = rest
  }
  const content = readArray(item['content'])
  if (content.some((part) => isObject(part) && part[BREAKPOINT] !== undefined))
    mended = { ...mended, content: content.map(withoutBreakpoint) }
  return [mended]
}

function withoutBreakpoint(part: unknown): unknown {
  if (!isObject(part)) return part
  const { [BREAKPOINT]: _breakpoint, ...rest } = part
  return rest
}
