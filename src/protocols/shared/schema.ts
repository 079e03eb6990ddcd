import { isObject, readArray, readObject, type Fields } from '../../lib/json.ts'
import { breakCycles } from './schema-cycles.ts'
import { fitDialect, fitTuple } from './schema-dialect.ts'
import { mergeSchemas } from './schema-merge.ts'
import { CHILD_KINDS, mapChild, mapChildren, type OnSchemaLoss, withKeywords } from './schema-nodes.ts'
import { resolveRef, type RefTarget } from './schema-refs.ts'
import { repairNode } from './schema-repair.ts'
import { isName, isObjectSchema, isPlain, isPlainTree, isTaken, type SchemaRules } from './schema-rules.ts'

/** References that one schema may have replaced by what they point at, and nodes in what stands there afterwards. */
const EXPANSIONS_MAX = 500
const EXPANDED_NODES_MAX = 5000
/** Nesting of schemas; requests are bounded long before. */
const DEPTH_MAX = 100
/** Longer values of keywords that are left out are no help in a description. */
const HINT_CHARS_MAX = 300

/** Keywords without meaning for a model: they are left out untold. */
const IDLE: ReadonlySet<string> = new Set(['$schema', '$comment', '$vocabulary', '$defs', 'definitions'])

/** Keywords that a description can say as well. */
const HINTED: ReadonlySet<string> = new Set(
  (
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf format pattern $ref minLength maxLength ' +
    'contentEncoding contentMediaType default example examples enum const minItems maxItems uniqueItems ' +
    'contains minContains maxContains unevaluatedItems minProperties maxProperties propertyNames ' +
    'patternProperties additionalProperties dependencies dependentRequired dependentSchemas not if then ' +
    'else anyOf oneOf allOf prefixItems'
  ).split(' '),
)

/** One projection: what is the same for all its nodes. */
interface Projection {
  readonly root: Fields
  readonly rules: SchemaRules
  readonly onLoss: OnSchemaLoss
  /** By pointer: the definitions that references of other forms lead to now. */
  readonly hoisted: Map<string, { readonly name: string; readonly value: unknown }>
  /** Pointers of what is being written in place of references. */
  readonly expanding: Set<string>
  expansions: number
  expandedNodes: number
  /** Whether references are left. */
  hasRefs: boolean
}

/** A node while it is written. */
interface Draft {
  /** As it was found. */
  readonly value: unknown
  readonly path: string
  readonly depth: number
  /** What the description is to say of the keywords that are left out. */
  readonly hints: string[]
  readonly drop: (key: string, value: unknown, reason?: string) => void
}

/**
 * The schema as the rules' vendor takes it: whatever fits the schema fits what comes back, but for objects that the
 * rules close and recursion that they refuse. Malformed nodes are mended, and keywords that are left out are said in the
 * description where that is short. Losses, each with the dotted path of its keyword:
 *
 * | reason          | what was left out                                                            |
 * |-----------------|------------------------------------------------------------------------------|
 * | schema-keyword  | a keyword, or a value of it, that the vendor is not documented to take       |
 * | schema-enum     | members of an enumeration                                                    |
 * | schema-merge    | what two parts of an `allOf` say in ways that one schema cannot              |
 * | schema-ref      | a reference to elsewhere, to nothing, or back to itself                      |
 * | schema-required | that a property is required which is described nowhere, or refers to itself  |
 * | schema-size     | what references would unfold to without bound                                |
 *
 * Never throws, never changes its input, and gives the very same object when there is nothing to change. Projecting
 * again changes nothing.
 */
export function projectSchema(schema: Fields, rules: SchemaRules, onLoss: OnSchemaLoss): Fields {
  const { $schema: dialect, ...plain } = schema
  const bare = dialect === undefined || rules.keywords.has('$schema') ? schema : plain
  if (isPlainTree(bare, rules)) return bare
  const root = readObject(repairNode(schema)) ?? schema
  const projection: Projection = {
    root,
    rules,
    onLoss,
    hoisted: new Map(),
    expanding: new Set(),
    expansions: 0,
    expandedNodes: 0,
    hasRefs: false,
  }
  const written = addHoisted(projectNode(schema, '', 0, projection), projection)
  return projection.hasRefs && rules.cycles !== 'anywhere' ? breakCycles(written, rules, onLoss) : written
}

