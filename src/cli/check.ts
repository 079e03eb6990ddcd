import type { Account } from '../accounts/account.ts'
import type { Config } from '../config/config.ts'
import { isEveryInterface } from '../lib/addresses.ts'
import type { LoadedConfig } from '../config/load.ts'
import { ConfigProblems } from '../config/problems.ts'
import { openLogins } from './open-logins.ts'
import { originFor } from './probe-listener.ts'
import { alignRows, lines } from './table.ts'

/** Model names of one account that are printed; further ones are only counted. */
const NAMES_MAX = 4

/**
 * `cliproxy check`: loads the configuration and prints what would be served, by whom, or everything that is wrong. Prints
 * no secret.
 *
 * @param write takes whole lines, with their line ends.
 * @returns the exit code: 0 when the configuration is valid, 1 otherwise.
 */
export async function runCheck(load: () => Promise<LoadedConfig>, write: (text: string) => void): Promise<0 | 1> {
  let loaded: LoadedConfig
  let logins: readonly Account[]
  const told: string[] = []
  try {
    loaded = await load()
    const { config } = loaded
    const { book } = openLogins({ config: () => config, report: (line) => told.push(line), isLive: false })
    logins = book.accounts()
    await book.close()
  } catch (cause) {
    if (!(cause instanceof ConfigProblems)) throw cause
    const { problems } = cause
    write(
      lines([
        ...cause.lines,
        '',
        problems.length === 1
          ? '1 problem: nothing would be served'
          : `${problems.length} problems: nothing would be served`,
      ]),
    )
    return 1
  }
  const { config, path, warnings } = loaded
  write(lines([...warnings, ...told].map((warning) => `warning: ${warning}`)))
  write(
    lines([`${path ?? 'no config file, the defaults'}: valid`, ...summaryOf(config), '', ...tableOf(config, logins)]),
  )
  return 0
}

function summaryOf(config: Config): readonly string[] {
  const { host, port, apiKeys } = config
  const address = isEveryInterface(host) ? `every interface, port ${port}` : originFor(config)
  return [`listens on ${address}`, `clients: ${clientsOf(apiKeys.length)}`]
}

function clientsOf(keys: number): string {
  if (keys === 0) return 'everybody on this machine, without a key'
  return keys === 1 ? 'whoever shows the api-key' : `whoever shows one of the ${keys} api-keys`
}

/** Who would serve what, one row for each account. */
function tableOf(config: Config, logins: readonly Account[]): readonly string[] {
  const accounts = [...config.accounts, ...logins]
  if (accounts.length === 0) return ['no accounts: the built-in demo model would be served']
  const rows = accounts.map((account) => [
    account.label,
    account.provider,
    publicUrl(account.baseUrl),
    modelsOf(account, config.forceModelPrefix),
    account.source === 'config' ? 'config file' : account.source,
  ])
  return alignRows([['ACCOUNT', 'PROVIDER', 'BASE URL', 'MODELS', 'FROM'], ...rows])
}

function modelsOf({ models, prefix, excludedModels }: Account, isPrefixForced: boolean): string {
  const prefixed = prefix === undefined ? '' : isPrefixForced ? `, only as ${prefix}/…` : `, also as ${prefix}/…`
  const excluded = excludedModels.length === 0 ? '' : `, without ${excludedModels.join(' ')}`
  if (!models) return `learned from the upstream${prefixed}${excluded}`
  const names = [...new Set(models.map(({ alias }) => alias))]
  const more = names.length > NAMES_MAX ? ` … (${names.length})` : ''
  return `${names.slice(0, NAMES_MAX).join(' ')}${more}${prefixed}${excluded}`
}

/** A base URL may hold a password. */
function publicUrl(baseUrl: string): string {
  return baseUrl.replace(/\/\/[^/@]*@/, '//…@')
}
