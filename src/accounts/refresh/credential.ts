import { Fault } from '../../ir/fault.ts'
import { errorText } from '../../lib/error-text.ts'
import type { Fields } from '../../lib/json.ts'
import { type AuthKind, refreshedAtOf } from '../files/auth-kinds.ts'
import type { LoginState } from '../login-book.ts'
import type { Login } from '../login.ts'
import { type LoginStatus, markFor, readStatus, removeStatus, writeStatus } from './login-status.ts'
import { loginCommand } from '../oauth/login-command.ts'
import { OauthError } from '../oauth/oauth-error.ts'
import { hasSameTokens } from '../oauth/token-set.ts'
import type { TokenSet } from '../oauth/vendor.ts'
import { obtainTokens, type Obtained, type RefreshContext, type Unsaved } from './obtain.ts'
import { goodUntil, nextRefreshAt, restAfterRefresh, retryTimesAfter, stillAhead } from './refresh-times.ts'

/** What the file of a login said when it was read. */
export interface StoredLogin {
  readonly tokens: TokenSet
  readonly fields: Fields
}

export interface CredentialOptions extends RefreshContext {
  /** Name of the file. */
  readonly name: string
  readonly kind: AuthKind
  readonly stored: StoredLogin
  /** From 0 up to 1. */
  readonly random: () => number
  /** Takes one line for the log; it holds no secret. */
  readonly report: (line: string) => void
  /** The upstream refused the token, or the last refresh failed, and now there is another one. */
  readonly onMended: () => void
}

/** The tokens of one file. One refresh of them is in flight at a time, whoever asks for it. */
export interface Credential {
  readonly login: Login
  /** Takes what the file says now. @returns true when that is another login than before, or may work again. */
  take(stored: StoredLogin): boolean
  standing(): CredentialStanding
  /** When it is to be refreshed, in milliseconds since the epoch; Infinity: never. */
  dueAt(): number
  /** Refreshes it; never rejects. */
  refresh(): Promise<void>
  /** The refresh in flight; it never rejects. */
  settled(): Promise<void>
  /** Its file is gone: what is in flight has nothing to tell any more. */
  dismiss(): void
}

export interface CredentialStanding {
  readonly state: Extract<LoginState, 'ready' | 'refresh-failed' | 'log-in-again'>
  readonly message?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly lastRefreshAt?: number
}

/** A token that is refused although it is younger is not the reason. */
const REFUSED_AGE_MS_MIN = 30_000

/** A new token that could not be written is written again this soon. */
const SAVE_AGAIN_MS = 30_000

export function createCredential(options: CredentialOptions): Credential {
  return new LoginCredential(options)
}

class LoginCredential implements Credential {
  readonly login: Login
  readonly #options: CredentialOptions
  #tokens: TokenSet
  #fields: Fields
  /** When the tokens were made, as far as anybody knows. */
  #madeAt: number | undefined
  #goodUntil: number
  /** When tokens came by a refresh of this process. */
  #refreshedAt: number | undefined
  #state: CredentialStanding['state']
  #message: string | undefined
  #notBefore = 0
  #wantedNotBefore = 0
  #unsaved: Unsaved | undefined
  #inFlight: Promise<string> | undefined
  #isDismissed = false

