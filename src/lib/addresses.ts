/** True for the addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[/, '').replace(/\]$/, '').toLowerCase()
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || /^127(?:\.\d{1,3}){3}$/.test(bare)
}

/** The address of a peer: an IPv6 socket has a mark before those of IPv4. */
export function peerAddress(address: string): string {
  return address.replace(/^::ffff:/i, '')
}

/** True for the words that mean every interface of the machine. */
export function isEveryInterface(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::' || host === '[::]'
}
