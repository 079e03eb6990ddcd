import type { LoadedConfig } from '../config/load.ts'

export interface DoctorCommand {
  /** Loads the config. @throws {ConfigProblems} */
  readonly load: () => Promise<LoadedConfig>
  readonly print: (text: string) => void
}

/**
 * `cliproxy doctor`: looks for what is wrong and says how to mend it.
 *
 * @returns the exit code: 0 when nothing is wrong.
 */
export function runDoctor(_command: DoctorCommand): Promise<0 | 1> {
  throw new Error('not built yet')
}