/** Writes what the references lead to, which may lead further. */
function addHoisted(written: Fields, projection: Projection): Fields {
  const { hoisted } = projection
  if (hoisted.size === 0) return written
  const definitions: [string, Fields][] = []
  // A map yields what is added while it is walked.
  for (const { name, value } of hoisted.values())
    definitions.push([name, projectNode(value, `$defs.${name}`, 1, projection)])
  return { ...written, $defs: { ...readObject(written['$defs']), ...Object.fromEntries(definitions) } }
}

function projectNode(value: unknown, path: string, depth: number, projection: Projection): Fields {
  const { rules, onLoss, expanding } = projection
  const repaired = repairNode(value)
  const isTooDeep = depth > DEPTH_MAX
  if (typeof repaired === 'boolean' || isTooDeep) {
    if (repaired !== true) onLoss(isTooDeep ? 'schema-size' : 'schema-keyword', path)
    return {}
  }
  if (expanding.size > 0) projection.expandedNodes++
  if (isPlain(repaired, rules))
    return mapChildren(repaired, (child, at) =>
      child === false && at === 'additionalProperties'
        ? child
        : projectNode(child, joinPath(path, at), depth + 1, projection),
    )
  const hints: string[] = []
  const drop = (key: string, dropped: unknown, reason = 'schema-keyword'): void => {
    onLoss(reason, joinPath(path, key))
    const hint = HINTED.has(key) ? writeHint(key, dropped) : undefined
    if (hint !== undefined && !hints.includes(hint)) hints.push(hint)
  }
  const draft: Draft = { value, path, depth, hints, drop }
  const { node: merged, opened } = mergeBranches(repaired, draft, projection)
  const node = fitDialect(merged, rules, drop)
  for (const pointer of opened) expanding.add(pointer)
  const { $ref } = node
  const written =
    typeof $ref === 'string'
      ? projectRef(node, $ref, draft, projection)
      : finishNode(writeKeywords(node, draft, projection), draft, rules)
  for (const pointer of opened) expanding.delete(pointer)
  return written
}

/** The node with its `allOf` merged into it, where the vendor does not take it, and the references that were followed. */
function mergeBranches(
  node: Fields,
  { drop }: Draft,
  projection: Projection,
): { readonly node: Fields; readonly opened: readonly string[] } {
  const { allOf, ...own } = node
  if (allOf === undefined || isTaken(projection.rules, 'allOf', allOf)) return { node, opened: [] }
  const branches = [...readArray(allOf)]
  const [only] = branches
  const { $ref: target, ...beside } = readObject(only) ?? {}
  // What older generators write so that they may describe a reference.
  if (branches.length === 1 && typeof target === 'string' && own['$ref'] === undefined)
    return { node: { ...beside, ...own, $ref: target }, opened: [] }
  let merged: Fields = own
  const opened = new Set<string>()
  for (const branch of branches) {
    const repaired = repairNode(branch)
    if (typeof repaired === 'boolean') {
      if (!repaired) drop('allOf', [branch])
      continue
    }
    const { allOf: inner, $ref, ...rest } = repaired
    branches.push(...readArray(inner))
    if ($ref !== undefined) {
      const found = typeof $ref === 'string' ? resolveRef(projection.root, $ref) : undefined
      if (!found || !canExpand(found, projection)) drop('$ref', $ref, 'schema-ref')
      else if (!opened.has(found.pointer)) {
        projection.expansions++
        opened.add(found.pointer)
        branches.push(found.value)
      }
    }
    merged = mergeSchemas(merged, fitTuple(rest), (key, value) => drop(key, value, 'schema-merge'))
  }
  return { node: merged, opened: [...opened] }
}

function canExpand({ pointer }: RefTarget, { expanding, expansions, expandedNodes }: Projection): boolean {
  return !expanding.has(pointer) && expansions < EXPANSIONS_MAX && expandedNodes < EXPANDED_NODES_MAX
}

