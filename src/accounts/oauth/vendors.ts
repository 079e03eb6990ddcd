import type { Vendor, VendorId } from './vendor.ts'

/** Loads how a vendor's logins are made; what it needs of packages is loaded with it. */
export function loadVendor(_id: VendorId): Promise<Vendor> {
  throw new Error('not built yet')
}
