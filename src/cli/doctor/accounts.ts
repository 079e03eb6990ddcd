import type { Account } from '../../accounts/account.ts'
import type { LoginRow } from '../../accounts/login-book.ts'
import { loginCommand } from '../../accounts/oauth/login-command.ts'
import { isLoopback } from '../../lib/addresses.ts'
import { durationText } from '../../lib/relative-time.ts'
import { shellWord } from '../../lib/shell-word.ts'
import type { Finding } from './finding.ts'

/** How the call to an account's upstream went. */
export type Probe =
  /** And what it did. */
  | { readonly kind: 'answered'; readonly said: string }
  /** The vendor has no call that costs nothing. */
  | { readonly kind: 'unasked' }
  /** It answered with this status. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly message: string }

export interface AccountFacts {
  readonly account: Account
  /** Of a login: its file and how it stands. */
  readonly login?: LoginRow
  readonly probe: Probe
}

/** Whether an account can be used. */
export function judgeAccount({ account, login, probe }: AccountFacts): Finding {
  const subject = account.label
  switch (probe.kind) {
    case 'answered':
      return { level: 'ok', subject, text: `its upstream knows it and ${probe.said}` }
    case 'unasked':
      return { level: 'note', subject, text: 'its vendor has no call that costs nothing, so it was not tried' }
    case 'failed':
      return {
        level: 'problem',
        subject,
        text: `its upstream could not be asked: ${probe.message}`,
        mend: login ? `see above, or ${loginCommand(login.type)}` : 'check its base-url, proxy-url and the network',
      }
    case 'refused':
      return judgeRefusal(account, login, probe.status)
  }
}

function judgeRefusal({ label: subject, models }: Account, login: LoginRow | undefined, status: number): Finding {
  if (status === 401 || status === 403) {
    const mend = login ? `log in again: ${loginCommand(login.type)}` : 'replace its key'
    return { level: 'problem', subject, text: `its upstream refuses it (${status})`, mend }
  }
  if (status === 404 || status === 405) {
    const text = `its upstream has no list of models (${status})`
    return models
      ? { level: 'note', subject, text: `${text}; those of the config are served` }
      : { level: 'warning', subject, text, mend: 'check its base-url, or give it models in the config' }
  }
  const text = status === 429 ? 'its upstream says it asked too often (429)' : `its upstream fails (${status})`
  return { level: 'warning', subject, text, mend: 'wait; it is asked again by itself' }
}

/** Whether the token of a login can be read on the way to its upstream. */
export function judgeWay({ label, baseUrl, login }: Account): readonly Finding[] {
  const url = URL.parse(baseUrl)
  if (!login || url?.protocol !== 'http:' || isLoopback(url.hostname)) return []
  const text = `its token goes to ${url.host} unencrypted: whoever is on the way may read it`
  return [{ level: 'warning', subject: label, text, mend: 'a base-url with https' }]
}

/** How a login stands by its file, before anything is asked. */
export function judgeLogin(row: LoginRow, now: number): Finding {
  const { name: subject, state, message, expiresAt } = row
  const said = message === undefined ? '' : `: ${message}`
  switch (state) {
    case 'ready':
      return { level: 'ok', subject, text: expiryText(expiresAt, now) }
    case 'disabled':
      return { level: 'note', subject, text: 'disabled', mend: `cliproxy accounts enable ${shellWord(subject)}` }
    case 'log-in-again':
      return { level: 'problem', subject, text: `the vendor wants a new login${said}`, mend: loginCommand(row.type) }
    case 'refresh-failed':
      return { level: 'warning', subject, text: `it could not be refreshed${said}`, mend: 'wait; it is tried again' }
    case 'broken':
      return {
        level: 'problem',
        subject,
        text: `the file cannot be read${said}`,
        mend: `cliproxy accounts remove ${shellWord(subject)}, and log in again`,
      }
  }
}

function expiryText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'ready'
  if (expiresAt <= now) return 'ready; its token has expired and is refreshed when it is needed'
  return `ready; its token is good for ${durationText(expiresAt - now)}`
}

/** @param accounts all that would serve, logins among them */
export function judgeNumber(accounts: number): readonly Finding[] {
  if (accounts > 0) return []
  const mend = 'cliproxy login claude|codex|gemini|qwen|kimi|xai, or keys in the config or the environment'
  return [{ level: 'warning', subject: 'accounts', text: 'there are none: only the demo model is served', mend }]
}
