import fc from 'fast-check'
import type { JsonObject } from '../../src/ir/json.ts'

/** Copies of a body in which some value, at any depth, is another one or gone. */
export function mutations(body: JsonObject): fc.Arbitrary<JsonObject> {
  const places = placesOf(body)
  const other = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined))
  return fc.array(fc.tuple(fc.nat(places.length - 1), other), { minLength: 1, maxLength: 3 }).map((edits) => {
    const copy: unknown = structuredClone(body)
    for (const [at, value] of edits) put(copy, places[at] ?? [], value)
    return copy as JsonObject
  })
}

type Place = readonly string[]

function placesOf(value: unknown, here: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [[...here, key], ...placesOf(inner, [...here, key])])
}

/** Does nothing where an earlier edit took the place away. */
function put(target: unknown, [key, ...rest]: Place, value: unknown): void {
  if (typeof target !== 'object' || target === null || key === undefined) return
  if (rest.length > 0) put(Reflect.get(target, key), rest, value)
  else Reflect.set(target, key, value)
}
