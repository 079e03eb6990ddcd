import type { JsonObject } from '../../ir/json.ts'
import type { QuirkSource } from '../provider.ts'

/**
 * The value of a field, wherever it stands.
 *
 * @param isWanted says of the JSON of a long value whether it is worth the parse of the whole body; undefined if not.
 */
export function readField(
  name: string,
  body: JsonObject,
  { longText, whole }: QuirkSource,
  isWanted: (json: string) => boolean = () => true,
): unknown {
  const json = longText(name)
  if (json === undefined) return body[name]
  return isWanted(json) ? whole()[name] : undefined
}
