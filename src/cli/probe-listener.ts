import type { Config } from '../config/config.ts'
import { isEveryInterface } from '../lib/addresses.ts'
import { fetchProxyFor } from '../lib/fetch-proxy.ts'
import { parseObject, readObject, readObjects, readString, readText } from '../lib/json.ts'

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
  const [welcome, temporary] = await Promise.all([ask(`${origin}/`), ask(origin + TEMPORARY_PATH)])
  if (welcome === 'refused') return { kind: 'nobody' }
  const { message } = parseObject(welcome?.text ?? '') ?? {}
  const version = /^cliproxy (\S+)$/.exec(readString(message) ?? '')?.[1]
  if (version === undefined || temporary === undefined || temporary === 'refused') return { kind: 'other' }
  return temporary.status === 200 ? { kind: 'temporary' } : { kind: 'proxy', version }
}

/** The names of the models that a proxy serves; none when it does not tell. */
export async function modelsServedAt(origin: string, key: string): Promise<readonly string[]> {
  const answer = await ask(`${origin}/v1/models`, { authorization: `Bearer ${key}` })
  const { data } = parseObject(answer === 'refused' ? '' : (answer?.text ?? '')) ?? {}
  return readObjects(data).flatMap(({ id }) => readText(id) ?? [])
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** Asks this machine. Undefined when there is no answer in time, or none that HTTP knows; `refused` when nobody listens. */
async function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | 'refused' | undefined> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      keepalive: false,
      // A proxy of the environment is no way to this machine.
      proxy: fetchProxyFor('direct'),
      // The certificate names the host that others know, and nothing but the client's key is shown to it.
      tls: { rejectUnauthorized: false },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    return { status: response.status, text: await readBounded(response) }
  } catch (error) {
    const { code } = readObject(error) ?? {}
    return code === 'ECONNREFUSED' || code === 'ConnectionRefused' ? 'refused' : undefined
  }
}

/** @throws {Error} when the answer is too long to be one of ours. */
async function readBounded({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
