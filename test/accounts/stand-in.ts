import { OauthError } from '../../src/accounts/oauth/oauth-error.ts'
import type { Vendor } from '../../src/accounts/oauth/vendor.ts'
import { parseObject, readNumber, readText } from '../../src/lib/json.ts'

/** A token endpoint on loopback whose refresh tokens rotate. */
export interface TokenEndpoint {
  readonly url: string
  /** Refresh tokens that came, in order. */
  readonly asked: readonly string[]
  /** The refresh token that a login is to begin with. */
  readonly first: string
  /** True for the newest access token and those that the same refresh token gave. */
  isGood(accessToken: string): boolean
  /** Answers wait while it is held. */
  hold(): () => void
  /** Resolves when somebody asks. */
  nextAsk(): Promise<void>
  /** What it answers from now on, in place of tokens. */
  answer: { readonly status: number; readonly body: object } | undefined
  stop(): Promise<void>
}

/**
 * A refresh token works until the one that it gave was used, as with vendors that know of answers that got lost.
 *
 * @param lifeSeconds of the access tokens
 */
export function startTokenEndpoint(lifeSeconds = 3600): TokenEndpoint {
  const asked: string[] = []
  let serial = 0
  let current = 'refresh-0-made-up'
  let previous = ''
  let good: string[] = []
  let held = Promise.resolve()
  let onAsk: (() => void) | undefined
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    async fetch(request) {
      const token = new URLSearchParams(await request.text()).get('refresh_token') ?? ''
      asked.push(token)
      onAsk?.()
      await held
      if (endpoint.answer) return Response.json(endpoint.answer.body, { status: endpoint.answer.status })
      if (token !== current && token !== previous) return Response.json({ error: 'invalid_grant' }, { status: 400 })
      if (token === current) {
        previous = current
        good = []
      }
      serial++
      current = `refresh-${serial}-made-up`
      const accessToken = `access-${serial}-made-up`
      good.push(accessToken)
      return Response.json({ access_token: accessToken, refresh_token: current, expires_in: lifeSeconds })
    },
  })
  const endpoint: TokenEndpoint = {
    url: server.url.origin,
    asked,
    first: current,
    isGood: (accessToken) => good.includes(accessToken),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    nextAsk: () => new Promise((resolve) => (onAsk = resolve)),
    answer: undefined,
    stop: () => server.stop(true),
  }
  return endpoint
}

/** A vendor that refreshes at the endpoint. @param onStep told before it asks, and when the answer is there */
export function standInVendor(url: string, onStep: (step: 'asking' | 'answered') => void = () => undefined) {
  return (): Promise<Vendor> =>
    Promise.resolve({
      title: 'Stand-in',
      login: () => Promise.reject(new OauthError('there is no login here')),
      async refresh({ refreshToken = '' }, _fields, { fetch, clock, signal }) {
        onStep('asking')
        const body = new URLSearchParams({ refresh_token: refreshToken })
        const response = await fetch(url, { method: 'POST', body, signal })
        const text = await response.text()
        onStep('answered')
        const { access_token: access, refresh_token: refresh, expires_in: life, error } = parseObject(text) ?? {}
        if (!response.ok) {
          const code = readText(error)
          const retryAfter = response.headers.get('retry-after')
          throw new OauthError(`the stand-in answered ${response.status} ${code ?? ''}`.trim(), {
            status: response.status,
            code,
            isFinal: code === 'invalid_grant',
            retryAfterMs: retryAfter === null ? undefined : Number(retryAfter) * 1000,
          })
        }
        return {
          accessToken: readText(access) ?? '',
          refreshToken: readText(refresh),
          expiresAt: clock() + (readNumber(life) ?? 0) * 1000,
        }
      },
    })
}
