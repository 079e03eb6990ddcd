import type { Vendor, VendorId } from './vendor.ts'

/** Loads how a vendor's logins are made; what it needs of packages is loaded with it. */
export async function loadVendor(id: VendorId): Promise<Vendor> {
  switch (id) {
    case 'claude':
      return (await import('./claude.ts')).claude
    case 'codex':
      return (await import('./codex.ts')).codex
    case 'gemini':
      return (await import('./gemini.ts')).gemini
    case 'qwen':
      return (await import('./qwen.ts')).qwen
    case 'kimi':
      return (await import('./kimi.ts')).kimi
    case 'xai':
      return (await import('./xai.ts')).xai
    case 'vertex':
      return (await import('./vertex.ts')).vertex
  }
}
