/** How bad it is. Only a problem makes the doctor's exit code 1. */
export type Level = 'ok' | 'note' | 'warning' | 'problem'

/** One thing that was looked at. It holds no secret. */
export interface Finding {
  readonly level: Level
  /** What was looked at: `config`, `port`, an account's label … */
  readonly subject: string
  readonly text: string
  /** How to mend it. */
  readonly mend?: string
}

/** The finding as one line, the level first. */
export function findingLine({ level, subject, text, mend }: Finding): string {
  const line = `${level.padEnd('problem'.length)}  ${subject}: ${text}${mend === undefined ? '' : `; to mend it: ${mend}`}`
  // A message of somebody else's may have lines of its own.
  return `${line.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`
}

/** The last line: how many of each kind that asks for something. */
export function summaryLine(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length
  const problems = count('problem')
  const warnings = count('warning')
  if (problems + warnings === 0) return 'all is well\n'
  return `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}\n`
}
