/** Environment variables, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A text with its `${NAME}`s replaced, and what stood in the way. */
export interface Interpolation {
  readonly text: string
  readonly problems: readonly string[]
}

const REFERENCE = /\$?\$\{([^}]*)\}?/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Replaces every `${NAME}` by the environment variable of that name; `$${` stands for a literal `${`. A `$Name` without
 * braces is left alone: in `headers` it copies a header of the client's request.
 */
export function interpolate(text: string, environment: Environment): Interpolation {
  if (!text.includes('${')) return { text, problems: [] }
  const problems: string[] = []
  const replaced = text.replaceAll(REFERENCE, (match, name: string) => {
    if (match.startsWith('$$')) return match.slice(1)
    if (!match.endsWith('}') || !NAME.test(name)) {
      problems.push(`has a \${ that no variable's name and } follow; allowed: \${NAME}, or $\${ for a literal \${`)
      return ''
    }
    const value = environment[name]
    if (value === undefined)
      problems.push(`needs the environment variable ${name}, which is not set; set it, or write the value`)
    return value ?? ''
  })
  return { text: replaced, problems }
}
