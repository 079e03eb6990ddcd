/** What makes an account this one and no other. */
export interface AccountIdentity {
  readonly provider: string
  readonly baseUrl: string
  /** The proxy set on the account itself: a change of the global one makes no other accounts. */
  readonly proxyUrl?: string
  readonly prefix?: string
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The account's id: 16 hex digits of a SHA-256, the same in every run. `copy` tells accounts apart that agree in
 * everything: 0 is the first of them.
 */
export function accountIdFor(identity: AccountIdentity, copy: number): string {
  const { provider, baseUrl, proxyUrl = '', prefix = '', secret, headers } = identity
  const sorted = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const parts = [provider, baseUrl, proxyUrl, prefix, secret, sorted, copy]
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
