import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../lib/json.ts'

/**
 * A list with each of its objects mended, and everything else in its place; undefined for what is no list, and for one
 * in which nothing changes.
 *
 * @param mend gives what takes the place of an object: the very same one when nothing is wrong with it, none when it
 * cannot be sent.
 */
export function mendElements(
  list: unknown,
  mend: (element: JsonObject, at: number) => readonly JsonObject[],
): readonly unknown[] | undefined {
  if (!Array.isArray(list)) return undefined
  const elements: readonly unknown[] = list
  const mended = elements.flatMap<unknown>((element, at) => (isObject(element) ? mend(element, at) : [element]))
  const isSame = mended.length === elements.length && mended.every((element, at) => element === elements[at])
  return isSame ? undefined : mended
}
