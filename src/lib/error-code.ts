import { readObject, readText } from './json.ts'

/** The code of what was thrown, as the system or SQLite gives it: `ENOENT`; undefined where it has none. */
export function errorCode(thrown: unknown): string | undefined {
  return readText(readObject(thrown)?.['code'])
}
