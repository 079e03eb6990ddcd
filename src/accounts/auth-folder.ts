import type { AuthEncryption } from '../config/config.ts'
import type { Fields } from '../lib/json.ts'

/** One file of the folder. */
export type AuthEntry =
  | { readonly name: string; readonly fields: Fields; readonly isEncrypted: boolean }
  /** It cannot be read; the message says why and holds nothing of it. */
  | { readonly name: string; readonly problem: string }

/** The files of logins in `auth-dir`. */
export interface AuthFolder {
  readonly path: string
  /** All files, by name; empty ones and other folders are passed over. */
  list(): readonly AuthEntry[]
  /** Undefined when there is no such file. */
  read(name: string): AuthEntry | undefined
  /**
   * Writes the file durably and at once: a reader, also after a crash, sees the old content or the new. Mode 0600;
   * encrypted when the config says so.
   */
  write(name: string, fields: Fields): Promise<void>
  /**
   * Changes a file that is there, while no other process changes it. Fields that the change does not touch survive.
   *
   * @throws {Error} when there is no such file or it cannot be read.
   */
  update(name: string, change: (fields: Fields) => Fields): Promise<void>
  remove(name: string): Promise<void>
}

export interface AuthFolderOptions {
  /** Absolute. */
  readonly path: string
  /** New content is encrypted with this key; what is encrypted is read with it. */
  readonly encryption?: AuthEncryption
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** @throws {Error} when the key of the encryption is not there. */
export function openAuthFolder(_options: AuthFolderOptions): AuthFolder {
  throw new Error('not built yet')
}
