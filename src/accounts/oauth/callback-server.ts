import { renderPage, type PageText } from './callback-page.ts'
import { OauthError } from './oauth-error.ts'
import { errorCode } from '../../lib/error-code.ts'

/** What a vendor sent the browser back with. */
export type CodeAnswer =
  | { readonly code: string }
  /** The person said no, or the vendor did. */
  | { readonly error: string; readonly description?: string }

export interface CallbackOptions {
  /** The vendor's name for people. */
  readonly title: string
  /** 0: any free one. */
  readonly port: number
  readonly path: string
  /** Answers with another one are refused. */
  readonly state: string
  /** An answer was refused; the line says why. */
  readonly onRefused: (line: string) => void
}

/** Waits on this machine for the browser to come back. */
export interface CallbackServer {
  readonly port: number
  /** The first answer with the right state. */
  readonly answer: Promise<CodeAnswer>
  /** Shows the browser how it ended; until then it waits. */
  finish(page: PageText): void
  /** Ends everything; browsers that still wait see that it failed. */
  close(): Promise<void>
}

/** The browser waits while the code is exchanged. In seconds. */
const IDLE_SECONDS = 120
/** A browser that was answered may take this long to read the page. */
const CLOSE_MS = 1_000

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  connection: 'close',
  // The address of this page holds the code.
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
}

/**
 * Listens on loopback alone, on both of its addresses: browsers try either for `localhost`.
 *
 * @throws {OauthError} with the code `port-in-use`, or when it cannot listen.
 * @see RFC 8252, section 8.3
 */
export function openCallback(options: CallbackOptions): CallbackServer {
  const answered = Promise.withResolvers<CodeAnswer>()
  const ended = Promise.withResolvers<PageText>()
  const fetch = async (request: Request): Promise<Response> => {
    const outcome = judge(request, options)
    if ('page' in outcome) return pageResponse(outcome.page, outcome.status)
    answered.resolve(outcome.answer)
    return pageResponse(await ended.promise, 200)
  }
  const servers = listen(options, fetch)
  return {
    port: servers[0].port ?? options.port,
    answer: answered.promise,
    finish: (page) => ended.resolve(page),
    async close() {
      ended.resolve(failurePage('Nothing was saved. Look at the terminal for the reason.'))
      await Promise.all(servers.map((server) => closeServer(server)))
    },
  }
}

/** What the browser shows when a login failed. */
export function failurePage(text: string): PageText {
  return { isGood: false, heading: 'The login failed', text }
}

type Outcome =
  | { readonly answer: CodeAnswer }
  /** Not what is waited for. */
  | { readonly page: PageText; readonly status: number }

function judge(request: Request, { path, state, title, onRefused }: CallbackOptions): Outcome {
  // Never with a base: an odd Host header makes the address relative.
  const url = URL.parse(request.url, 'http://localhost')
  if (url?.pathname !== path || request.method !== 'GET') {
    return { page: failurePage('There is nothing at this address. The login still waits.'), status: 404 }
  }
  const query = url.searchParams
  if (query.get('state') !== state) {
    onRefused('An answer came that does not belong to this login; it was refused. Still waiting.')
    const text =
      'This answer does not belong to the login that waits here: its state is another one. ' +
      `Open the address that the terminal shows, and finish the login of ${title} there.`
    return { page: { isGood: false, heading: 'Not this login', text }, status: 400 }
  }
  const error = query.get('error')
  if (error) return { answer: { error, description: query.get('error_description') ?? undefined } }
  const code = query.get('code')
  if (code) return { answer: { code } }
  onRefused('An answer came without a code; it was refused. Still waiting.')
  return { page: failurePage('The answer holds no code. The login still waits.'), status: 400 }
}

function pageResponse(page: PageText, status: number): Response {
  return new Response(renderPage(page), { status, headers: HEADERS })
}

type Server = ReturnType<typeof Bun.serve>
type Handler = (request: Request) => Promise<Response>

function listen({ port, title }: CallbackOptions, fetch: Handler): readonly [Server, ...Server[]] {
  const serveAt = (hostname: string, at: number): Server =>
    Bun.serve({ hostname, port: at, fetch, idleTimeout: IDLE_SECONDS, development: false })
  let first: Server
  try {
    first = serveAt('127.0.0.1', port)
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw cannotListen(title, port, errorCode(error) ?? 'unknown')
    throw new OauthError(`Port ${port} of this machine is in use, where ${title} sends the browser back to`, {
      code: 'port-in-use',
    })
  }
  try {
    return [first, serveAt('::1', first.port ?? port)]
  } catch {
    // A machine without IPv6, or one where another program has that port.
    return [first]
  }
}

function cannotListen(title: string, port: number, code: string): OauthError {
  return new OauthError(
    `Port ${port} cannot be listened on (${code}) for the answer of ${title}; allowed: --callback-port with a free port`,
  )
}

async function closeServer(server: Server): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, CLOSE_MS)
  await Promise.race([server.stop(), late.promise])
  clearTimeout(timer)
  await server.stop(true)
}
