import { readObject, readObjects, type Fields } from '../../lib/json.ts'

/**
 * The fields by their camelCase names: protobuf's JSON may spell each `function_call` too, and Python's client mixes
 * both. Only this one level, so that names inside arguments, schemas and answers of functions stay the user's own. The
 * very same object when nothing is to be renamed; of a field in both spellings the camelCase one counts.
 *
 * @see https://protobuf.dev/programming-guides/json/
 */
export function camelFields(fields: Fields): Fields {
  for (const key in fields) if (key.includes('_')) return renamed(fields)
  return fields
}

/** The same for a value that should be an object; undefined when it is none. */
export function camelObject(value: unknown): Fields | undefined {
  const fields = readObject(value)
  return fields && camelFields(fields)
}

/** The objects in an array, each with camelCase names; a lone object is an array of one, as protobuf's readers take it. */
export function camelObjects(value: unknown): readonly Fields[] {
  const lone = camelObject(value)
  if (lone) return [lone]
  return readObjects(value).map(camelFields)
}

function renamed(fields: Fields): Fields {
  const camel: Record<string, unknown> = {}
  for (const key in fields) {
    const name = key.replaceAll(/(?<=[a-zA-Z0-9])_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
    if (name === key || !(name in fields)) camel[name] = fields[key]
  }
  return camel
}
