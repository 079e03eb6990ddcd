import type { JsonObject } from '../../ir/json.ts'
import type { QuirkSource } from '../provider.ts'

/** Takes fields out of a body, each told as a loss unless it says nothing; undefined when none of them is there. */
export function withoutFields(
  names: readonly string[],
  body: JsonObject,
  { longText, onLoss }: QuirkSource,
): JsonObject | undefined {
  let removed: Record<string, undefined> | undefined
  for (const name of names) {
    const value = body[name]
    if (value === undefined && longText(name) === undefined) continue
    if (value !== null) onLoss({ path: name, reason: name.replaceAll('_', '-') })
    removed = { ...removed, [name]: undefined }
  }
  return removed
}
