/**
 * `bun run test`: installs, checks, tests. The last line is `N passed, N failed[, N skipped]`: the runner's own counts
 * plus each check as one.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installDependencies, ROOT } from './command.ts'
import { runChecks } from './check.ts'

/** What a run of the tests came to. */
interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

installDependencies('all')
const checks = runChecks()
const tests = await runTests(process.argv.slice(2))

const passed = checks.passed.length + tests.passed
const failed = checks.failed.length + tests.failed
console.log(`${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)

/** Arguments are the runner's: paths, `-t name`. */
async function runTests(args: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'cliproxy-test-'))
  const path = join(folder, 'junit.xml')
  const options = ['--parallel', '--only-failures', '--reporter=junit', `--reporter-outfile=${path}`]
  const { code, output } = await runShown(['test', ...options, ...args])
  for (const line of readReport(path)) console.log(line)
  rmSync(folder, { recursive: true, force: true })
  const counts = readCounts(output)
  // A runner that dies, or fails without naming a test, counts as one failure: silence is never a pass.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function runShown(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['inherit', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => process.stdout.write(chunk))
    child.stderr.on('data', (chunk) => {
      output += String(chunk)
      process.stderr.write(chunk)
    })
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** The runner's summary: ` 12 pass`, ` 1 skip`, ` 1 todo`, ` 0 fail` on lines of their own. */
function readCounts(output: string): Counts {
  const linesOf = (word: string): readonly RegExpExecArray[] => [
    ...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm')),
  ]
  const countOf = (word: string): number => Number(linesOf(word).at(-1)?.[1] ?? 0)
  if (!/^Ran \d+ tests? across/m.test(output)) return { passed: 0, failed: 1, skipped: 0 }
  return { passed: countOf('pass'), failed: countOf('fail'), skipped: countOf('skip') + countOf('todo') }
}

/** A line for each test that was skipped or failed, told last so that a log cut at its beginning still has them. */
function readReport(path: string): readonly string[] {
  const xml = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const cases = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*? file="([^"]*)"[^>]*>\s*<(skipped|failure)([^>]*)/g
  return Array.from(xml.matchAll(cases), ([, name, group, file, outcome, details = '']) => {
    const test = `${file}: ${group} ${name}`
    return outcome === 'skipped'
      ? `SKIPPED: ${test}`
      : `FAILED: ${test}: ${/message="([^"]*)"/.exec(details)?.[1] ?? ''}`
  }).toSorted()
}