  constructor(options: CredentialOptions) {
    const { name, folder, stored } = options
    this.#options = options
    this.#tokens = stored.tokens
    this.#fields = stored.fields
    this.#madeAt = refreshedAtOf(stored.fields)
    this.#goodUntil = goodUntil(this.#tokens, this.#madeAt)
    // What an earlier run, or another process, found out about this very login.
    const status = readStatus(folder.path, name, markFor(this.#tokens, this.#fields))
    this.#state = status?.state ?? 'ready'
    this.#message = status?.message
    this.#refreshedAt = status?.lastRefreshAt
    this.login = {
      file: name,
      token: () => {
        const now = options.clock()
        return now < this.#goodUntil ? this.#tokens.accessToken : this.#renewed(now)
      },
      replacementFor: (refused) => this.#replacementFor(refused).catch(() => undefined),
    }
  }

  take({ tokens, fields }: StoredLogin): boolean {
    const { kind } = this.#options
    // The file is behind what could not be written.
    if (this.#unsaved && hasSameTokens(tokens, this.#unsaved.replaced)) return false
    if (kind.isMadeAnew && this.#state === 'ready' && markFor(tokens, fields) === markFor(tokens, this.#fields)) {
      this.#fields = fields
      return false
    }
    const isOther = !hasSameTokens(tokens, this.#tokens)
    const wasAmiss = this.#state !== 'ready'
    this.#adopt(tokens, fields, isOther ? refreshedAtOf(fields) : (this.#madeAt ?? refreshedAtOf(fields)))
    if (!isOther && !wasAmiss) return false
    this.#unsaved = undefined
    this.#notBefore = 0
    this.#wantedNotBefore = 0
    this.#markReady()
    return true
  }

  standing(): CredentialStanding {
    const { expiresAt } = this.#tokens
    return {
      state: this.#state,
      message: this.#message,
      expiresAt: expiresAt === 0 ? undefined : expiresAt,
      lastRefreshAt: this.#refreshedAt ?? this.#madeAt,
    }
  }

  dueAt(): number {
    if (this.#inFlight || this.#state === 'log-in-again' || !this.#canRefresh()) return Infinity
    const notBefore = stillAhead(this.#notBefore, this.#options.clock())
    if (this.#unsaved) return notBefore
    const { leadMs, isMadeAnew } = this.#options.kind
    // The first one is made when somebody wants it.
    if (isMadeAnew && this.#tokens.accessToken === '') return Infinity
    return nextRefreshAt({ tokens: this.#tokens, madeAt: this.#madeAt, leadMs, notBefore })
  }

  async refresh(): Promise<void> {
    await this.#refresh().then(ignore, ignore)
  }

  async settled(): Promise<void> {
    await this.#inFlight?.then(ignore, ignore)
  }

  dismiss(): void {
    this.#isDismissed = true
  }

  async #renewed(now: number): Promise<string> {
    if (this.#inFlight) return await this.#inFlight
    // Nobody can get another one; the upstream is to judge.
    if (!this.#canRefresh()) return this.#tokens.accessToken
    if (this.#state === 'log-in-again') throw this.#fault()
    if (now >= stillAhead(this.#wantedNotBefore, now)) return await this.#refresh()
    if (this.#state === 'ready') return this.#tokens.accessToken
    throw this.#fault()
  }

  async #replacementFor(refused: string): Promise<string | undefined> {
    const now = this.#options.clock()
    if (this.#tokens.accessToken !== refused && now < this.#goodUntil) return this.#tokens.accessToken
    if (!this.#canRefresh()) {
      await this.#fail(new OauthError('the vendor refuses its token, and nothing can refresh it', { isFinal: true }))
      return undefined
    }
    const ageMs = now - (this.#refreshedAt ?? 0)
    // A clock that was set back makes it younger than new.
    const isYoung = ageMs >= 0 && ageMs < REFUSED_AGE_MS_MIN
    const isVain = this.#state === 'log-in-again' || now < stillAhead(this.#wantedNotBefore, now) || isYoung
    if (isVain && !this.#inFlight) return undefined
    const another = await this.#refresh(refused)
    return another === refused ? undefined : another
  }

  /** All who ask while one is in flight get its outcome. @throws {Fault} */
  #refresh(refused?: string): Promise<string> {
    const { name, kind } = this.#options
    const known = { tokens: this.#tokens, fields: this.#fields }
    this.#inFlight ??= obtainTokens({ name, kind, known, unsaved: this.#unsaved }, this.#options)
      .then(
        (obtained) => this.#succeed(obtained, refused !== undefined),
        async (error: unknown) => {
          throw await this.#fail(error)
        },
      )
      .finally(() => {
        this.#inFlight = undefined
      })
    return this.#inFlight
  }

  #succeed({ tokens, fields, isOwn, madeAt, unsaved }: Obtained, isRefused: boolean): string {
    const { name, clock, report, onMended } = this.#options
    const now = clock()
    const wasAmiss = this.#state !== 'ready'
    const rest = isOwn ? restAfterRefresh(this.#tokens, tokens, now) : 0
    this.#adopt(tokens, fields, madeAt)
    if (isOwn) this.#refreshedAt = madeAt
    this.#unsaved = unsaved
    this.#notBefore = rest
    this.#wantedNotBefore = rest
    if (unsaved) {
      this.#notBefore = now + SAVE_AGAIN_MS
      this.#state = 'refresh-failed'
      this.#message = `its new token could not be written: ${unsaved.reason}`
      report(`${name}: ${this.#message}; it is lost when the program ends before that is mended`)
      return tokens.accessToken
    }
    if (wasAmiss && !this.#isDismissed) report(`${name}: its token is fresh again`)
    this.#markReady()
    if (wasAmiss || isRefused) onMended()
    return tokens.accessToken
  }

  async #fail(error: unknown): Promise<Fault> {
    const { name, kind, clock, random, report } = this.#options
    const now = clock()
    const isFinal = error instanceof OauthError && error.isFinal
    const retryAfterMs = error instanceof OauthError ? error.retryAfterMs : undefined
    const { notBefore, wantedNotBefore } = retryTimesAfter(now, retryAfterMs, random())
    this.#notBefore = notBefore
    this.#wantedNotBefore = wantedNotBefore
    const reason = withoutTokens(errorText(error), this.#tokens)
    const command = loginCommand(kind.vendor)
    const message = isFinal && !reason.includes(command) ? `${reason}; log in again: ${command}` : reason
    const state = isFinal ? 'log-in-again' : 'refresh-failed'
    const isNews = message !== this.#message || state !== this.#state
    this.#state = state
    this.#message = message
    if (isNews && !this.#isDismissed) {
      report(
        isFinal ? `${name}: ${message}` : `${name}: its token could not be refreshed (${message}); it is tried again`,
      )
      await this.#keepStatus(state)
    }
    return this.#fault()
  }

  async #keepStatus(state: LoginStatus['state']): Promise<void> {
    const { folder, name } = this.#options
    const lastRefreshAt = this.#refreshedAt ?? this.#madeAt
    const status = { state, message: this.#message, lastRefreshAt, mark: markFor(this.#tokens, this.#fields) }
    // It is for others to read; this process knows.
    await writeStatus(folder.path, name, status).catch(ignore)
  }

  #fault(): Fault {
    const { name, clock } = this.#options
    if (this.#state === 'log-in-again') return new Fault('authentication', `${name}: ${this.#message ?? ''}`)
    const reason = this.#message ?? 'the vendor gave none'
    const retryAfterMs = Math.max(0, this.#wantedNotBefore - clock())
    return new Fault('unavailable', `${name}: there is no fresh token (${reason})`, { retryAfterMs })
  }

  #adopt(tokens: TokenSet, fields: Fields, madeAt: number | undefined): void {
    this.#tokens = tokens
    this.#fields = fields
    this.#madeAt = madeAt
    this.#goodUntil = goodUntil(tokens, madeAt)
  }

  #markReady(): void {
    const { folder, name } = this.#options
    this.#state = 'ready'
    this.#message = undefined
    removeStatus(folder.path, name)
  }

  #canRefresh(): boolean {
    return this.#tokens.refreshToken !== undefined || this.#options.kind.isMadeAnew === true
  }
}

function withoutTokens(text: string, { accessToken, refreshToken }: TokenSet): string {
  let clean = text
  for (const secret of [accessToken, refreshToken]) if (secret) clean = clean.replaceAll(secret, '…')
  return clean
}

function ignore(): void {}
