import { spawn } from 'node:child_process'
import { join } from 'node:path'

const MAIN = join(import.meta.dir, '..', '..', 'src', 'main.ts')

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
  let text = ''
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lookers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += String(chunk)
      for (const look of lookers) look()
    })
  return {
    exited,
    text: () => text,
    interrupt: () => child.kill('SIGINT'),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = wanted.exec(text)
          if (!found) return
          lookers.delete(look)
          resolve(found[1] ?? found[0])
        }
        lookers.add(look)
        void exited.then((code) => reject(new Error(`it ended with ${code}: ${text}`)))
        look()
      }),
  }
}
