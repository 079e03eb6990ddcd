import { createInterface } from 'node:readline'
import { writeOutput } from '../standard-streams.ts'

/** Where a person reads and types, if there is one. */
export interface Terminal {
  /** Somebody can be asked, and lines can be drawn over. */
  readonly isInteractive: boolean
  write(text: string): void
  /** The line that was typed; undefined once the input or the signal ends. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>
  /** Calls back at Ctrl-C, and no longer ends the program. Gives a function that ends this. */
  onInterrupt(listener: () => void): () => void
}

/** The terminal that this process was started in. */
export function openTerminal(): Terminal {
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY
  const listeners = new Set<() => void>()
  const interrupt = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    isInteractive,
    write: writeOutput,
    ask: (question, signal) => (isInteractive ? askLine(question, signal, interrupt) : Promise.resolve(undefined)),
    onInterrupt(listener) {
      listeners.add(listener)
      process.on('SIGINT', listener)
      return () => {
        listeners.delete(listener)
        process.off('SIGINT', listener)
      }
    },
  }
}

/** @param interrupt is called at Ctrl-C: while a line is typed, it is a key like others. */
function askLine(question: string, signal: AbortSignal, interrupt: () => void): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  const reader = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise((resolve) => {
    const end = (): void => {
      writeOutput('\n')
      reader.close()
    }
    signal.addEventListener('abort', end, { once: true })
    reader.once('SIGINT', interrupt)
    reader.once('close', () => {
      signal.removeEventListener('abort', end)
      resolve(undefined)
    })
    reader.question(question, (line) => {
      resolve(line)
      reader.close()
    })
  })
}
