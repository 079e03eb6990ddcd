import type { Config } from '../config/config.ts'
import type { AuthFolder } from './auth-folder.ts'
import type { LoginBook } from './login-book.ts'
import type { Vendor, VendorId } from './oauth/vendor.ts'

export interface LoginBookOptions {
  readonly folder: AuthFolder
  readonly config: () => Config
  readonly loadVendor: (id: VendorId) => Promise<Vendor>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Takes one line for the log; it holds no secret. */
  readonly report: (line: string) => void
  /** False: the files are read once and nothing is refreshed in the background. */
  readonly isLive: boolean
}

/** Opens the book of the folder's logins. */
export function openLoginBook(_options: LoginBookOptions): LoginBook {
  throw new Error('not built yet')
}
