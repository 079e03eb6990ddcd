import type { Account, ModelEntry } from '../../accounts/account.ts'
import type { AuthFolder } from '../../accounts/files/auth-folder.ts'
import type { LoginBook } from '../../accounts/login-book.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { errorText } from '../../lib/error-text.ts'
import { readBoolean } from '../../lib/json.ts'
import { readStandings, standingsPath } from '../../pool/standings-file.ts'
import { accountsJson, accountTable, shortName, viewsOf, type AccountView } from './account-view.ts'
import type { AccountAction } from '../arguments/commands.ts'
import { findAccount } from './find-account.ts'
import type { OpenLogins, OpenLoginsOptions } from '../open-logins.ts'
import { alignRows, lines, plainLine } from '../table.ts'
import type { AccountTest, TestResult } from './test-account.ts'

export interface AccountsCommand {
  readonly action: 'list' | AccountAction
  /** As the person wrote it; '' for an action without one. */
  readonly name: string
  readonly isJson: boolean
  /** Remove without asking. */
  readonly isSure: boolean
  readonly loaded: LoadedConfig
}

/** What the command needs of the world. */
export interface AccountTools {
  /** @throws {Error} when they cannot be read. */
  readonly openLogins: (options: OpenLoginsOptions) => OpenLogins
  readonly recrypt: (folder: AuthFolder, to: 'encrypted' | 'plain') => Promise<readonly string[]>
  /** The models that are known of an account without asking anybody. */
  readonly modelsOf: (account: Account, authDir: string) => readonly ModelEntry[]
  readonly test: (test: AccountTest) => Promise<TestResult>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Takes whole lines, with their line ends. */
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
  /** Asks the person yes or no; undefined when there is nobody to ask. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined
}

/** How long a vendor may take in a test. */
const TEST_MS_MAX = 30_000

const OUTCOME_CHARS_MAX = 300

const TAKES_EFFECT = 'a running proxy takes it in within 2 s'

/** What every action works with. */
interface Desk extends OpenLogins {
  readonly command: AccountsCommand
  readonly tools: AccountTools
  readonly views: readonly AccountView[]
}

/**
 * `cliproxy accounts`: lists the accounts, or does something to one of them or to all files. Prints no secret.
 *
 * @returns the exit code: 0 when it is done, 1 when something is wrong, 2 when it cannot be done this way.
 */
export async function runAccounts(command: AccountsCommand, tools: AccountTools): Promise<0 | 1 | 2> {
  const { config } = command.loaded
  let book: LoginBook | undefined
  try {
    const report = (line: string): void => tools.printError(lines([line]))
    const logins = tools.openLogins({ config: () => config, report, isLive: false })
    book = logins.book
    const rests = readStandings(standingsPath(config.authDir), tools.clock())
    return await act({ ...logins, command, tools, views: viewsOf(book.rows(), config.accounts, rests) })
  } catch (error) {
    tools.printError(lines([errorText(error)]))
    return 1
  } finally {
    await book?.close()
  }
}

/** @throws {Error} of the folder: then nothing was changed. */
async function act(desk: Desk): Promise<0 | 1 | 2> {
  const { command, tools, views } = desk
  switch (command.action) {
    case 'list':
      tools.print(listText(desk))
      return 0
    case 'encrypt':
      return await encrypt(desk)
    case 'decrypt':
      return await decrypt(desk)
    case 'disable':
    case 'enable':
    case 'remove':
    case 'test': {
      const view = findAccount(command.name, views)
      if ('problem' in view) {
        tools.printError(lines([view.problem]))
        return 1
      }
      if (command.action === 'test') return await test(desk, view)
      if (view.source !== 'login') {
        tools.printError(lines([keyText(view, command.action)]))
        return 1
      }
      return command.action === 'remove'
        ? await remove(desk, view)
        : await setDisabled(desk, view, command.action === 'disable')
    }
  }
}

function listText({ command, tools, views }: Desk): string {
  if (command.isJson) return accountsJson(views)
  if (views.length === 0)
    return lines(['no accounts; cliproxy login VENDOR makes one, cliproxy import takes over those of other programs'])
  return lines(accountTable(views, tools.clock()))
}

async function setDisabled({ folder, tools }: Desk, view: AccountView, isDisabled: boolean): Promise<0> {
  const word = isDisabled ? 'disabled' : 'enabled'
  const name = shortName(view)
  const entry = folder.read(view.name)
  if (entry && 'fields' in entry && (readBoolean(entry.fields['disabled']) ?? false) === isDisabled) {
    tools.print(lines([`${name} is ${word} already`]))
    return 0
  }
  await folder.update(view.name, (fields) => ({ ...fields, disabled: isDisabled }))
  tools.print(lines([`${word} ${name}; ${TAKES_EFFECT}`]))
  return 0
}

async function remove({ command, folder, tools }: Desk, view: AccountView): Promise<0 | 1 | 2> {
  const name = shortName(view)
  if (!command.isSure) {
    const { confirm } = tools
    if (!confirm) {
      tools.printError(lines([`nobody is there to ask whether ${name} is to be removed; --yes removes it unasked`]))
      return 2
    }
    if (!(await confirm(`Remove ${name}? The login in its file is lost. [y/N] `))) {
      tools.print(lines([`kept ${name}`]))
      return 1
    }
  }
  await folder.remove(view.name)
  tools.print(lines([`removed ${name}; ${TAKES_EFFECT}`]))
  return 0
}

async function test({ command, tools, book }: Desk, view: AccountView): Promise<0 | 1> {
  const { config } = command.loaded
  const { print, printError } = tools
  const accounts =
    view.source === 'login'
      ? book.accounts().filter(({ login }) => login?.file === view.name)
      : config.accounts.filter(({ label }) => label === view.name)
  if (accounts.length === 0) {
    printError(lines([unusableText(view)]))
    return 1
  }
  const results: (readonly string[])[] = []
  let isGood = true
  for (const account of accounts) {
    const result = await tools.test({
      account,
      models: tools.modelsOf(account, config.authDir),
      signal: AbortSignal.timeout(TEST_MS_MAX),
      clock: tools.clock,
    })
    isGood &&= result.isGood
    results.push([
      result.isGood ? 'ok' : 'FAILED',
      plainLine(account.label, OUTCOME_CHARS_MAX),
      result.asked,
      `${Math.round(result.latencyMs)} ms`,
      plainLine(result.outcome, OUTCOME_CHARS_MAX),
    ])
  }
  print(lines(alignRows(results)))
  return isGood ? 0 : 1
}

function unusableText(view: AccountView): string {
  const name = shortName(view)
  if (view.state === 'disabled') return `${name} is disabled; cliproxy accounts enable ${name} first`
  return `${name} cannot be used: ${plainLine(view.message ?? 'its file makes no account', OUTCOME_CHARS_MAX)}`
}

function keyText({ name, source }: AccountView, action: 'disable' | 'enable' | 'remove'): string {
  return source === 'environment'
    ? `${name} is a variable of the environment: unset it there, or set env-accounts: false in the config, to ${action} it`
    : `${name} stands in the config file: ${action} it there (disabled: true takes it out of service)`
}

async function encrypt({ command, folder, tools }: Desk): Promise<0 | 1> {
  if (!command.loaded.config.authEncryption) {
    tools.printError(
      lines(['there is no key to encrypt with: set auth-encryption: {key-file: FILE} or {env: NAME} in the config']),
    )
    return 1
  }
  return tell(tools, 'encrypted', await tools.recrypt(folder, 'encrypted'), folder)
}

async function decrypt({ command, folder, tools }: Desk): Promise<0 | 1> {
  const code = tell(tools, 'decrypted', await tools.recrypt(folder, 'plain'), folder)
  if (command.loaded.config.authEncryption)
    tools.print(
      lines([
        'the config still has auth-encryption: what is written from now on is encrypted again, until you take it out',
      ]),
    )
  return code
}

/** Names what was changed, and whatever could not be read. */
function tell({ print, printError }: AccountTools, done: string, names: readonly string[], folder: AuthFolder): 0 | 1 {
  print(
    lines([
      ...names.map((name) => `${done} ${name}`),
      `${done} ${names.length} ${names.length === 1 ? 'file' : 'files'}`,
    ]),
  )
  const broken = folder.list().filter((entry) => 'problem' in entry)
  printError(lines(broken.map((entry) => `left as it is: ${entry.name}: ${'problem' in entry ? entry.problem : ''}`)))
  return broken.length === 0 ? 0 : 1
}
