import type { Account } from '../accounts/account.ts'

/** An account that serves the model a client asked for, under the name the upstream knows. */
export interface Candidate {
  readonly account: Account
  readonly upstreamModel: string
  /** Takes its place while its quota is used up: another model of the same account. */
  readonly standIn?: Candidate
}
