import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Config } from '../../config/config.ts'
import { isEveryInterface } from '../../lib/addresses.ts'
import { parseObject, readObjects, readText } from '../../lib/json.ts'

/** Who answers at the address of a config. */
export type Listener =
  /** This program, as somebody's service. */
  | { readonly kind: 'proxy'; readonly version: string }
  /** This program, only as long as a client that it started runs. */
  | { readonly kind: 'temporary' }
  | { readonly kind: 'other' }
  | { readonly kind: 'nobody' }

/** A proxy that ends with its client answers here: nobody else should rely on it. */
export const TEMPORARY_PATH = '/healthz/temporary'

/** On this machine, everything that answers at all does so at once. */
const ANSWER_MS_MAX = 3000
const ANSWER_BYTES_MAX = 8 * 1024 * 1024

/** The address that clients on this machine reach the proxy of a config at, without a trailing slash. */
export function originFor({ host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>): string {
  const name = isEveryInterface(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `${tls ? 'https' : 'http'}://${name}:${port}`
}

/** Asks who listens there. Never throws. */
export async function probeListener(origin: string): Promise<Listener> {
  const [health, welcome, temporary] = await Promise.all(
    ['/healthz', '/', TEMPORARY_PATH].map(async (path) => await get(origin + path)),
  )
  if (!health || !welcome || !temporary) return { kind: health?.isRefused === true ? 'nobody' : 'other' }
  const { status, version } = parseObject(health.text) ?? {}
  const known = readText(version)
  const isOurs =
    status === 'ok' && known !== undefined && parseObject(welcome.text)?.['message'] === `cliproxy ${known}`
  if (!isOurs) return { kind: health.isRefused ? 'nobody' : 'other' }
  return temporary.status === 200 ? { kind: 'temporary' } : { kind: 'proxy', version: known }
}

/** The names of the models that a proxy serves; none when it does not tell. */
export async function modelsServedAt(origin: string, key: string): Promise<readonly string[]> {
  const answer = await get(`${origin}/v1/models`, { authorization: `Bearer ${key}` })
  const { data } = parseObject(answer?.text ?? '') ?? {}
  return readObjects(data).flatMap(({ id }) => readText(id) ?? [])
}

interface Answer {
  readonly status: number
  readonly text: string
  /** Nobody listens. */
  readonly isRefused: boolean
}

/**
 * Asks this machine. Not `fetch`: that goes through the proxy of the environment. Undefined when there is no answer in
 * time, or none that HTTP knows.
 */
function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer | undefined> {
  const isTls = url.startsWith('https:')
  return new Promise((resolve) => {
    let hasBegun = false
    // The certificate names the host that others know, and nothing but the client's key is shown to it.
    const options = { headers, agent: false, rejectUnauthorized: false } as const
    const asked = (isTls ? requestHttps : requestHttp)(url, options, (response) => {
      let text = ''
      hasBegun = true
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > ANSWER_BYTES_MAX) response.destroy()
      })
      response.on('close', () => resolve({ status: response.statusCode ?? 0, text, isRefused: false }))
    })
    const timer = setTimeout(() => asked.destroy(new Error('no answer in time')), ANSWER_MS_MAX)
    asked.on('close', () => {
      clearTimeout(timer)
      if (!hasBegun) resolve(undefined)
    })
    asked.on('error', (error) => {
      clearTimeout(timer)
      const isRefused = 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ConnectionRefused')
      resolve(isRefused ? { status: 0, text: '', isRefused } : undefined)
    })
    asked.end()
  })
}
