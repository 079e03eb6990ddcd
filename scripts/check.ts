/** `bun run check`: types, lint, format. Exits with 1 when one of them fails, after all have run. */
import { installDependencies, runTool } from './command.ts'

/** One thing that is checked without running the program. */
interface Check {
  readonly name: string
  readonly tool: string
  readonly args: readonly string[]
}

const CHECKS: readonly Check[] = [
  { name: 'types', tool: 'tsc', args: ['--project', '.'] },
  { name: 'lint', tool: 'oxlint', args: ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'format', tool: 'oxfmt', args: ['--check'] },
]

/** Runs every check and tells each one's outcome; gives the names of those that failed. */
export function runChecks(): { readonly passed: readonly string[]; readonly failed: readonly string[] } {
  const passed: string[] = []
  const failed: string[] = []
  for (const { name, tool, args } of CHECKS) {
    const isGood = runTool(tool, args) === 0
    console.log(`check ${name}: ${isGood ? 'passed' : 'FAILED'}`)
    ;(isGood ? passed : failed).push(name)
  }
  return { passed, failed }
}

if (import.meta.main) {
  installDependencies('all')
  process.exit(runChecks().failed.length === 0 ? 0 : 1)
}
