import { isObject, readObject, type Fields } from '../../lib/json.ts'
import { CHILD_KINDS } from './schema-nodes.ts'

/** What a local reference points at. */
export interface RefTarget {
  /** Of one target always the same: `#`, or `#/` and the escaped steps. */
  readonly pointer: string
  readonly steps: readonly string[]
  readonly value: unknown
}

/**
 * The target of a reference into its own document: a JSON pointer (percent and `~` escapes read), the root, an
 * `$anchor`, or any of them behind the document's own `$id`. Undefined for everything else, and for what is not there.
 */
export function resolveRef(root: Fields, ref: string): RefTarget | undefined {
  const { $id } = root
  const own = typeof $id === 'string' && ref.startsWith($id) ? ref.slice($id.length) : ref
  if (own === '' || own === '#') return { pointer: '#', steps: [], value: root }
  if (own.startsWith('#/')) return follow(root, own.slice(2).split('/').map(readStep))
  if (!own.startsWith('#')) return undefined
  const steps = findAnchor(root, own.slice(1), [])
  return steps && follow(root, steps)
}

/** The words after the last slash or hash: what a reference is called. */
export function nameRef(ref: string): string {
  return readStep(ref.slice(Math.max(ref.lastIndexOf('/'), ref.lastIndexOf('#')) + 1)) || 'root'
}

function follow(root: Fields, steps: readonly string[]): RefTarget | undefined {
  let value: unknown = root
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  const isSchema = isObject(value) || typeof value === 'boolean'
  return isSchema ? { pointer: ['#', ...steps.map(writeStep)].join('/'), steps, value } : undefined
}

function readStep(step: string): string {
  return decodePercent(step).replaceAll('~1', '/').replaceAll('~0', '~')
}

function writeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1')
}

function decodePercent(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text
  } catch {
    return text
  }
}

/** Deeper than any schema that a request may hold. */
const ANCHOR_DEPTH_MAX = 64

function findAnchor(node: Fields, name: string, steps: readonly string[]): readonly string[] | undefined {
  if (node['$anchor'] === name || node['$id'] === `#${name}`) return steps
  if (steps.length > ANCHOR_DEPTH_MAX) return undefined
  for (const [key, value] of Object.entries(node)) {
    if (!CHILD_KINDS.has(key) || typeof value !== 'object' || value === null) continue
    const own = CHILD_KINDS.get(key) === 'schema' && isObject(value)
    const children: [string, unknown][] = own ? [['', value]] : Object.entries(value)
    for (const [step, child] of children) {
      const inner = readObject(child)
      const found = inner && findAnchor(inner, name, own ? [...steps, key] : [...steps, key, step])
      if (found) return found
    }
  }
  return undefined
}
