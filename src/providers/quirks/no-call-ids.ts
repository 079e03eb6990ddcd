import type { JsonObject } from '../../ir/json.ts'
import { isObject, readArray } from '../../lib/json.ts'
import type { Quirk } from '../provider.ts'

/**
 * Vertex AI pairs calls and their results by name and order, and refuses ids.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content#FunctionCall
 */
export const noCallIds: Quirk = {
  name: 'no-call-ids',
  fields(_body, _call, { whole }) {
    const { contents } = whole()
    if (!Array.isArray(contents)) return undefined
    let hasIds = false
    const stripped = contents.map((content: unknown) => {
      if (!isObject(content) || !Array.isArray(content['parts'])) return content
      const parts = readArray(content['parts']).map((part) => {
        const plain = withoutId(part)
        if (plain !== part) hasIds = true
        return plain
      })
      return { ...content, parts }
    })
    return hasIds ? { contents: stripped } : undefined
  },
}

const CALL_FIELDS = ['functionCall', 'function_call', 'functionResponse', 'function_response'] as const

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
