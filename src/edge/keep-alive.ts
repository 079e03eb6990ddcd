/** How often silences are looked at, at most. */
const TICK_MS_MAX = 1000

/** Somebody who is to do something whenever nothing else happened for a while. */
export interface Silence {
  /** Something happened: the silence begins anew. */
  readonly touch: () => void
  /** Nobody waits any more. Called exactly once. */
  readonly end: () => void
}

/** A silence that nobody minds. */
const UNWATCHED: Silence = { touch: () => undefined, end: () => undefined }

/** Watches all silences of the process with one timer, so that a stream costs no timer of its own. */
export interface SilenceWatch {
  /** Calls `onSilence` each time `ms` passed without a touch; 0: never. */
  watch(ms: number, onSilence: () => void): Silence
}

interface Watched {
  since: number
  readonly ms: number
  readonly onSilence: () => void
}

export function createSilenceWatch(clock: () => number): SilenceWatch {
  const watched = new Set<Watched>()
  let timer: ReturnType<typeof setInterval> | undefined
  let tickMs = TICK_MS_MAX
  const tick = (): void => {
    const now = clock()
    for (const one of watched) {
      if (now - one.since < one.ms) continue
      one.since = now
      one.onSilence()
    }
    if (watched.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const start = (ms: number): void => {
    if (timer !== undefined && tickMs <= ms) return
    clearInterval(timer)
    tickMs = Math.min(TICK_MS_MAX, ms)
    timer = setInterval(tick, tickMs)
    timer.unref()
  }
  return {
    watch(ms, onSilence) {
      if (ms === 0) return UNWATCHED
      const one: Watched = { since: clock(), ms, onSilence }
      watched.add(one)
      start(ms)
      return {
        touch: () => {
          one.since = clock()
        },
        end: () => {
          watched.delete(one)
        },
      }
    },
  }
}
