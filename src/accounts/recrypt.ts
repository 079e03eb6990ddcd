import type { AuthFolder } from './auth-folder.ts'

/**
 * Writes every file of the folder anew, encrypted or in plain JSON.
 *
 * @returns the names of the files that were changed.
 * @throws {Error} when there is no key.
 */
export function recryptFiles(_folder: AuthFolder, _to: 'encrypted' | 'plain'): Promise<readonly string[]> {
  throw new Error('not built yet')
}
