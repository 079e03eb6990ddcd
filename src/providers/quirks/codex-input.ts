import type { OnLoss } from '../../ir/codec.ts'
import type { JsonObject } from '../../ir/json.ts'
import { hasQuoted } from '../../lib/json-scan.ts'
import { isObject, readArray, readText } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { isSealedByXai, mayHoldXaiSeal } from './foreign-seals.ts'
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
    const input = readField('input', body, source, mayNeedMending)
    if (typeof input === 'string') return { input: [messageOf(input)] }
    if (!Array.isArray(input)) return undefined
    const items = readArray(input)
    const mended = items.flatMap<unknown>((item, at) => (isObject(item) ? mendItem(item, at, source.onLoss) : [item]))
    const isSame = mended.length === items.length && mended.every((item, at) => item === items[at])
    return isSame ? undefined : { input: mended }
  },
}

function messageOf(text: string): JsonObject {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
}

const ID_CHARS_MAX = 64

/** A look at the text alone. A client brings its seals or does not: one stands for all. */
function mayNeedMending(json: string): boolean {
  return (
    json.startsWith('"') ||
    WORDS.some((word) => hasQuoted(json, word)) ||
    hasLongId(json) ||
    mayHoldXaiSeal(json) ||
    (!json.includes('encrypted_content') && hasQuoted(json, 'reasoning'))
  )
}

const BREAKPOINT = 'prompt_cache_breakpoint'
const WORDS = ['system', 'item_reference', BREAKPOINT]

function hasLongId(json: string): boolean {
  for (let at = json.indexOf(ID); at >= 0; at = json.indexOf(ID, at + ID.length)) {
    const start = json.indexOf('"', at + ID.length)
    const end = json.indexOf('"', start + 1)
    if (end - start - 1 > ID_CHARS_MAX) return true
  }
  return false
}

const ID = '"id"'

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
