/** The way from the file's root to a value: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[]

/** A place in the text, both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One thing that is wrong with the configuration. Never holds a secret. */
export interface ConfigProblem {
  /** The file's path as the user gave it, or the flag or variable that is at fault. */
  readonly origin: string
  readonly position?: Position
  /** `claude-api-key[0].base-url`; '' for the file as a whole. */
  readonly path: string
  /** `what is wrong; what is allowed`. */
  readonly message: string
}

/** Everything that is wrong with the configuration, at once; the message is one line for each. */
export class ConfigProblems extends Error {
  readonly problems: readonly ConfigProblem[]
  /** What would have been warned of: an unknown key is often the cause of a missing one. */
  readonly warnings: readonly string[]

  constructor(problems: readonly ConfigProblem[], warnings: readonly string[] = []) {
    super(problems.map(problemText).join('\n'))
    this.name = 'ConfigProblems'
    this.problems = problems
    this.warnings = warnings
  }

  /** All of it for people: the problems, then the warnings. */
  get lines(): readonly string[] {
    return [...this.problems.map(problemText), ...this.warnings.map((warning) => `warning: ${warning}`)]
  }
}

/** `config.yaml:3:5: claude-api-key[0].base-url: what is wrong; what is allowed` */
export function problemText({ origin, position, path, message }: ConfigProblem): string {
  const place = position ? `${origin}:${position.line}:${position.column}` : origin
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`
}

/** `claude-api-key[0].base-url` */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}
