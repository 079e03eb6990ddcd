import { fetchProxyFor } from '../../lib/fetch-proxy.ts'
import type { VendorContext } from './vendor.ts'

/** What vendors are asked with, through a login's proxy if it has one. */
export function vendorFetch(proxyUrl: string | undefined): VendorContext['fetch'] {
  const proxy = fetchProxyFor(proxyUrl)
  return (url, init) => fetch(url, { ...init, proxy })
}
