import type { Config } from '../config/config.ts'
import { errorText } from '../lib/error-text.ts'
import { readText } from '../lib/json.ts'
import type { Account } from './account.ts'
import { readAuthSettings } from './files/auth-fields.ts'
import { type AuthEntry, type AuthFolder, readNames } from './files/auth-folder.ts'
import { kindFor } from './files/auth-kinds.ts'
import { createCredential, type Credential } from './refresh/credential.ts'
import { stampsOf, watchFolder } from './files/folder-watch.ts'
import { accountsOfLogin, keepSame, type LoginFile } from './login-accounts.ts'
import type { LoginBook, LoginRow } from './login-book.ts'
import { removeStatus } from './refresh/login-status.ts'
import type { TokenSet, Vendor, VendorId } from './oauth/vendor.ts'
import { vendorFetch } from './oauth/vendor-fetch.ts'

export interface LoginBookOptions {
  readonly folder: AuthFolder
  readonly config: () => Config
  readonly loadVendor: (id: VendorId) => Promise<Vendor>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Takes one line for the log; it holds no secret. */
  readonly report: (line: string) => void
  /** False: the files are read once and nothing is refreshed in the background. */
  readonly isLive: boolean
  /** From 0 up to 1; `Math.random` when absent. */
  readonly random?: () => number
}

/** Worse news about a file is believed when it is still so after this: some programs write in several steps. */
const SECOND_LOOK_MS = 400

/** The first refreshes begin this long after a start: whoever starts has to listen first. */
const FIRST_REFRESH_MS = 250

/** A refresh in flight keeps the end of the program waiting no longer. */
const CLOSE_MS_MAX = 10_000

/** A login that works, or may. */
interface LiveEntry extends LoginFile {
  readonly credential: Credential
  readonly accounts: readonly Account[]
}

interface BrokenEntry {
  readonly name: string
  readonly problem: string
}

type Entry = LiveEntry | BrokenEntry

/** A file as it reads now: a login, a broken one, or of a type that is not served. */
type Found = (LoginFile & { readonly tokens: TokenSet }) | BrokenEntry | { readonly foreignType: string }

/** Opens the book of the folder's logins. */
export function openLoginBook(options: LoginBookOptions): LoginBook {
  return new FolderBook(options)
}

class FolderBook implements LoginBook {
  readonly #options: LoginBookOptions
  readonly #entries = new Map<string, Entry>()
  /** What each file was when it was last read. */
  readonly #stamps = new Map<string, string>()
  /** Files that seemed gone or broken at the last look, and what they were then. */
  readonly #doubted = new Map<string, string>()
  /** What was said about a file already. */
  readonly #told = new Map<string, string>()
  readonly #listeners = new Set<(renewed: ReadonlySet<string>) => void>()
  readonly #ending = new AbortController()
  readonly #refreshing = new Set<Credential>()
  readonly #watch: { close(): void } | undefined
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  /** What was said about the folder already. */
  #folderProblem: string | undefined
  #accounts: readonly Account[] | undefined
  #config: Config