/** A reference stays when nothing stands beside it, and else gives way to what it points at. */
function projectRef(node: Fields, ref: string, draft: Draft, projection: Projection): Fields {
  const { root, rules, expanding, onLoss } = projection
  const { $ref: _ref, ...rest } = node
  const target = resolveRef(root, ref)
  if (!target) {
    draft.drop('$ref', ref, 'schema-ref')
    return finishNode(writeKeywords(rest, draft, projection), draft, rules)
  }
  const beside = Object.keys(rest).filter((key) => !key.startsWith('$') && key !== 'definitions')
  if ((beside.length > 0 || draft.hints.length > 0) && canExpand(target, projection)) {
    projection.expansions++
    expanding.add(target.pointer)
    const { $defs: _defs, ...found } = readObject(repairNode(target.value)) ?? {}
    const merged = mergeSchemas(rest, found, (key, value) => draft.drop(key, value, 'schema-merge'))
    const written = projectNode(describe(merged, draft.hints), draft.path, draft.depth, projection)
    expanding.delete(target.pointer)
    return written
  }
  for (const key of beside) onLoss('schema-ref', joinPath(draft.path, key))
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => !beside.includes(key)))
  const written = writeKeywords(kept, draft, projection)
  written['$ref'] = placeRef(ref, target, projection)
  projection.hasRefs = true
  return sameOr(draft.value, written)
}

/** The reference itself where it leads to the root or one of its definitions, else to a definition made for it. */
function placeRef(ref: string, { pointer, steps, value }: RefTarget, { root, hoisted, rules }: Projection): string {
  const [keyword = '', name = ''] = steps
  if (steps.length === 0) return '#'
  const isDefinition = keyword === '$defs' || keyword === 'definitions'
  if (isDefinition && steps.length === 2 && rules.keywords.has(keyword)) return ref.startsWith('#/') ? ref : pointer
  const known = hoisted.get(pointer)
  if (known) return `#/$defs/${known.name}`
  const taken = new Set([...hoisted.values()].map((other) => other.name))
  const word = (steps.at(-1) ?? name).replaceAll(/[^\w.-]/g, '_') || 'schema'
  let free = word
  for (let count = 2; taken.has(free) || Object.hasOwn(readObject(root['$defs']) ?? {}, free); count++)
    free = `${word}_${count}`
  hoisted.set(pointer, { name: free, value })
  return `#/$defs/${free}`
}

function writeKeywords(node: Fields, draft: Draft, projection: Projection): Record<string, unknown> {
  const { rules } = projection
  const { path, depth, drop } = draft
  const written: Record<string, unknown> = {}
  const project = (child: unknown, at: string): Fields => projectNode(child, joinPath(path, at), depth + 1, projection)
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue
    const isIdle = IDLE.has(key) && (depth > 0 || !rules.keywords.has(key))
    if (isIdle) continue
    if (!isTaken(rules, key, value)) drop(key, value)
    else if (!CHILD_KINDS.has(key) || (key === 'additionalProperties' && typeof value === 'boolean'))
      written[key] = value
    else {
      const child = mapChild(key, value, project)
      // A union with a branch that says nothing says nothing.
      if ((key === 'anyOf' || key === 'oneOf') && readArray(child).some(isNewlyEmpty(value))) drop(key, value)
      else written[key] = child
    }
  }
  return written
}

function isNewlyEmpty(before: unknown): (branch: unknown, at: number) => boolean {
  return (branch, at) => isEmpty(branch) && !isEmpty(readArray(before)[at])
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

/** Sees to what the keywords say of each other. */
function finishNode(written: Record<string, unknown>, draft: Draft, { closesObjects }: SchemaRules): Fields {
  const properties = readObject(written['properties']) ?? {}
  for (const key of ['required', 'propertyOrdering']) {
    const names = readArray(written[key])
    const known = names.filter((name) => isName(name, properties))
    if (known.length === names.length) continue
    if (key === 'required') draft.drop(key, names, 'schema-required')
    written[key] = known.length > 0 ? known : undefined
  }
  if (closesObjects && isObjectSchema(written)) written['additionalProperties'] = false
  return sameOr(draft.value, describe(withKeywords(written, {}), draft.hints))
}

function describe(node: Fields, hints: readonly string[]): Fields {
  if (hints.length === 0) return node
  const { description } = node
  const hint = `{${hints.join(', ')}}`
  return { ...node, description: typeof description === 'string' ? `${description}\n\n${hint}` : hint }
}

function writeHint(key: string, value: unknown): string | undefined {
  const json = JSON.stringify(value)
  return json.length <= HINT_CHARS_MAX ? `${key}: ${json}` : undefined
}

/** What was found, where what was written says the same. */
function sameOr(value: unknown, written: Fields): Fields {
  if (!isObject(value)) return written
  const keys = Object.keys(written)
  const isSame = keys.length === Object.keys(value).length && keys.every((key) => written[key] === value[key])
  return isSame ? value : written
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
