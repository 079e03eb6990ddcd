import type { Server } from 'bun'
import { isLoopback, peerAddress } from '../lib/addresses.ts'
import type { EdgeContext } from './context.ts'

/** What a proxy in front of this one adds, and what a browser says of the page that asks. */
const FOREIGN_HEADERS = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via', 'origin'] as const

/**
 * True for a program on this machine that asked this very server: its socket and the host it named are loopback, and
 * nothing says that it speaks for somebody else. A page in a browser does not count: any site may make it ask.
 */
export function isLocalPeer(
  { isLoopback: isReachedLocally }: Pick<EdgeContext, 'isLoopback'>,
  request: Request,
  server: Pick<Server<unknown>, 'requestIP'> | null,
): boolean {
  const { headers } = request
  if (!isLoopback(hostOf(headers.get('host'))) || FOREIGN_HEADERS.some((name) => headers.has(name))) return false
  return isReachedLocally || isLoopback(peerAddress(server?.requestIP(request)?.address ?? ''))
}

/** The name without its port. */
function hostOf(host: string | null): string {
  return host?.replace(/:\d+$/, '') ?? ''
}