  constructor(options: LoginBookOptions) {
    this.#options = options
    this.#config = options.config()
    const { folder, isLive } = options
    for (const [name, stamp] of this.#readStamps() ?? []) {
      this.#stamps.set(name, stamp)
      this.#takeIn(name, this.#find(name, folder.read(name)))
    }
    if (!isLive) return
    this.#watch = watchFolder(
      folder.path,
      () => this.#look(),
      () => this.#refreshDue(),
    )
    this.#later(FIRST_REFRESH_MS, () => this.#refreshDue())
  }

  accounts(): readonly Account[] {
    const config = this.#options.config()
    if (config !== this.#config) {
      this.#config = config
      for (const entry of this.#entries.values()) if ('credential' in entry) this.#rebuild(entry)
    }
    // The order of accounts counts, and must be the one of the next start.
    this.#accounts ??= [...this.#entries.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => ('credential' in entry && !entry.settings.isDisabled ? entry.accounts : []))
    return this.#accounts
  }

  rows(): readonly LoginRow[] {
    return [...this.#entries.values()].map(rowOf).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  subscribe(listener: (renewed: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#watch?.close()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#listeners.clear()
    const credentials = [...this.#entries.values()].flatMap((entry) => ('credential' in entry ? entry.credential : []))
    const { promise: isLate, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, CLOSE_MS_MAX)
    await Promise.race([isLate, Promise.all([...credentials, ...this.#refreshing].map((each) => each.settled()))])
    clearTimeout(timer)
    this.#ending.abort()
  }

  /** Takes in what changed in the folder, file by file. */
  #look(): void {
    const { folder } = this.#options
    const stamps = this.#readStamps()
    if (!stamps) return
    const renewed = new Set<string>()
    const before = this.accounts()
    for (const name of new Set([...this.#stamps.keys(), ...stamps.keys()])) {
      const stamp = stamps.get(name)
      if (stamp === this.#stamps.get(name)) {
        this.#doubted.delete(name)
        continue
      }
      const found = this.#find(name, stamp === undefined ? undefined : folder.read(name))
      if ((!found || 'problem' in found) && this.#isDoubtful(name, stamp ?? 'gone')) continue
      this.#doubted.delete(name)
      if (stamp === undefined) this.#stamps.delete(name)
      else this.#stamps.set(name, stamp)
      for (const id of this.#takeIn(name, found)) renewed.add(id)
    }
    const now = this.accounts()
    const isChanged = now.length !== before.length || now.some((account, index) => account !== before[index])
    if (isChanged || renewed.size > 0) this.#tell(renewed)
  }

  /** What each file is now; undefined while nobody knows what is in the folder: what is known of it stays. */
  #readStamps(): ReadonlyMap<string, string> | undefined {
    const { folder, report } = this.#options
    const found = readNames(folder.path)
    const problem = 'problem' in found ? found.problem : undefined
    if (problem !== undefined && problem !== this.#folderProblem)
      report(`${folder.path}: the folder of logins cannot be read (${problem}): give it to the user that runs this`)
    this.#folderProblem = problem
    return 'names' in found ? stampsOf(folder.path, found.names) : undefined
  }

  /** True at the first look; then a second one follows. */
  #isDoubtful(name: string, stamp: string): boolean {
    if (this.#doubted.get(name) === stamp) return false
    this.#doubted.set(name, stamp)
    this.#later(SECOND_LOOK_MS, () => this.#look())
    return true
  }

  #find(name: string, entry: AuthEntry | undefined): Found | undefined {
    if (!entry || 'problem' in entry) return entry
    const { fields } = entry
    const kind = kindFor(fields)
    if (!kind) return { foreignType: readText(fields['type'])?.slice(0, 40) ?? '' }
    const settings = readAuthSettings(fields)
    if ('problem' in settings) return { name, problem: settings.problem }
    const tokens = kind.readTokens(fields)
    if (!tokens) return { name, problem: `it holds no ${kind.isMadeAnew ? 'service_account' : 'token'}` }
    if (/[^\x21-\x7E]/.test(tokens.accessToken))
      return { name, problem: 'its access token holds characters that no header can carry' }
    return { name, kind, fields, settings, tokens }
  }

  /** @returns the accounts that may be good again although they failed. */
  #takeIn(name: string, found: Found | undefined): readonly string[] {
    const known = this.#entries.get(name)
    const live = known && 'credential' in known ? known : undefined
    this.#accounts = undefined
    if (!found || !('tokens' in found)) {
      live?.credential.dismiss()
      if (found && 'problem' in found) this.#entries.set(name, found)
      else this.#entries.delete(name)
      if (!found) removeStatus(this.#options.folder.path, name)
      this.#tellAbout(name, found)
      return []
    }
    this.#told.delete(name)
    const { tokens, ...file } = found
    if (live?.kind === file.kind) {
      const isRenewed = live.credential.take({ tokens, fields: file.fields })
      const { accounts } = this.#rebuild({ ...live, ...file })
      return isRenewed ? accounts.map(({ id }) => id) : []
    }
    live?.credential.dismiss()
    const credential = this.#createCredential(found)
    const { state, message } = credential.standing()
    if (state === 'log-in-again' && this.#options.isLive) this.#options.report(`${name}: ${message ?? ''}`)
    const { accounts } = this.#rebuild({ ...file, credential, accounts: [] })
    return accounts.map(({ id }) => id)
  }

  #rebuild(entry: LiveEntry): LiveEntry {
    const accounts = accountsOfLogin(entry, entry.credential.login, this.#config)
    const rebuilt = { ...entry, accounts: keepSame(entry.accounts, accounts) }
    this.#entries.set(entry.name, rebuilt)
    this.#accounts = undefined
    return rebuilt
  }

  #createCredential({ name, kind, fields, tokens }: LoginFile & { readonly tokens: TokenSet }): Credential {
    const { folder, loadVendor, clock, report, random = Math.random } = this.#options
    return createCredential({
      name,
      kind,
      stored: { tokens, fields },
      folder,
      loadVendor,
      clock,
      report,
      random,
      signal: this.#ending.signal,
      reach: () => {
        const entry = this.#entries.get(name)
        const config = this.#options.config()
        const own = entry && 'settings' in entry ? entry.settings.proxyUrl : undefined
        return { client: config.oauthClients[kind.vendor] ?? {}, fetch: vendorFetch(own ?? config.proxyUrl) }
      },
      onMended: () => {
        const entry = this.#entries.get(name)
        if (entry && 'accounts' in entry) this.#tell(new Set(entry.accounts.map(({ id }) => id)))
      },
    })
  }

  /** Begins the refreshes that are due, the most urgent first. What the pool thinks of an account does not matter. */
  #refreshDue(): void {
    const now = this.#options.clock()
    const due = [...this.#entries.values()]
      .flatMap((entry) => ('credential' in entry && !entry.settings.isDisabled ? entry.credential : []))
      .filter((credential) => !this.#refreshing.has(credential) && credential.dueAt() <= now)
      .toSorted((a, b) => (a.standing().expiresAt ?? 0) - (b.standing().expiresAt ?? 0))
    for (const credential of due.slice(0, Math.max(0, this.#options.config().refreshWorkers - this.#refreshing.size))) {
      this.#refreshing.add(credential)
      void credential.refresh().finally(() => {
        this.#refreshing.delete(credential)
      })
    }
  }

  #tellAbout(name: string, found: BrokenEntry | { readonly foreignType: string } | undefined): void {
    if (!found) {
      this.#told.delete(name)
      return
    }
    const line =
      'problem' in found
        ? `${name}: the login is not used: ${found.problem}`
        : `${name}: logins of the type ${JSON.stringify(found.foreignType)} are not served`
    if (this.#told.get(name) === line) return
    this.#told.set(name, line)
    this.#options.report(line)
  }

  #tell(renewed: ReadonlySet<string>): void {
    for (const listener of this.#listeners) {
      try {
        listener(renewed)
      } catch (error) {
        const reason = errorText(error)
        this.#options.report(`a part of the program could not follow a change of the logins: ${reason}`)
      }
    }
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    timer.unref()
    this.#timers.add(timer)
  }
}

function rowOf(entry: Entry): LoginRow {
  if ('problem' in entry) return { name: entry.name, type: '', accountIds: [], state: 'broken', message: entry.problem }
  const { name, kind, settings, accounts, credential } = entry
  const { state, message, expiresAt, lastRefreshAt } = credential.standing()
  const projects = accounts.flatMap(({ facts }) => facts?.projectId ?? [])
  return {
    name,
    type: kind.vendor,
    accountIds: accounts.map(({ id }) => id),
    email: settings.email,
    plan: accounts[0]?.facts?.plan,
    projectId: projects.length === 0 ? undefined : projects.join(','),
    expiresAt,
    lastRefreshAt,
    state: settings.isDisabled ? 'disabled' : state,
    message,
  }
}
