import { readFileSync } from 'node:fs'

const MEGABYTE = 1024 * 1024

/** What the system may keep of two connections, each with a buffer on both sides, and the proxy between them. In bytes. */
export const BUFFERED_MAX = 2 * (bufferMax('rmem') + bufferMax('wmem')) + 16 * MEGABYTE

/** More than fits into them. In bytes. */
export const MORE_THAN_BUFFERED = BUFFERED_MAX + 16 * MEGABYTE

/** The largest buffer that the system grows a connection's to; where it does not say, a generous guess. */
function bufferMax(name: 'rmem' | 'wmem'): number {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv4/tcp_${name}`, 'utf8').trim().split(/\s+/)[2])
  } catch {
    return 8 * MEGABYTE
  }
}
