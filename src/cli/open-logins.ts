import { type AuthFolder, type AuthFolderOptions, openAuthFolder } from '../accounts/files/auth-folder.ts'
import type { LoginBook } from '../accounts/login-book.ts'
import type { Vendor, VendorId } from '../accounts/oauth/vendor.ts'
import { openLoginBook } from '../accounts/open-login-book.ts'
import type { Config } from '../config/config.ts'
import { ConfigProblems } from '../config/problems.ts'
import { errorText } from '../lib/error-text.ts'

export interface OpenLoginsOptions {
  readonly config: () => Config
  /** Takes one line for the log; it holds no secret. */
  readonly report: (line: string) => void
  /** Follow the files and keep the logins fresh. */
  readonly isLive: boolean
}

/** The logins of `auth-dir`: their files, and the accounts that they make. */
export interface OpenLogins {
  readonly folder: AuthFolder
  readonly book: LoginBook
}

/**
 * Opens the logins of the config's `auth-dir`.
 *
 * @throws {ConfigProblems} when the key that they are encrypted with is not there.
 */
export function openLogins({ config, report, isLive }: OpenLoginsOptions): OpenLogins {
  const { authDir, authEncryption } = config()
  const folder = openFolder({ path: authDir, encryption: authEncryption, environment: process.env })
  const book = openLoginBook({ folder, config, loadVendor: loadVendorLater, clock: Date.now, report, isLive })
  return { folder, book }
}

function openFolder(options: AuthFolderOptions): AuthFolder {
  try {
    return openAuthFolder(options)
  } catch (error) {
    const message = errorText(error)
    throw new ConfigProblems([{ origin: 'auth-encryption', path: '', message }])
  }
}

/** Whoever serves without logins, or only reads them, loads nothing of how they are made. */
async function loadVendorLater(id: VendorId): Promise<Vendor> {
  const { loadVendor } = await import('../accounts/oauth/vendors.ts')
  return await loadVendor(id)
}
