import { dirname, join } from 'node:path'

/** One import or re-export of a file. */
export interface Import {
  /** Path from the project's folder for our own files, the bare name for packages: `src/ir/part.ts`, `elysia`. */
  readonly target: string
  readonly isOurs: boolean
  /** Gone when the program runs. */
  readonly isType: boolean
  /** `export … from`. */
  readonly isReexport: boolean
}

const STATIC = /^(import|export)\s+(type\s)?\s*(?:([^'"();=]*?)\s*from\s*)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

/** The imports of a source text. `path` is the file's, from the project's folder, with forward slashes. */
export function readImports(path: string, source: string): readonly Import[] {
  const code = source.replaceAll(COMMENT, '')
  const fromStatic = Array.from(code.matchAll(STATIC), ([, keyword, type, names = '', specifier = '']): Import => {
    const isType = type !== undefined || isAllTypes(names)
    return { ...resolve(path, specifier), isType, isReexport: keyword === 'export' }
  })
  const fromDynamic = Array.from(code.matchAll(DYNAMIC), ([, specifier = '']): Import => {
    return { ...resolve(path, specifier), isType: false, isReexport: false }
  })
  return [...fromStatic, ...fromDynamic]
}

/** True for `{ type A, type B }`. */
function isAllTypes(names: string): boolean {
  const inside = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1]
  if (inside === undefined) return false
  const words = inside.split(',').filter((word) => word.trim() !== '')
  return words.length > 0 && words.every((word) => word.trim().startsWith('type '))
}

function resolve(path: string, specifier: string): Pick<Import, 'target' | 'isOurs'> {
  if (!specifier.startsWith('.')) return { target: specifier, isOurs: false }
  return { target: join(dirname(path), specifier).replaceAll('\\', '/'), isOurs: true }
}

/** The cycles in a graph of files, each as the path that closes it: `a.ts → b.ts → a.ts`. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file)
    if (start >= 0) cycles.push([...trail.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}
