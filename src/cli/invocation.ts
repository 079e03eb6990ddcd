import type { VendorId } from '../accounts/oauth/vendor.ts'
import type { ACCOUNT_ACTIONS, CLIENTS, CommandName } from './commands.ts'

/** What the command line asks for. */
export type Invocation =
  | (ListeningFlags & { readonly command: 'serve' })
  | (ListeningFlags & { readonly command: 'check' })
  | (ListeningFlags & { readonly command: 'models' })
  | (ListeningFlags & { readonly command: 'doctor' })
  | LoginInvocation
  | ImportInvocation
  | AccountsInvocation
  | RunInvocation
  /** Of one command, or of all. */
  | { readonly command: 'help'; readonly topic?: CommandName }
  | { readonly command: 'version' }
  /** It asks for nothing that exists: the message goes to stderr, and the program ends with exit code 2. */
  | Misuse

export interface Misuse {
  readonly command: 'misuse'
  readonly message: string
}

export interface ConfigFlag {
  readonly config?: string
}

export interface ListeningFlags extends ConfigFlag {
  readonly host?: string
  readonly port?: number
}

export interface LoginInvocation extends ConfigFlag {
  readonly command: 'login'
  readonly vendor: VendorId
  readonly noBrowser: boolean
  readonly isDevice: boolean
  /** Absent: the vendor's own. */
  readonly callbackPort?: number
  readonly projectId?: string
  readonly keyFile?: string
  readonly prefix?: string
}

export interface ImportInvocation extends ConfigFlag {
  readonly command: 'import'
  readonly isDryRun: boolean
}

export interface AccountsInvocation extends ConfigFlag {
  readonly command: 'accounts'
  readonly action: 'list' | AccountAction
  /** Of the account that the action is for; '' where it is for none. */
  readonly name: string
  readonly isJson: boolean
  /** Remove without asking. */
  readonly isSure: boolean
}

export type AccountAction = keyof typeof ACCOUNT_ACTIONS

export interface RunInvocation extends ListeningFlags {
  readonly command: 'run'
  readonly client: (typeof CLIENTS)[number]
  readonly model?: string
  readonly isPrint: boolean
  readonly args: readonly string[]
}
