import type { AccountsCommand } from '../accounts/accounts.ts'
import type { CommandName } from './commands.ts'
import type { LoginCommand } from '../login/login.ts'
import type { RunCommand } from '../run/run.ts'

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

export interface LoginInvocation extends ConfigFlag, Omit<LoginCommand, 'loaded'> {
  readonly command: 'login'
}

export interface ImportInvocation extends ConfigFlag {
  readonly command: 'import'
  readonly isDryRun: boolean
}

export interface AccountsInvocation extends ConfigFlag, Omit<AccountsCommand, 'loaded'> {
  readonly command: 'accounts'
}

export interface RunInvocation extends ListeningFlags, Omit<RunCommand, 'loaded' | 'reload'> {
  readonly command: 'run'
}
