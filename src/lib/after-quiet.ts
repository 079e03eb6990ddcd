/** Programs and editors write in several steps; this long must be quiet. */
const QUIET_MS = 150
/** What is never quiet, such as a folder with logs in it, must not hold the news back longer than this. */
const WAIT_MS_MAX = 1000

/** Waits until nothing has happened for a moment. It does not keep the process alive. */
export interface QuietWait {
  /** Something happened. */
  readonly poke: () => void
  /** Waits no longer. */
  readonly end: () => void
}

/** Calls `run` once things that happened in quick succession are over, and at the latest a second after the first of them. */
export function afterQuiet(run: () => void): QuietWait {
  let timer: ReturnType<typeof setTimeout> | undefined
  /** When the first thing happened that nobody has looked into yet. */
  let waitingSince: number | undefined
  return {
    poke() {
      const now = performance.now()
      waitingSince ??= now
      clearTimeout(timer)
      timer = setTimeout(
        () => {
          waitingSince = undefined
          run()
        },
        Math.min(QUIET_MS, Math.max(0, waitingSince + WAIT_MS_MAX - now)),
      )
      timer.unref()
    },
    end: () => clearTimeout(timer),
  }
}
