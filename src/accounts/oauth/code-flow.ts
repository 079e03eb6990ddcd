import * as oauth from 'oauth4webapi'
import type { CallbackPlace } from '../oauth-clients.ts'
import { cleanText, refuseUnsafeUrl } from './ask.ts'
import { type CallbackServer, type CodeAnswer, failurePage, openCallback } from './callback-server.ts'
import { loginCommand } from './login-command.ts'
import { cancelled, denied, OauthError } from './oauth-error.ts'
import { readPastedAnswer } from './pasted-answer.ts'
import { exchangeCode, type OauthServer, type TokenAnswer } from './token-endpoint.ts'
import type { LoginConversation, LoginOptions, VendorContext } from './vendor.ts'

/** A login in the browser, which is sent back to this machine in the end. */
export interface CodeFlow {
  readonly server: OauthServer
  readonly authorizeUrl: string
  readonly scope: string
  readonly callback: CallbackPlace
  /** The vendor takes any port of this machine; otherwise it knows one alone, wherever is listened. */
  readonly isPortFree?: boolean
  /** Beside those of RFC 6749 and RFC 7636. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The token endpoint wants the state too. */
  readonly sendsState?: boolean
}

const PASTE_AFTER_MS = 15_000
const PASTES_MAX = 20
/** Any page of a browser may send answers without end; a person needs to read of few. */
const REFUSALS_TOLD_MAX = 5
const QUESTION = 'Paste the address that the browser was sent to, or the code (Enter: wait on): '

/**
 * The authorization code flow with PKCE.
 *
 * @throws {OauthError} when the person says no, takes too long or the vendor refuses.
 * @see RFC 6749, section 4.1; RFC 7636; RFC 8252
 */
export async function runCodeFlow(
  flow: CodeFlow,
  conversation: LoginConversation,
  options: LoginOptions,
  context: VendorContext,
): Promise<TokenAnswer> {
  const { server, callback, authorizeUrl } = flow
  // Before the person agrees to anything.
  for (const url of [authorizeUrl, server.tokenUrl]) refuseUnsafeUrl(url, server.title)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const listener = openListener(flow, state, conversation, options)
  try {
    const port = flow.isPortFree ? (listener?.port ?? options.callbackPort ?? callback.port) : callback.port
    const redirectUrl = `http://localhost:${port}${callback.path}`
    const challenge = await oauth.calculatePKCECodeChallenge(verifier)
    conversation.open(authorizeAddress(flow, { redirectUrl, state, challenge }), listener?.port)
    const answer = await awaitAnswer(flow, { state, listener }, conversation, options, context)
    if ('error' in answer) throw denialOf(answer, server.title)
    const parameters = flow.sendsState ? { state } : undefined
    const tokens = await exchangeCode(server, { code: answer.code, state, verifier, redirectUrl, parameters }, context)
    listener?.finish({
      isGood: true,
      heading: `Logged in to ${server.title}`,
      text: 'You can close this page and go back to the terminal.',
    })
    return tokens
  } catch (error) {
    if (error instanceof OauthError) listener?.finish(failurePage(error.message))
    throw error
  } finally {
    await listener?.close()
  }
}

/** Undefined when the port is taken: then the person pastes the answer. */
function openListener(
  { server: { title }, callback: { port, path } }: CodeFlow,
  state: string,
  conversation: LoginConversation,
  { callbackPort = port }: LoginOptions,
): CallbackServer | undefined {
  let refusals = 0
  const onRefused = (line: string): void => {
    if (++refusals <= REFUSALS_TOLD_MAX) conversation.say(line)
  }
  try {
    return openCallback({ title, port: callbackPort, path, state, onRefused })
  } catch (error) {
    if (!(error instanceof OauthError && error.code === 'port-in-use')) throw error
    conversation.say(
      `${error.message}. Paste its address here in the end, or log in with --callback-port and a free one.`,
    )
    return undefined
  }
}

interface AuthorizeFields {
  readonly redirectUrl: string
  readonly state: string
  readonly challenge: string
}

function authorizeAddress(
  { server, authorizeUrl, scope, parameters }: CodeFlow,
  { redirectUrl, state, challenge }: AuthorizeFields,
): string {
  const query = new URLSearchParams({
    ...parameters,
    client_id: server.clientId,
    response_type: 'code',
    redirect_uri: redirectUrl,
    scope,
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  return `${authorizeUrl}?${query.toString()}`
}

interface Awaited {
  readonly state: string
  readonly listener: CallbackServer | undefined
}

/** Whatever comes first: the browser, a paste, the end of patience. */
async function awaitAnswer(
  { server: { title, vendor } }: CodeFlow,
  { state, listener }: Awaited,
  conversation: LoginConversation,
  options: LoginOptions,
  context: VendorContext,
): Promise<CodeAnswer> {
  const { timeoutMs } = options
  const ended = new AbortController()
  const first = Promise.withResolvers<CodeAnswer>()
  const patience = setTimeout(() => {
    const minutes = Math.round(timeoutMs / 60_000)
    const span = minutes > 0 ? `${minutes} minute${minutes === 1 ? '' : 's'}` : `${timeoutMs} ms`
    first.reject(
      new OauthError(
        `${title} did not answer within ${span}. Run \`${loginCommand(vendor)}\` again; where the browser is on another ` +
          'machine, paste the address that it was sent to.',
        { code: 'timeout' },
      ),
    )
  }, timeoutMs)
  const cancel = (): void => first.reject(cancelled())
  if (context.signal.aborted) cancel()
  context.signal.addEventListener('abort', cancel, { once: true })
  listener?.answer.then(first.resolve, first.reject)
  const pasteAfterMs = listener ? (options.pasteAfterMs ?? PASTE_AFTER_MS) : 0
  const beginning = setTimeout(() => {
    awaitPaste(state, conversation, ended.signal).then((pasted) => {
      if (pasted) first.resolve(pasted)
      else if (!listener) first.reject(nowhereToAnswer(title))
    }, first.reject)
  }, pasteAfterMs)
  try {
    return await first.promise
  } finally {
    clearTimeout(patience)
    clearTimeout(beginning)
    context.signal.removeEventListener('abort', cancel)
    ended.abort()
  }
}

/** Undefined when there is nobody to ask. */
async function awaitPaste(
  state: string,
  conversation: LoginConversation,
  signal: AbortSignal,
): Promise<CodeAnswer | undefined> {
  for (let asked = 0; asked < PASTES_MAX && !signal.aborted; asked++) {
    const text = await conversation.ask(QUESTION, signal)
    if (text === undefined) return undefined
    if (text.trim() === '') continue
    const read = readPastedAnswer(text, state)
    if ('answer' in read) return read.answer
    conversation.say(read.problem)
  }
  return undefined
}

function nowhereToAnswer(title: string): OauthError {
  return new OauthError(
    `The port that ${title} sends the browser back to is in use, and nobody can paste its address: ` +
      'end what listens there, or log in with --callback-port and a free port',
    { code: 'port-in-use' },
  )
}

function denialOf({ error, description }: { readonly error: string; readonly description?: string }, title: string) {
  const code = cleanText(error, [])
  if (error === 'access_denied') return denied(title, { code })
  const words = description === undefined ? code : `${code}, ${cleanText(description, [])}`
  return new OauthError(`${title} ended the login: ${words}`, { code })
}
