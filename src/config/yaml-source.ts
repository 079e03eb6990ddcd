import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { errorText } from '../lib/error-text.ts'
import type { Path, Position } from './problems.ts'

/** A file as YAML: its value, what is wrong with its text, and where everything stands. */
export interface YamlSource {
  readonly value: unknown
  readonly faults: readonly YamlFault[]
  /** A scalar as it is spelt. */
  readonly spellingOf: (path: Path) => string | undefined
  /** Where the path leads to, or the nearest place on the way that exists. */
  readonly positionOf: (path: Path, of: 'key' | 'value') => Position
}

/** A mistake in the text itself. */
export interface YamlFault {
  readonly position: Position
  readonly message: string
}

/** Reads a text as one YAML document (JSON is YAML). Never throws: what cannot be read is a fault. */
export function openYaml(text: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    // An empty text has no lines.
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const faults = document.errors.map(({ code, message, pos }) => ({
    position: positionAt(pos[0]),
    message:
      code === 'DUPLICATE_KEY'
        ? `${keyAt(text, pos[0])} is there twice; keep one of the two`
        : `is no valid YAML: ${message}`,
  }))
  let value: unknown
  try {
    value = document.toJS()
  } catch (cause) {
    // An alias without an anchor, or so many aliases that they are an attack.
    faults.push({
      position: positionAt(0),
      message: `is no valid YAML: ${errorText(cause)}`,
    })
  }
  return {
    value,
    faults,
    spellingOf(path) {
      const { node, isWhole } = findNode(document, path)
      return isWhole && isScalar(node) ? node.source : undefined
    },
    positionOf(path, of) {
      const found = findNode(document, path)
      const node = of === 'key' && found.isWhole ? (found.key ?? found.node) : found.node
      return positionAt(node?.range?.[0] ?? 0)
    },
  }
}

interface Found {
  readonly node: Node | undefined
  /** The key that the node stands under, in a mapping. */
  readonly key: Node | undefined
  /** The path led all the way. */
  readonly isWhole: boolean
}

function findNode(document: Document.Parsed, path: Path): Found {
  let node: Node | undefined = document.contents ?? undefined
  let key: Node | undefined
  for (const step of path) {
    const parent: Node | undefined = isAlias(node) ? node.resolve(document) : node
    let next: Node | undefined
    if (isMap<Node, Node | null>(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === step)
      if (!pair) return { node, key, isWhole: false }
      key = pair.key
      next = pair.value ?? pair.key
    } else if (isSeq<Node>(parent) && typeof step === 'number') {
      key = undefined
      next = parent.items[step]
    }
    if (!next) return { node, key, isWhole: false }
    node = next
  }
  return { node, key, isWhole: true }
}

/** The key that begins at the offset, as it is spelt. */
function keyAt(text: string, offset: number): string {
  const [key] = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^:\n]+)/.exec(text.slice(offset, offset + 200)) ?? ['a key']
  return key.trim()
}
