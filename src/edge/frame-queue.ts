/** Frames of one socket, each served when the one before it is done. */
export interface FrameQueue {
  /** Resolves when nothing is left to do; undefined when there is no room. */
  add(text: string): Promise<void> | undefined
  readonly isBusy: () => boolean
  readonly clear: () => void
}

/** Frames that wait for their turn. */
export const WAITING_MAX = 8

/**
 * @param serve must not reject.
 * @param charsMax of the frames that wait.
 */
export function createFrameQueue(serve: (text: string) => Promise<void>, charsMax: () => number): FrameQueue {
  const waiting: string[] = []
  let waitingChars = 0
  let working: Promise<void> | undefined
  const work = async (): Promise<void> => {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      waitingChars -= text.length
      await serve(text)
    }
    working = undefined
  }
  return {
    add(text) {
      const isFull = waiting.length >= WAITING_MAX || (waiting.length > 0 && waitingChars + text.length > charsMax())
      if (isFull) return undefined
      waiting.push(text)
      waitingChars += text.length
      return (working ??= work())
    },
    isBusy: () => working !== undefined,
    clear() {
      waiting.length = 0
      waitingChars = 0
    },
  }
}
