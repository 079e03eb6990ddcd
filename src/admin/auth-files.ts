import type { Account } from '../accounts/account.ts'
import { timeText } from '../accounts/files/auth-fields.ts'
import type { LoginRow, LoginState } from '../accounts/login-book.ts'
import type { StandingRow } from '../pool/pool.ts'
import type { CoolingStanding } from '../pool/standing.ts'

/**
 * One account in the shape of CLIProxyAPI's list; nothing of it is a secret.
 *
 * @see behaviour of CLIProxyAPI: GET /v0/management/auth-files
 */
export interface AuthFileEntry {
  readonly id: string
  readonly auth_index: string
  /** Name of the login's file; the label of an account with a key. */
  readonly name: string
  readonly type: string
  readonly provider: string
  readonly label: string
  readonly status: 'active' | 'disabled' | 'error'
  /** For people; '' when all is well. */
  readonly status_message: string
  readonly disabled: boolean
  readonly unavailable: boolean
  /** It has no file: it comes from the config or the environment. */
  readonly runtime_only: boolean
  readonly source: 'file' | 'memory'
  readonly account_type: 'oauth' | 'api_key'
  readonly email?: string
  readonly project_id?: string
  readonly plan?: string
  /** Times are ISO 8601. */
  readonly expires_at?: string
  readonly last_refresh?: string
  readonly next_retry_after?: string
}

export interface AuthFilesState {
  readonly logins: readonly LoginRow[]
  /** Accounts with a key. */
  readonly accounts: readonly Account[]
  readonly standings: readonly StandingRow[]
}

const STATUSES: Readonly<Record<LoginState, AuthFileEntry['status']>> = {
  ready: 'active',
  disabled: 'disabled',
  'log-in-again': 'error',
  'refresh-failed': 'error',
  broken: 'error',
}

/** States in which a login serves nobody. */
const UNAVAILABLE: ReadonlySet<LoginState> = new Set(['disabled', 'log-in-again', 'broken'])

/** What rests of one account. */
interface Rest {
  /** Absent: only a model of it does. */
  readonly whole?: CoolingStanding
  /** What the upstream said. */
  readonly message: string
}

/** All accounts with how they stand, logins first. */
export function authFilesOf({ logins, accounts, standings }: AuthFilesState): readonly AuthFileEntry[] {
  const resting = new Map<string, Rest>()
  for (const { accountId, model, standing } of standings) {
    const { message } = standing
    if (model === undefined) resting.set(accountId, { whole: standing, message })
    else if (!resting.has(accountId)) resting.set(accountId, { message: `${model} rests: ${message}` })
  }
  return [
    ...logins.map((row) => loginEntry(row, resting)),
    ...accounts.map((account) => keyEntry(account, resting.get(account.id))),
  ]
}

function loginEntry(row: LoginRow, resting: ReadonlyMap<string, Rest>): AuthFileEntry {
  const { name, type, accountIds, email, plan, projectId, state, message } = row
  const rests = accountIds.map((id) => resting.get(id)).filter((rest) => rest !== undefined)
  const wholes = rests.map(({ whole }) => whole).filter((whole) => whole !== undefined)
  // Several projects of one login rest apart; the login is unavailable when all of them do.
  const isResting = accountIds.length > 0 && wholes.length === accountIds.length
  return {
    id: name,
    auth_index: accountIds[0] ?? '',
    name,
    type,
    provider: type,
    label: email ?? name,
    status: state === 'ready' && isResting ? 'error' : STATUSES[state],
    status_message: message ?? rests[0]?.message ?? '',
    disabled: state === 'disabled',
    unavailable: UNAVAILABLE.has(state) || isResting,
    runtime_only: false,
    source: 'file',
    account_type: 'oauth',
    email,
    project_id: projectId,
    plan,
    expires_at: timeOf(row.expiresAt),
    last_refresh: timeOf(row.lastRefreshAt),
    next_retry_after: isResting ? timeOf(Math.min(...wholes.map(({ until }) => until))) : undefined,
  }
}

function keyEntry({ id, label, provider }: Account, rest: Rest | undefined): AuthFileEntry {
  return {
    id,
    auth_index: id,
    name: label,
    type: provider,
    provider,
    label,
    status: rest?.whole ? 'error' : 'active',
    status_message: rest?.message ?? '',
    disabled: false,
    unavailable: rest?.whole !== undefined,
    runtime_only: true,
    source: 'memory',
    account_type: 'api_key',
    next_retry_after: timeOf(rest?.whole?.until),
  }
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : timeText(ms)
}
