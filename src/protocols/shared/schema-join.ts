import { readArray, readObject, type Fields } from '../../lib/json.ts'
import { mergeSchemas } from './schema-merge.ts'
import { isSameJson, readTypes, withKeywords } from './schema-nodes.ts'
import { resolveRef } from './schema-refs.ts'
import { repairNode } from './schema-repair.ts'

/** References and unions inside unions that are followed. */
const DEPTH_MAX = 8

/**
 * One object for the unions at the top of a schema: what every part demands stays demanded, and a property that the
 * branches describe in different ways becomes a union itself, and one that only some of them describe is what these say.
 * The very same object when there is no union at the top.
 */
export function joinTop(schema: Fields): Fields {
  return join(schema, schema, 0)
}

function join(node: Fields, root: Fields, depth: number): Fields {
  const { anyOf, oneOf, allOf, ...own } = node
  if (anyOf === undefined && oneOf === undefined && allOf === undefined) return node
  let joined: Fields = own
  for (const part of openAll(allOf, root, depth)) joined = mergeSchemas(joined, part, () => undefined)
  for (const union of [anyOf, oneOf]) {
    const branches = openAll(union, root, depth)
    const [first] = branches
    if (first) joined = mergeSchemas(joined, eitherOf(branches, first), () => undefined)
  }
  return joined
}

/** The branches that an object may fit, their references followed and their own unions joined. */
function openAll(branches: unknown, root: Fields, depth: number): readonly Fields[] {
  return readArray(branches).flatMap((branch) => {
    const repaired = repairNode(branch)
    const node = repaired === true ? {} : repaired
    if (node === false || node['type'] === 'null' || depth > DEPTH_MAX) return []
    const { $ref, ...beside } = node
    const target = typeof $ref === 'string' ? readObject(resolveRef(root, $ref)?.value) : undefined
    const { $defs: _defs, definitions: _definitions, ...found } = target ?? {}
    return [join(target ? mergeSchemas(beside, found, () => undefined) : node, root, depth + 1)]
  })
}

function eitherOf(branches: readonly Fields[], first: Fields): Fields {
  const schemas = new Map<string, unknown[]>()
  for (const { properties } of branches) {
    for (const [name, schema] of Object.entries(readObject(properties) ?? {})) {
      // Forbidden here, it may be what tells the branches apart.
      if (schema === false) continue
      const known = schemas.get(name) ?? []
      if (!known.some((other) => isSameJson(other, schema))) schemas.set(name, [...known, schema])
    }
  }
  const properties = Object.fromEntries(
    [...schemas].map(([name, either]) => [name, either.length === 1 ? either[0] : { anyOf: either }]),
  )
  const always = readArray(first['required']).filter((name) =>
    branches.every(({ required }) => readArray(required).includes(name)),
  )
  // Branches that take any property let in what the others describe.
  const isClosed = branches.every(({ additionalProperties }) => additionalProperties === false)
  return withKeywords(
    { properties },
    { required: always.length > 0 ? always : undefined, additionalProperties: isClosed ? false : undefined },
  )
}

/**
 * The schema of a tool's input as one of an object, which every vendor demands. What says that it is anything else is
 * left for the vendor to refuse: no other schema is what the client meant.
 */
export function asObject(schema: Fields): Fields {
  const types = readTypes(schema)
  return schema['type'] === 'object' || types?.includes('object') === false ? schema : { ...schema, type: 'object' }
}
