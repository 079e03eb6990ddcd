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
  const page = pageOf(origin, headers, ownHost)
  const isTrusted = page === 'own' || (page === 'foreign' && (method !== 'POST' || isJson(headers.get('content-type'))))
  if (!isTrusted)
    throw foreignPage(origin, 'may not use a proxy without keys: set api-keys in the config, and send one.')
}

/**
 * The same for whoever wants a socket, with or without a key: browsers let every page open sockets to every host without
 * asking first, and only say which page it is.
 *
 * @throws {Fault} permission
 */
export function refuseForeignSocket({ headers }: Request): void {
  const origin = headers.get('origin')
  if (origin !== null && pageOf(origin, headers) === 'foreign')
    throw foreignPage(origin, 'may not use this proxy: only pages of this machine may.')
}

/** Where a page is from: this machine or the proxy itself; the proxy by a name that may be anybody's; somewhere else. */
function pageOf(origin: string, headers: Headers, ownHost = ''): 'own' | 'named' | 'foreign' {
  const url = URL.parse(origin)
  const name = url?.hostname ?? ''
  if (isLoopback(name)) return 'own'
  if (url === null || url.host !== headers.get('host')?.toLowerCase()) return 'foreign'
  return ADDRESS.test(name) || name === ownHost.toLowerCase() ? 'own' : 'named'
}

function foreignPage(origin: string, why: string): Fault {
  return new Fault('permission', `A page of '${origin.slice(0, 200)}' ${why}`)
}

/** A host that is no name: it points nowhere else. */
const ADDRESS = /^(?:[\d.]+|\[.+\])$/

function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(?:;|$)/i.test(contentType?.trim() ?? '')
}
