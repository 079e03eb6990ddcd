/**
 * `bun run build`: the executable for this machine, `dist/cliproxy`.
 *
 *     bun run build --target linux-arm64    the executable for another one
 *     bun run build --all                   an archive for each, and their checksums, in dist/release
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installDependencies, ROOT } from './command.ts'
import { writeArchives } from './archive.ts'
import { TARGETS, type Target } from './targets.ts'

const DIST = join(ROOT, 'dist')

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    all: { type: 'boolean', default: false },
    outfile: { type: 'string' },
  },
})

installDependencies('production')
if (values.all) {
  for (const target of TARGETS) await build(target.bun, join(DIST, target.name, target.executable))
  await writeArchives(DIST)
} else if (values.target === undefined) {
  await build(undefined, values.outfile ?? join(DIST, 'cliproxy'))
} else {
  const target = targetFor(values.target)
  await build(target.bun, values.outfile ?? join(DIST, target.name, target.executable))
}

/** One executable. The same source, Bun and file name give the same bytes. */
async function build(target: Target['bun'] | undefined, outfile: string): Promise<void> {
  const result = await Bun.build({
    entrypoints: [join(ROOT, 'src', 'main.ts')],
    root: ROOT,
    compile: { ...(target && { target }), outfile, autoloadDotenv: false, autoloadBunfig: false },
    minify: true,
    // What is loaded later stays out of the start: a chunk is read when it is imported.
    splitting: true,
    bytecode: true,
    // Bytecode of any other format knows no top-level await.
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  for (const log of result.logs) console.error(log)
  if (!result.success) process.exit(1)
  console.log(`built ${outfile} (${Math.round(Bun.file(outfile).size / 1e6)} MB)`)
}

function targetFor(name: string): Target {
  const found = TARGETS.find((target) => target.name === name)
  if (found) return found
  console.error(`--target ${name}: no such target. There are: ${TARGETS.map((target) => target.name).join(', ')}`)
  process.exit(2)
}
