import type { Config } from '../config/config.ts'
import type { Fields } from '../lib/json.ts'
import type { Account } from './account.ts'
import type { AuthSettings } from './files/auth-fields.ts'
import { type AuthKind, baseUrlOf, projectsOf } from './files/auth-kinds.ts'
import type { Login } from './login.ts'

/** The file of a login, read. */
export interface LoginFile {
  readonly name: string
  readonly kind: AuthKind
  readonly fields: Fields
  readonly settings: AuthSettings
}

/** The accounts of one login: one, or one for each of Google's projects. */
export function accountsOfLogin(
  { name, kind, fields, settings }: LoginFile,
  login: Login,
  config: Pick<Config, 'proxyUrl' | 'oauthClients' | 'oauthModels'>,
): readonly Account[] {
  const { prefix, headers, priority, disableCooling, requestRetry } = settings
  const shared = config.oauthModels[kind.vendor]
  const projects = projectsOf(kind, fields)
  const label = name.replace(/\.json$/i, '')
  const facts = kind.facts(fields)
  const baseUrl = baseUrlOf(kind, fields, settings.baseUrl, config.oauthClients[kind.vendor]?.baseUrl)
  return (projects.length === 0 ? [undefined] : projects).map((project) => ({
    id: idFor(name, project),
    provider: kind.provider,
    label: projects.length > 1 && project !== undefined ? `${label} ${project}` : label,
    secret: '',
    login,
    facts: project === undefined ? facts : { ...facts, projectId: project },
    baseUrl,
    prefix,
    headers,
    proxyUrl: settings.proxyUrl ?? config.proxyUrl,
    priority,
    aliases: settings.aliases ?? shared?.aliases,
    excludedModels: [...settings.excludedModels, ...(shared?.excludedModels ?? [])],
    disableCooling,
    requestRetry,
    source: 'login',
  }))
}

/** Those of before that are still the same, so that what is known about them by identity stays true. */
export function keepSame(before: readonly Account[], now: readonly Account[]): readonly Account[] {
  const kept = now.map((account) => before.find((other) => isSame(other, account)) ?? account)
  return kept.length === before.length && kept.every((account, index) => account === before[index]) ? before : kept
}

function isSame(a: Account, b: Account): boolean {
  return a.login === b.login && JSON.stringify({ ...a, login: 0 }) === JSON.stringify({ ...b, login: 0 })
}

function idFor(name: string, project: string | undefined): string {
  const parts = ['login', name, project ?? '']
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
