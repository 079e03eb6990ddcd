import type { JsonObject } from '../../ir/json.ts'
import { hasQuoted } from '../../lib/json-scan.ts'
import { isObject, readArray } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'
import { readField } from './read-field.ts'

/**
 * Vertex AI pairs calls and their results by name and order, and refuses ids: results are put in the order of their calls.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content#FunctionCall
 */
export const noCallIds: Quirk = {
  name: 'no-call-ids',
  fields(body, _call, source) {
    const contents = readField('contents', body, source, (json) => hasQuoted(json, 'id'))
    if (!Array.isArray(contents)) return undefined
    let hasIds = false
    /** Ids of the latest calls, in their order. */
    let calls: readonly unknown[] = []
    const stripped = contents.map((content: unknown) => {
      if (!isObject(content) || !Array.isArray(content['parts'])) return content
      const asked = readArray(content['parts'])
      const called = asked.map((part) => idIn(part, CALLS)).filter((id) => id !== undefined)
      if (called.length > 0) calls = called
      const parts = inOrderOf(calls, asked).map((part) => {
        const plain = withoutId(part)
        if (plain !== part) hasIds = true
        return plain
      })
      return { ...content, parts }
    })
    return hasIds ? { contents: stripped } : undefined
  },
}

const CALLS = ['functionCall', 'function_call'] as const
const RESULTS = ['functionResponse', 'function_response'] as const

function idIn(part: unknown, fields: readonly string[]): unknown {
  if (!isObject(part)) return undefined
  const call = fields.map((field) => part[field]).find(isObject)
  return call?.['id']
}

/** The parts with their results in the order of the calls, which is all that tells them apart without ids. */
function inOrderOf(calls: readonly unknown[], parts: readonly unknown[]): readonly unknown[] {
  const isKnown = (part: unknown): boolean => calls.includes(idIn(part, RESULTS))
  const sorted = parts
    .filter(isKnown)
    .toSorted((one, other) => calls.indexOf(idIn(one, RESULTS)) - calls.indexOf(idIn(other, RESULTS)))
  let taken = 0
  return parts.map((part) => (isKnown(part) ? sorted[taken++] : part))
}

const CALL_FIELDS = [...CALLS, ...RESULTS]

function withoutId(part: unknown): unknown {
  if (!isObject(part)) return part
  let plain: JsonObject = part
  for (const field of CALL_FIELDS) {
    const call = part[field]
    if (!isObject(call) || call['id'] === undefined) continue
    const { id: _id, ...rest } = call
    plain = { ...plain, [field]: rest }
  }
  return plain
}
