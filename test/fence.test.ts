import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Glob } from 'bun'
import { findCycles, readImports, type Import } from './imports.ts'

/** Who may import whom. A folder may always import itself; `main.ts` and `cli` may import everything. */
interface Rule {
  /** Folders of ours, whose files may be imported. */
  readonly may: readonly string[]
  /** Folders of ours of which only types may be imported. */
  readonly mayTypes?: readonly string[]
  /** What else may be imported: packages by name, `node:*`, `bun`. */
  readonly packages: 'none' | 'any' | readonly string[]
}

const PROTOCOL: Rule = { may: ['ir', 'lib', 'protocols/shared'], packages: 'none' }
const BELOW_GATEWAY: readonly string[] = ['ir', 'lib', 'config', 'accounts']
const NOT_THE_WEB = /^(elysia|@elysiajs\/.*)$/

const RULES: Readonly<Record<string, Rule>> = {
  ir: { may: [], packages: 'none' },
  lib: { may: [], packages: 'any' },
  'protocols/anthropic': PROTOCOL,
  'protocols/openai-chat': PROTOCOL,
  'protocols/openai-responses': PROTOCOL,
  'protocols/gemini': PROTOCOL,
  'protocols/shared': { may: ['ir', 'lib'], packages: 'none' },
  protocols: { may: ['ir', 'protocols/*'], packages: 'none' },
  providers: { may: ['lib', 'package.json'], mayTypes: ['ir', 'accounts'], packages: 'none' },
  config: { may: BELOW_GATEWAY, packages: 'any' },
  accounts: { may: [...BELOW_GATEWAY, 'package.json'], packages: 'any' },
  pool: { may: BELOW_GATEWAY, packages: 'any' },
  ledger: { may: BELOW_GATEWAY, packages: 'any' },
  state: { may: BELOW_GATEWAY, packages: 'any' },
  gateway: {
    may: [...BELOW_GATEWAY, 'protocols', 'protocols/*', 'providers', 'pool', 'ledger', 'state'],
    packages: 'any',
  },
  edge: { may: [...BELOW_GATEWAY, 'gateway', 'protocols', 'pool', 'ledger'], packages: 'any' },
  admin: { may: [...BELOW_GATEWAY, 'gateway', 'protocols', 'pool', 'ledger'], packages: 'any' },
}

/** Only these know the web framework. */
const WEB_FOLDERS = new Set(['edge', 'admin', 'config'])
/** The two tables that gather what they do not own. */
const TABLES = new Set(['src/protocols/index.ts', 'src/providers/index.ts'])
const LINES_MAX = 400

const ROOT = join(import.meta.dir, '..')
const sourceFiles = filesIn('src')
const ownFiles = [...sourceFiles, ...filesIn('scripts'), ...filesIn('test')]
const importsByFile = new Map(sourceFiles.map((file) => [file, readImports(file, read(file))]))

describe('the fence', () => {
  test.each(sourceFiles)('%s imports only what its folder may', (file) => {
    const folder = folderOf(file)
    if (folder === 'main' || folder === 'cli') return
    const rule = RULES[folder]
    if (!rule) throw new Error(`src/${folder} is in no row of the import table`)
    const breaches = (importsByFile.get(file) ?? []).filter((entry) => !isAllowed(entry, folder, rule))
    expect(breaches.map(({ target }) => target)).toEqual([])
  })

  test('no file imports itself through others', () => {
    const graph = new Map<string, readonly string[]>()
    for (const [file, imports] of importsByFile)
      graph.set(
        file,
        imports.filter(isOurs).map(({ target }) => target),
      )
    expect(findCycles(graph)).toEqual([])
  })

  test('nobody re-exports but the two tables', () => {
    const barrels = sourceFiles.filter((file) => !TABLES.has(file) && importsByFile.get(file)?.some(isReexport))
    expect(barrels).toEqual([])
  })

  test('only main.ts ends the process', () => {
    const enders = sourceFiles.filter((file) => file !== 'src/main.ts' && /\bprocess\.exit\(/.test(read(file)))
    expect(enders).toEqual([])
  })

  test(`no file is longer than ${LINES_MAX} lines`, () => {
    const tooLong = ownFiles.filter((file) => read(file).split('\n').length - 1 > LINES_MAX)
    expect(tooLong).toEqual([])
  })

  test('no file names a path of somebody’s machine', () => {
    const isMachinePath = new RegExp(`(${[ROOT, homedir()].map(escapeRegExp).join('|')})/`)
    expect(committedFiles().filter((file) => isMachinePath.test(read(file)))).toEqual([])
  })
})

describe('the import scanner', () => {
  test('reads every form of import and tells types apart', () => {
    const source = [
      "import { a } from './a.ts'",
      "import type { B } from '../ir/b.ts'",
      "import {\n  type C,\n  type D,\n} from './c.ts'",
      "import { d, type E } from './d.ts'",
      "import 'node:fs'",
      "export * from './e.ts'",
      "const f = await import('./f.ts')",
      "// import { g } from './g.ts'",
      "/* import { h } from './h.ts' */",
    ].join('\n')
    const found = readImports('src/x/y.ts', source)
    expect(found.map((entry) => [entry.target, entry.isType, entry.isReexport])).toEqual([
      ['src/x/a.ts', false, false],
      ['src/ir/b.ts', true, false],
      ['src/x/c.ts', true, false],
      ['src/x/d.ts', false, false],
      ['node:fs', false, false],
      ['src/x/e.ts', false, true],
      ['src/x/f.ts', false, false],
    ])
  })

  test('finds a cycle and names its way', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    expect(findCycles(graph)).toEqual(['b → c → b'])
  })
})

function isAllowed({ target, isOurs: ours, isType }: Import, folder: string, rule: Rule): boolean {
  if (!ours) {
    if (NOT_THE_WEB.test(target) && !WEB_FOLDERS.has(folder)) return false
    return rule.packages === 'any' || rule.packages.includes(target)
  }
  const other = folderOf(target)
  if (other === folder || rule.may.some((name) => matches(name, other))) return true
  return isType && (rule.mayTypes ?? []).some((name) => matches(name, other))
}

/** `protocols/*` stands for the folders below, not for the table beside them. */
function matches(name: string, folder: string): boolean {
  return name.endsWith('/*') ? folder.startsWith(name.slice(0, -1)) : name === folder
}

/** `src/ir/part.ts` → `ir`, `src/protocols/gemini/wire.ts` → `protocols/gemini`, `src/protocols/index.ts` → `protocols`; a file outside is its own. */
function folderOf(file: string): string {
  if (!file.startsWith('src/')) return file
  const [, top = '', second, third] = file.split('/')
  if (second === undefined) return top.replace(/\.ts$/, '')
  return top === 'protocols' && third !== undefined ? `${top}/${second}` : top
}

function filesIn(folder: string): readonly string[] {
  const found = [...new Glob(`${folder}/**/*.ts`).scanSync({ cwd: ROOT })]
  return found.map((file) => file.replaceAll('\\', '/')).toSorted()
}

/** What git knows; without git, our own files. */
function committedFiles(): readonly string[] {
  const { stdout, exitCode } = Bun.spawnSync(['git', 'ls-files'], { cwd: ROOT })
  if (exitCode !== 0) return ownFiles
  const files = stdout.toString().split('\n')
  return files.filter((file) => file !== '' && existsSync(join(ROOT, file)))
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function isOurs(entry: Import): boolean {
  return entry.isOurs
}

function isReexport(entry: Import): boolean {
  return entry.isReexport
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
