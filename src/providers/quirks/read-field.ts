import type { JsonObject } from '../../ir/json.ts'
import { parseJson } from '../../lib/json.ts'
import type { QuirkSource } from '../provider.ts'

/**
 * The value of a field, wherever it stands. A long one that is no JSON counts as none: it is the upstream's to refuse.
 *
 * @param isWanted says of the JSON of a long value whether it is worth the parse; undefined if not. Most looks at the
 * text cost more than they save.
 */
export function readField(
  name: string,
  body: JsonObject,
  { longText }: QuirkSource,
  isWanted: (json: string) => boolean = () => true,
): unknown {
  const json = longText(name)
  if (json === undefined) return body[name]
  return isWanted(json) ? parseJson(json) : undefined
}
