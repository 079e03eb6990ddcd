import { readArray, readObject, readString, type Fields } from '../../lib/json.ts'
import { CHILD_KINDS, mapChild, mapChildren, type OnSchemaLoss, withKeywords } from './schema-nodes.ts'
import { nameRef, resolveRef } from './schema-refs.ts'
import type { SchemaRules } from './schema-rules.ts'

/** A reference, and how its definition comes to it. */
interface Edge {
  readonly path: string
  readonly ref: string
  readonly target: Fields
  readonly node: Fields
  /** The innermost property on the way from the definition to the reference. */
  readonly property?: { readonly holder: Fields; readonly name: string }
}

/**
 * The schema without the recursion that the vendor refuses. `optional`: a way back to the same definition must pass a
 * property that is not required, so the innermost property on a way without one no longer is. `nowhere`, and where no
 * property is on the way: the reference back becomes a node of its target's type that names it.
 *
 * References must lead to the root or to its definitions.
 */
export function breakCycles(root: Fields, { cycles, closesObjects }: SchemaRules, onLoss: OnSchemaLoss): Fields {
  const backEdges = findBackEdges(root, cycles === 'optional')
  if (backEdges.length === 0) return root
  const cut = new Map<Fields, Fields>()
  const relaxed = new Map<Fields, Set<string>>()
  for (const { path, ref, node, target, property } of backEdges) {
    onLoss(cycles === 'optional' && property ? 'schema-required' : 'schema-ref', path)
    if (cycles === 'nowhere' || !property) cut.set(node, hintFor(ref, target, closesObjects))
    else relaxed.set(property.holder, (relaxed.get(property.holder) ?? new Set()).add(property.name))
  }
  const rewrite = (value: unknown): unknown => {
    const node = readObject(value)
    if (!node) return value
    const hint = cut.get(node)
    if (hint) return hint
    const names = relaxed.get(node)
    const required = readArray(node['required']).filter((name) => typeof name !== 'string' || !names?.has(name))
    const changed = names ? withKeywords(node, { required: required.length > 0 ? required : undefined }) : node
    return mapChildren(changed, rewrite)
  }
  return readObject(rewrite(root)) ?? root
}

function hintFor(ref: string, target: Fields, closesObjects: boolean): Fields {
  const { type, additionalProperties } = target
  const description = `See: ${nameRef(ref)}`
  return withKeywords({ type, description }, { additionalProperties: closesObjects ? additionalProperties : undefined })
}

/** The references that close the ways back, found in the order of the schema. @param isEager see {@link edgesOf} */
function findBackEdges(root: Fields, isEager: boolean): readonly Edge[] {
  const backEdges: Edge[] = []
  const open = new Set<Fields>()
  const done = new Set<Fields>()
  const visit = (definition: Fields, path: string): void => {
    open.add(definition)
    for (const edge of edgesOf(definition, path, root, isEager)) {
      if (open.has(edge.target)) backEdges.push(edge)
      else if (!done.has(edge.target)) visit(edge.target, pathOf(edge.ref))
    }
    open.delete(definition)
    done.add(definition)
  }
  visit(root, '')
  for (const [name, definition] of Object.entries(readObject(root['$defs']) ?? {})) {
    const node = readObject(definition)
    if (node && !done.has(node)) visit(node, `$defs.${name}`)
  }
  return backEdges
}

/** The references of a definition, those in other definitions aside. @param isEager only those that must be followed. */
function edgesOf(definition: Fields, path: string, root: Fields, isEager: boolean): readonly Edge[] {
  const edges: Edge[] = []
  const walk = (node: Fields, at: string, property: Edge['property']): void => {
    const ref = readString(node['$ref'])
    const target = ref === undefined ? undefined : readObject(resolveRef(root, ref)?.value)
    if (ref !== undefined && target) edges.push({ path: at, ref, target, node, property })
    const required = readArray(node['required'])
    for (const [key, value] of Object.entries(node)) {
      if (key === '$defs' || key === 'definitions' || !CHILD_KINDS.has(key)) continue
      mapChild(key, value, (child, step) => {
        const inner = readObject(child)
        const name = step.slice(key.length + 1)
        const isProperty = key === 'properties'
        const isFree = isProperty && !required.includes(name)
        if (inner && !(isEager && isFree))
          walk(inner, at === '' ? step : `${at}.${step}`, isProperty ? { holder: node, name } : property)
        return child
      })
    }
  }
  walk(definition, path, undefined)
  return edges
}

function pathOf(ref: string): string {
  return ref.replace(/^#\/?/, '').replaceAll('/', '.')
}
