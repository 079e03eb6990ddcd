/**
 * An account's proxy as `fetch` takes it: absent, the environment's variables count; `direct` leaves those aside too.
 *
 * @see https://bun.com/docs/guides/http/proxy
 */
export function fetchProxyFor(proxyUrl: string | undefined): string | false | undefined {
  return proxyUrl === 'direct' ? false : proxyUrl
}
