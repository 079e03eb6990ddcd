/** The command that makes a new login of this vendor; an empty name stands for any. */
export function loginCommand(vendor: string): string {
  if (vendor === 'vertex') return 'cliproxy login vertex --key-file FILE'
  return `cliproxy login ${vendor === '' ? 'VENDOR' : vendor}`
}
