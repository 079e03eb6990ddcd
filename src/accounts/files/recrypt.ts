import { errorText } from '../../lib/error-text.ts'
import type { AuthFolder, AuthForm } from './auth-folder.ts'

/**
 * Encrypts or decrypts all files of the folder that are not so already. What cannot be read is left as it is.
 *
 * @returns the names of those that were changed.
 * @throws {Error} naming the file: it cannot be written, or the config names no key. Files before it are done.
 */
export async function recryptFiles(folder: AuthFolder, to: AuthForm): Promise<readonly string[]> {
  const changed: string[] = []
  for (const entry of folder.list()) {
    if ('problem' in entry || entry.isEncrypted === (to === 'encrypted')) continue
    try {
      await folder.update(entry.name, (fields) => fields, to)
    } catch (error) {
      throw new Error(`${entry.name}: ${errorText(error)}`, { cause: error })
    }
    changed.push(entry.name)
  }
  return changed
}
