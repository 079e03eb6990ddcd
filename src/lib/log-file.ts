import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Size at which a file is put aside and a new one begun. */
const FILE_BYTES_MAX = 10 * 1024 * 1024

const NAME = 'main.log'

/**
 * A sink that appends to `main.log` in a folder, readable by its owner alone. Full files are renamed with their time;
 * the oldest go when all together exceed the bound.
 *
 * @param totalBytesMax 0: no bound.
 */
export function createLogFile(folder: string, totalBytesMax: number, clock: () => number): (text: string) => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, NAME)
  let bytes = existsSync(path) ? statSync(path).size : 0
  const rotate = (): void => {
    renameSync(path, join(folder, `main-${new Date(clock()).toISOString().replaceAll(':', '-')}.log`))
    bytes = 0
    if (totalBytesMax > 0) dropOldest(folder, totalBytesMax)
  }
  return (text) => {
    if (bytes > FILE_BYTES_MAX) rotate()
    appendFileSync(path, text, { mode: 0o600 })
    bytes += Buffer.byteLength(text)
  }
}

function dropOldest(folder: string, totalBytesMax: number): void {
  const files = readdirSync(folder)
    .filter((name) => /^main-.*\.log$/.test(name))
    .toSorted()
    .map((name) => ({ path: join(folder, name), bytes: statSync(join(folder, name)).size }))
  let total = files.reduce((sum, { bytes }) => sum + bytes, FILE_BYTES_MAX)
  for (const { path, bytes } of files) {
    if (total <= totalBytesMax) break
    rmSync(path, { force: true })
    total -= bytes
  }
}
