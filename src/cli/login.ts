import type { VendorId } from '../accounts/oauth/vendor.ts'
import type { LoadedConfig } from '../config/load.ts'

export interface LoginCommand {
  readonly vendor: VendorId
  readonly loaded: LoadedConfig
  /** Do not open a browser: only print the address. */
  readonly noBrowser: boolean
  /** Device flow in place of the callback, where the vendor has both. */
  readonly isDevice: boolean
  readonly callbackPort?: number
  /** Google's projects: one id, several with commas, or `ALL`. */
  readonly projectId?: string
  /** Vertex AI: the service account's key file that is to be imported. */
  readonly keyFile?: string
  /** Vertex AI: prefix of the imported account's models. */
  readonly prefix?: string
}

/**
 * `cliproxy login`: makes a login and writes its file.
 *
 * @returns the exit code.
 */
export function runLogin(_command: LoginCommand): Promise<0 | 1> {
  throw new Error('not built yet')
}
