import { OauthError } from '../../../src/accounts/oauth/oauth-error.ts'
import type { LoginConversation, LoginOptions, VendorContext } from '../../../src/accounts/oauth/vendor.ts'
import { thrownBy } from '../../kit/failing.ts'
import type { VendorStandIn } from '../../kit/vendors/vendor.ts'

/** A person at a terminal, as far as a login knows them. */
export interface Person {
  readonly conversation: LoginConversation
  /** All that was shown, lines, addresses and codes. */
  readonly shown: string[]
}

export interface PersonOptions {
  readonly opens?: (url: string, callbackPort: number | undefined) => unknown
  readonly reads?: (code: string) => unknown
  /** Answers to questions, one after the other; then they say nothing, for ever. Absent: there is nobody. */
  readonly answers?: readonly (string | (() => Promise<string>))[]
}

export function personWho({ opens, reads, answers }: PersonOptions): Person {
  const shown: string[] = []
  const left = [...(answers ?? [])]
  const conversation: LoginConversation = {
    open(url, callbackPort) {
      shown.push(url)
      void opens?.(url, callbackPort)
    },
    showCode(code, url) {
      shown.push(`${code} ${url}`)
      reads?.(code)
    },
    say: (line) => void shown.push(line),
    ask(_question, signal) {
      if (answers === undefined) return Promise.resolve(undefined)
      const next = left.shift()
      if (next !== undefined) return typeof next === 'string' ? Promise.resolve(next) : next()
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined), { once: true })
      })
    },
  }
  return { conversation, shown }
}

export const OPTIONS: LoginOptions = { isDevice: false, callbackPort: 0, timeoutMs: 10_000, pasteAfterMs: 10_000 }

export interface TestContext extends VendorContext {
  readonly delaysMs: number[]
  readonly cancel: () => void
}

/** Its time passes only where a login waits. */
export function contextFor(vendor: VendorStandIn, own: Partial<VendorContext> = {}): TestContext {
  const controller = new AbortController()
  const delaysMs: number[] = []
  let now = Date.UTC(2026, 0, 1)
  return {
    client: {
      authUrl: vendor.url,
      ...(vendor.clientSecret === undefined ? {} : { clientId: vendor.clientId, clientSecret: vendor.clientSecret }),
    },
    fetch: (url, init) => fetch(url, init),
    clock: () => now,
    signal: controller.signal,
    environment: {},
    sleep: (delayMs) => {
      delaysMs.push(delayMs)
      now += delayMs
      return Promise.resolve()
    },
    delaysMs,
    cancel: () => controller.abort(),
    ...own,
  }
}

/** Goes where the vendor sent the browser, but to the port that is really listened on. */
export async function browse(
  address: string,
  callbackPort: number | undefined,
): Promise<{ status: number; text: string }> {
  const { pathname, search } = new URL(address)
  const response = await fetch(`http://127.0.0.1:${callbackPort}${pathname}${search}`)
  return { status: response.status, text: await response.text() }
}

/** What a login or a refresh fails with. @throws when it does not, or with anything else. */
export async function oauthErrorOf(run: Promise<unknown>): Promise<OauthError> {
  const error = await thrownBy(run)
  if (!(error instanceof OauthError)) throw new Error(`it did not fail as it should: ${String(error)}`)
  return error
}

/** All secrets of the vendor's that are in the texts. */
export function leaksIn(texts: readonly string[], { secrets }: VendorStandIn): readonly string[] {
  return [...secrets].filter((secret) => texts.some((text) => text.includes(secret)))
}
