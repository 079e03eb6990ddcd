import { spawn } from 'node:child_process'
import { MAIN, reading } from './process.ts'

/** The program as users run it, with a command that ends by itself. */
export interface CommandProcess {
  /** Exit code, once it has ended. */
  readonly exited: Promise<number | null>
  /** Everything it printed so far. */
  text(): string
  /** Ctrl-C. */
  interrupt(): void
  /** The first group of what is looked for, or all of it, once it is printed. @throws when the program ends before */
  until(wanted: RegExp): Promise<string>
}

/** @param home its HOME: nothing of the machine's own is read or written */
export function startCommand(args: readonly string[], home: string): CommandProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const printed = reading(child.stdout, child.stderr)
  const failing = async (): Promise<never> => {
    const code = await exited
    throw new Error(`it ended with ${code}: ${printed.text()}`)
  }
  return {
    exited,
    text: printed.text,
    interrupt: () => child.kill('SIGINT'),
    async until(wanted) {
      const found = wanted.exec(await Promise.race([printed.until(wanted), failing()]))
      return found?.[1] ?? found?.[0] ?? ''
    },
  }
}
