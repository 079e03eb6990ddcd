import { setTimeout } from 'node:timers/promises'
import * as oauth from 'oauth4webapi'
import { isTimedOut, isUnreachable } from './ask.ts'
import { loginCommand } from './login-command.ts'
import { cancelled, denied, OauthError } from './oauth-error.ts'
import { askForDevice, exchangeDeviceCode, POLL_SECONDS, type OauthServer, type TokenAnswer } from './token-endpoint.ts'
import type { LoginConversation, LoginOptions, VendorContext } from './vendor.ts'

/** A login on any device with a browser; this program asks until the person has agreed. */
export interface DeviceFlow {
  readonly server: OauthServer
  readonly scope?: string
  readonly isPkce?: boolean
}

/** @see RFC 8628, section 3.5 */
const SLOW_DOWN_MS = 5_000
/** Failures in a row of the vendor's, after which it is given up. */
const FAILURES_MAX = 5

/**
 * The device authorization grant.
 *
 * @throws {OauthError} when the person says no, takes too long or the vendor refuses.
 * @see RFC 8628
 */
export async function runDeviceFlow(
  { server, scope, isPkce = false }: DeviceFlow,
  conversation: LoginConversation,
  { timeoutMs }: LoginOptions,
  context: VendorContext,
): Promise<TokenAnswer> {
  const verifier = isPkce ? oauth.generateRandomCodeVerifier() : undefined
  const device = await askForDevice(server, { ...(scope ? { scope } : {}), ...(await challengeOf(verifier)) }, context)
  conversation.showCode(device.user_code, device.verification_uri_complete ?? device.verification_uri)
  const endsAt = context.clock() + Math.min(device.expires_in * 1000, timeoutMs)
  return await pollUntil({ server, endsAt, intervalMs: (device.interval ?? POLL_SECONDS) * 1000 }, context, () =>
    exchangeDeviceCode(server, device.device_code, verifier === undefined ? {} : { code_verifier: verifier }, context),
  )
}

interface Polling {
  readonly server: Pick<OauthServer, 'title' | 'vendor'>
  /** Milliseconds since the epoch. */
  readonly endsAt: number
  readonly intervalMs: number
}

/**
 * Asks again and again, as slowly as the vendor wants it.
 *
 * @param ask throws an OauthError with the code `authorization_pending` or `slow_down` when there is no answer yet.
 * @throws {OauthError} of `ask`, or when it takes too long.
 */
export async function pollUntil<T>(
  { server: { title, vendor }, endsAt, intervalMs }: Polling,
  context: VendorContext,
  ask: () => Promise<T>,
): Promise<T> {
  let delayMs = intervalMs
  let failures = 0
  for (;;) {
    // No longer than the code is good: timers that are set too far ahead end at once.
    await sleepIn(context, Math.min(delayMs, Math.max(0, endsAt - context.clock())))
    if (context.clock() >= endsAt) throw expired(title, vendor)
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof OauthError)) throw error
      const verdict = verdictOn(error)
      if (verdict === 'slow-down') delayMs += SLOW_DOWN_MS
      else if (verdict === 'failed') failures += 1
      else if (verdict === 'refused') throw refused(error, title, vendor)
      if (verdict !== 'failed') failures = 0
      else if (failures >= FAILURES_MAX || context.signal.aborted) throw error
    }
  }
}

/** @throws {OauthError} when the login is cancelled, or its time is over, meanwhile. */
export async function sleepIn({ sleep = sleepFor, signal }: VendorContext, delayMs: number): Promise<void> {
  try {
    await sleep(delayMs, signal)
  } catch {
    throw aborted(signal)
  }
  if (signal.aborted) throw aborted(signal)
}

function aborted(signal: AbortSignal): OauthError {
  return isTimedOut(signal) ? new OauthError('It was not done in time', { code: 'timeout' }) : cancelled()
}

function sleepFor(delayMs: number, signal: AbortSignal): Promise<void> {
  return setTimeout(delayMs, undefined, { signal })
}

type Verdict = 'pending' | 'slow-down' | 'failed' | 'refused'

function verdictOn(error: OauthError): Verdict {
  const { code, status } = error
  if (code === 'authorization_pending') return 'pending'
  if (code === 'slow_down' || status === 429) return 'slow-down'
  // RFC 8628, section 3.5: a connection that fails is tried again.
  return isUnreachable(error) || (status ?? 0) >= 500 ? 'failed' : 'refused'
}

function refused(error: OauthError, title: string, vendor: string): OauthError {
  if (error.code === 'expired_token') return expired(title, vendor)
  return error.code === 'access_denied' ? denied(title, error) : error
}

function expired(title: string, vendor: string): OauthError {
  return new OauthError(
    `The code of ${title} was not confirmed in time and has expired. Run \`${loginCommand(vendor)}\` again.`,
    { code: 'expired_token' },
  )
}

async function challengeOf(verifier: string | undefined): Promise<Readonly<Record<string, string>>> {
  if (verifier === undefined) return {}
  return { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }
}
