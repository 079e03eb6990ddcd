/** Says that something is waited for. */
export interface Spinner {
  /** Begins, or changes what is said. */
  show(text: string): void
  /** Takes it off the screen; what was said last may be shown again. */
  hide(): void
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
const CLEAR_LINE = '\r\u001b[K'

/**
 * A sign that turns, on a terminal; elsewhere each text is one line.
 *
 * @param write takes text as it stands.
 */
export function createSpinner(write: (text: string) => void, isInteractive: boolean): Spinner {
  let timer: ReturnType<typeof setInterval> | undefined
  let shown: string | undefined
  let frame = 0
  const draw = (): void => write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${shown}`)
  return {
    show(text) {
      const isNew = text !== shown
      shown = text
      if (!isInteractive) {
        if (isNew) write(`${text}\n`)
        return
      }
      draw()
      timer ??= setInterval(draw, FRAME_MS)
      timer.unref()
    },
    hide() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      write(CLEAR_LINE)
    },
  }
}
