import type { Account } from '../../accounts/account.ts'
import { timeText } from '../../accounts/files/auth-fields.ts'
import type { LoginRow, LoginState } from '../../accounts/login-book.ts'
import { presentFields, type Fields } from '../../lib/json.ts'
import { durationText, relativeTime } from '../../lib/relative-time.ts'
import type { StandingNote } from '../../pool/standings-file.ts'
import { alignRows, plainLine, withoutEmptyColumns } from '../table.ts'

/** One line of `cliproxy accounts`: a login's file, or a key. Nothing of it is a secret. */
export interface AccountView {
  /** Of the file, with `.json`; of a key its label. */
  readonly name: string
  readonly provider: string
  readonly source: Account['source']
  readonly email?: string
  readonly plan?: string
  readonly projectId?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly lastRefreshAt?: number
  readonly state: LoginState
  readonly rests: readonly StandingNote[]
  /** What went wrong last. */
  readonly message?: string
}

/** Of all logins and then of all keys, each with how it stands now. */
export function viewsOf(
  logins: readonly LoginRow[],
  keys: readonly Account[],
  rests: readonly StandingNote[],
): readonly AccountView[] {
  return [
    ...logins.map((row): AccountView => {
      const own = restsOf(row.accountIds, rests)
      const { name, type, email, plan, projectId, expiresAt, lastRefreshAt, state, message } = row
      return {
        name,
        provider: type,
        source: 'login',
        email,
        plan,
        projectId,
        expiresAt,
        lastRefreshAt,
        state,
        rests: own,
        message: message ?? restMessage(own),
      }
    }),
    ...keys.map((account): AccountView => {
      const own = restsOf([account.id], rests)
      return {
        name: account.label,
        provider: account.provider,
        source: account.source,
        state: 'ready',
        rests: own,
        message: restMessage(own),
      }
    }),
  ]
}

/** Those of the whole account first, then the longest. */
function restsOf(ids: readonly string[], rests: readonly StandingNote[]): readonly StandingNote[] {
  return rests
    .filter(({ accountId }) => ids.includes(accountId))
    .toSorted((a, b) => Number(a.model !== undefined) - Number(b.model !== undefined) || b.until - a.until)
}

function restMessage(rests: readonly StandingNote[]): string | undefined {
  const [last] = rests.toSorted((a, b) => b.since - a.since)
  if (!last) return undefined
  const text = [last.status === 0 ? '' : String(last.status), last.message].filter((part) => part !== '').join(' ')
  return text === '' ? undefined : text
}

const MESSAGE_CHARS_MAX = 200
const CELL_CHARS_MAX = 48

/** The table, its columns without those that say nothing of any account. @param now milliseconds since the epoch */
export function accountTable(views: readonly AccountView[], now: number): readonly string[] {
  const rows = views.map((view) => [
    plainLine(shortName(view), CELL_CHARS_MAX),
    plainLine(view.provider === '' ? '?' : view.provider, CELL_CHARS_MAX),
    plainLine(view.email ?? '', CELL_CHARS_MAX),
    plainLine(view.plan ?? '', CELL_CHARS_MAX),
    plainLine(view.projectId ?? '', CELL_CHARS_MAX),
    view.expiresAt === undefined ? '' : relativeTime(view.expiresAt, now),
    standingText(view, now),
    plainLine(view.message ?? '', MESSAGE_CHARS_MAX),
  ])
  return alignRows(
    withoutEmptyColumns([
      ['NAME', 'PROVIDER', 'EMAIL', 'PLAN', 'PROJECT', 'EXPIRES', 'STANDING', 'LAST ERROR'],
      ...rows,
    ]),
  )
}

/** The name without `.json`: every command takes it so. */
export function shortName({ name, source }: Pick<AccountView, 'name' | 'source'>): string {
  return source === 'login' ? name.replace(/\.json$/, '') : name
}

const STATES: Readonly<Record<LoginState, string>> = {
  ready: 'ready',
  disabled: 'disabled',
  'log-in-again': 'log in again',
  'refresh-failed': 'refresh failed',
  broken: 'broken',
}

function standingText({ state, rests }: AccountView, now: number): string {
  const [first] = rests
  if (state !== 'ready' || !first) return STATES[state]
  const models = new Set(rests.map(({ model }) => model))
  const what = first.model === undefined ? '' : models.size === 1 ? `, ${first.model}` : `, ${models.size} models`
  return plainLine(`rests ${durationText(first.until - now)}: ${first.reason}${what}`, CELL_CHARS_MAX)
}

/** What `cliproxy accounts --json` prints, in the words of the logins' files; times are RFC 3339. */
export function accountsJson(views: readonly AccountView[]): string {
  return `${JSON.stringify(views.map(jsonOf), undefined, 2)}\n`
}

function jsonOf({ name, provider, source, email, plan, state, rests, message, ...more }: AccountView): Fields {
  return (
    presentFields({
      name,
      provider,
      source,
      email,
      plan,
      project_id: more.projectId,
      expired: timeOf(more.expiresAt),
      last_refresh: timeOf(more.lastRefreshAt),
      standing: state === 'ready' && rests.length > 0 ? 'cooling' : state,
      message,
      rests: rests.map((rest) => ({
        account: rest.accountId,
        model: rest.model,
        reason: rest.reason,
        status: rest.status,
        message: rest.message,
        until: timeText(rest.until),
      })),
    }) ?? {}
  )
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : timeText(ms)
}
