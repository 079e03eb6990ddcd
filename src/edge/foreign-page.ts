import { Fault } from '../ir/fault.ts'
import { isLoopback } from '../lib/addresses.ts'

/**
 * Refuses a page of a browser that is none of this machine's, where no key tells who asks: any site that somebody looks
 * at could spend the accounts. Two ways lead there, and programs that are no browsers take neither:
 *
 * - a name that the site lets point at this machine: then its page and the proxy are of one origin;
 * - a request that browsers send without asking first, since its body does not say that it is JSON.
 *
 * @param ownHost what the config has the proxy listen on
 * @throws {Fault} permission
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
export function refuseForeignPage({ method, headers }: Request, ownHost: string): void {
  const origin = headers.get('origin')
  if (origin === null) return
  const url = URL.parse(origin)
  const name = url?.hostname ?? ''
  if (isLoopback(name)) return
  const isOfOneOrigin = url !== null && url.host === headers.get('host')?.toLowerCase()
  const isTrusted = isOfOneOrigin
    ? ADDRESS.test(name) || name === ownHost.toLowerCase()
    : method !== 'POST' || isJson(headers.get('content-type'))
  if (isTrusted) return
  throw new Fault(
    'permission',
    `A page of '${origin.slice(0, 200)}' may not use a proxy without keys: set api-keys in the config, and send one.`,
  )
}

/** A host that is no name: it points nowhere else. */
const ADDRESS = /^(?:[\d.]+|\[.+\])$/

function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(?:;|$)/i.test(contentType?.trim() ?? '')
}
